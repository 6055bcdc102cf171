-- A meeting has a briefing as soon as the last slot of its board's day has closed, so that it can be prepared.
with meetings as (
    select * from {{ ref('dim_meeting') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

days as (
    select * from {{ ref('int_days') }}
),

slots as (
    select
        campaign_id,
        slot_date,
        max(closes_at) as closes_at
    from {{ ref('stg_slots') }}
    group by campaign_id, slot_date
),

with_board as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        meetings.meeting_date,
        meetings.held_at,
        meetings.board_date,
        campaigns.board_indicator_id,
        campaigns.board_level,
        lag(meetings.held_at) over in_order as previous_held_at,
        cast(cast(campaigns.starts_on as timestamp) at time zone campaigns.time_zone as timestamptz) as campaign_from,
        coalesce(slots.closes_at, cast(meetings.board_date + 1 as timestamp) at time zone campaigns.time_zone)
        <= campaigns.horizon_at as is_complete
    from meetings
    inner join campaigns on meetings.campaign_id = campaigns.campaign_id
    inner join days on meetings.campaign_id = days.campaign_id and meetings.board_date = days.as_of_date
    left join slots on meetings.campaign_id = slots.campaign_id and meetings.board_date = slots.slot_date
    window in_order as (partition by meetings.campaign_id order by meetings.held_at, meetings.meeting_id)
),

-- What the board of the last meeting said is what a meeting moves on from; two meetings over one board have the same.
with_since as (
    select
        with_board.*,
        coalesce(with_board.previous_held_at, with_board.campaign_from) as since_at,
        max(earlier.board_date) as since_date
    from with_board
    left join with_board as earlier
        on with_board.campaign_id = earlier.campaign_id and with_board.board_date > earlier.board_date
    where with_board.is_complete
    group by all
)

select
    campaign_id,
    meeting_id,
    meeting_date,
    held_at,
    since_at,
    board_date,
    since_date,
    board_indicator_id,
    board_level
from with_since
