with thresholds as (
    select * from {{ ref('int_milestone_thresholds') }}
),

unit_days as (
    select * from {{ ref('int_unit_days') }}
),

now_days as (
    select * from {{ ref('int_now_days') }}
),

last_days as (
    select
        campaign_id,
        max(as_of_date) as as_of_date
    from {{ ref('int_days') }}
    group by campaign_id
),

-- A unit's days before it was made are those of what became it.
values_of_units as (
    select
        thresholds.campaign_id,
        thresholds.milestone_id,
        thresholds.unit_code,
        unit_days.as_of_date,
        unit_days.value
    from thresholds
    inner join unit_days
        on
            thresholds.campaign_id = unit_days.campaign_id
            and thresholds.indicator_id = unit_days.indicator_id
            and thresholds.unit_code = unit_days.unit_code
            and thresholds.unit_first_on <= unit_days.as_of_date
            and thresholds.unit_last_on >= unit_days.as_of_date
            and thresholds.threshold_value <= unit_days.value

    union all

    select
        thresholds.campaign_id,
        thresholds.milestone_id,
        thresholds.unit_code,
        now_days.as_of_date,
        now_days.value
    from thresholds
    inner join last_days
        on thresholds.campaign_id = last_days.campaign_id and thresholds.unit_last_on >= last_days.as_of_date
    inner join now_days
        on
            thresholds.campaign_id = now_days.campaign_id
            and thresholds.indicator_id = now_days.indicator_id
            and thresholds.unit_code = now_days.unit_code
            and thresholds.unit_first_on > now_days.as_of_date
            and thresholds.threshold_value <= now_days.value
),

reached as (
    select
        campaign_id,
        milestone_id,
        unit_code,
        min(as_of_date) as reached_on
    from values_of_units
    group by campaign_id, milestone_id, unit_code
)

select * from reached
