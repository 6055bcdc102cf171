with thresholds as (
    select * from {{ ref('int_milestone_thresholds') }}
),

progress as (
    select * from {{ ref('progress') }}
),

as_now as (
    select * from {{ ref('progress_as_now') }}
),

days as (
    select * from {{ ref('int_days') }}
),

last_days as (
    select
        campaign_id,
        max(as_of_date) as as_of_date
    from days
    group by campaign_id
),

-- Of a unit that is no more, its last day.
latest as (
    select
        thresholds.milestone_id,
        progress.campaign_id,
        progress.unit_code,
        progress.as_of_date,
        progress.value,
        progress.target,
        progress.attained_pct,
        progress.actual_pace,
        progress.increment_1d,
        as_now.actual_pace as pace_as_now
    from thresholds
    inner join last_days on thresholds.campaign_id = last_days.campaign_id
    inner join progress
        on
            thresholds.campaign_id = progress.campaign_id
            and thresholds.indicator_id = progress.indicator_id
            and thresholds.unit_code = progress.unit_code
            and least(last_days.as_of_date, thresholds.unit_last_on) = progress.as_of_date
            and thresholds.unit_first_on <= progress.as_of_date
    left join as_now
        on
            progress.campaign_id = as_now.campaign_id
            and progress.indicator_id = as_now.indicator_id
            and progress.unit_code = as_now.unit_code
            and progress.as_of_date = as_now.as_of_date
)

select * from latest
