-- Meetings whose briefing this run makes: from the first day on of which boards or slots changed. What is known of a milestone may change
-- on every day since, and a day of a campaign without slots is complete only when the next one begins.
with meetings as (
    select * from {{ ref('int_briefing_meetings') }}
),

changed_days as (
    select
        campaign_id,
        as_of_date - 1 as as_of_date
    from {{ ref('int_changed_boards') }}

    union all

    select
        campaign_id,
        slot_date as as_of_date
    from {{ ref('int_changed_slots') }}
),

first_days as (
    select
        campaign_id,
        min(as_of_date) as first_date
    from changed_days
    group by campaign_id
),

changed_meetings as (
    select meetings.*
    from meetings
    inner join first_days
        on meetings.campaign_id = first_days.campaign_id and meetings.meeting_date >= first_days.first_date
)

select * from changed_meetings
