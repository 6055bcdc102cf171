-- The boards that good practice compares: those of the campaign's meetings, or the last of each week where it has none.
with campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

days as (
    select * from {{ ref('int_days') }}
),

meetings as (
    select * from {{ ref('stg_meetings') }}
),

newest_days as (
    select
        campaign_id,
        max(as_of_date) as newest_date
    from days
    group by campaign_id
),

of_meetings as (
    select
        meetings.campaign_id,
        'meeting' as period_kind,
        meetings.board_date as as_of_date,
        min_by(meetings.meeting_id, meetings.held_at) as period
    from meetings
    inner join campaigns
        on meetings.campaign_id = campaigns.campaign_id and meetings.held_at <= campaigns.horizon_at
    inner join newest_days
        on meetings.campaign_id = newest_days.campaign_id and meetings.board_date <= newest_days.newest_date
    group by meetings.campaign_id, meetings.board_date
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
