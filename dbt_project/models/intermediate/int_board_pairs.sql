with days as (
    select * from {{ ref('int_days') }}
),

board_dates as (
    select * from {{ ref('int_board_dates') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

slots as (
    select
        campaign_id,
        slot_date,
        max(closes_at) as closes_at
    from {{ ref('stg_slots') }}
    group by campaign_id, slot_date
),

newest as (
    select
        campaign_id,
        max(as_of_date) as as_of_date
    from days
    group by campaign_id
),

-- Of meetings that saw the same board the last one.
held as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        meetings.board_date,
        meetings.held_at
    from {{ ref('dim_meeting') }} as meetings
    inner join days
        on meetings.campaign_id = days.campaign_id and meetings.board_date = days.as_of_date
    where meetings.is_held
    qualify row_number() over (
        partition by meetings.campaign_id, meetings.board_date order by meetings.held_at desc, meetings.meeting_id desc
    ) = 1
),

between_meetings as (
    select
        campaign_id,
        board_date as as_of_date,
        'meeting' as since,
        meeting_id,
        lag(board_date) over in_order as since_date,
        lag(held_at) over in_order as old_known_at,
        held_at as new_known_at
    from held
    window in_order as (partition by campaign_id order by board_date)
),

since_last_meeting as (
    select
        newest.campaign_id,
        newest.as_of_date,
        'meeting' as since,
        cast(null as varchar) as meeting_id,
        max(held.board_date) as since_date,
        max_by(held.held_at, held.board_date) as old_known_at,
        campaigns.horizon_at as new_known_at
    from newest
    inner join held on newest.campaign_id = held.campaign_id
    inner join campaigns on newest.campaign_id = campaigns.campaign_id
    group by newest.campaign_id, newest.as_of_date, campaigns.horizon_at
    having max(held.board_date) < newest.as_of_date
),

-- A board is taken as shown at the end of its day, or when its last slot closed if that is later.
since_last_board as (
    select
        newest.campaign_id,
        newest.as_of_date,
        'board' as since,
        cast(null as varchar) as meeting_id,
        board_dates.previous_board_date as since_date,
        greatest(
            cast(board_dates.previous_board_date + 1 as timestamp) at time zone campaigns.time_zone, slots.closes_at
        ) as old_known_at,
        campaigns.horizon_at as new_known_at
    from newest
    inner join campaigns on newest.campaign_id = campaigns.campaign_id
    inner join board_dates
        on newest.campaign_id = board_dates.previous_campaign_id and newest.as_of_date = board_dates.as_of_date
    left join slots
        on board_dates.campaign_id = slots.campaign_id and board_dates.previous_board_date = slots.slot_date
),

pairs as (
    select * from between_meetings where since_date is not null
    union all
    select * from since_last_meeting
    union all
    select * from since_last_board
)

select * from pairs
