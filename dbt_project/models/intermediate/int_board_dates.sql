with days as (
    select * from {{ ref('int_days') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

meetings as (
    select * from {{ ref('stg_meetings') }}
),

reporting_days as (
    select distinct
        campaign_id,
        slot_date
    from {{ ref('stg_slots') }}
),

with_slots as (
    select distinct campaign_id from reporting_days
),

first_days as (
    select
        campaign_id,
        min(as_of_date) as first_date
    from days
    group by campaign_id
),

previous_days as (
    select
        days.campaign_id,
        days.as_of_date,
        max(reporting_days.slot_date) as previous_date
    from days
    inner join reporting_days
        on days.campaign_id = reporting_days.campaign_id and days.as_of_date > reporting_days.slot_date
    group by days.campaign_id, days.as_of_date
),

last_meetings as (
    select
        days.campaign_id,
        days.as_of_date,
        max_by(meetings.meeting_id, (meetings.held_at, meetings.meeting_id)) as last_meeting_id,
        max_by(meetings.board_date, (meetings.held_at, meetings.meeting_id)) as last_meeting_date
    from days
    inner join meetings
        on days.campaign_id = meetings.campaign_id and days.as_of_date > meetings.board_date
    group by days.campaign_id, days.as_of_date
),

-- A campaign's first board is compared with the last one before it of the campaign that it follows.
board_dates as (
    select
        days.campaign_id,
        days.as_of_date,
        case when days.as_of_date = first_days.first_date then campaigns.follows else days.campaign_id end
            as previous_campaign_id,
        case
            when days.as_of_date = first_days.first_date and campaigns.follows is null then null
            when days.as_of_date = first_days.first_date then least(before.ends_on, days.as_of_date - 1)
            when with_slots.campaign_id is null then days.as_of_date - 1
            else previous_days.previous_date
        end as previous_board_date,
        last_meetings.last_meeting_id,
        last_meetings.last_meeting_date
    from days
    inner join campaigns on days.campaign_id = campaigns.campaign_id
    inner join first_days on days.campaign_id = first_days.campaign_id
    left join campaigns as before on campaigns.follows = before.campaign_id
    left join with_slots on days.campaign_id = with_slots.campaign_id
    left join previous_days
        on days.campaign_id = previous_days.campaign_id and days.as_of_date = previous_days.as_of_date
    left join last_meetings
        on days.campaign_id = last_meetings.campaign_id and days.as_of_date = last_meetings.as_of_date
)

select * from board_dates
