-- The boards that good practice compares: of meetings as soon as they are complete, or the last of each week where a campaign has none.
with days as (
    select * from {{ ref('int_days') }}
),

meetings as (
    select * from {{ ref('stg_meetings') }}
),

complete as (
    select * from {{ ref('int_briefing_meetings') }}
),

of_meetings as (
    select
        campaign_id,
        'meeting' as period_kind,
        board_date as as_of_date,
        min_by(meeting_id, held_at) as period
    from complete
    group by campaign_id, board_date
),

of_weeks as (
    select
        campaign_id,
        'week' as period_kind,
        max(as_of_date) as as_of_date,
        strftime(as_of_date, '%G-W%V') as period
    from days
    where campaign_id not in (select meetings.campaign_id from meetings)
    group by campaign_id, strftime(as_of_date, '%G-W%V')
),

boards as (
    select * from of_meetings
    union all
    select * from of_weeks
),

with_previous as (
    select
        *,
        lag(as_of_date) over (partition by campaign_id order by as_of_date) as previous_date
    from boards
)

select * from with_previous
