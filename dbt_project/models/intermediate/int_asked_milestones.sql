{% set before = left_by_run_before('int_first_known') %}

with thresholds as (
    select * from {{ ref('int_milestone_thresholds') }} where threshold_value is not null
),

bounds as (
    select * from {{ ref('int_milestone_bounds') }}
),

now_dates as (
    select * from {{ ref('int_now_dates') }}
),

known as (
    {% if before %}
        select * from {{ before }}
    {% else %}
        select
            campaign_id,
            milestone_id,
            unit_code,
            threshold_value,
            cast(null as timestamptz) as first_known_at
        from thresholds
        where false
    {% endif %}
),

asked as (
    select
        thresholds.campaign_id,
        thresholds.milestone_id,
        thresholds.indicator_id,
        thresholds.unit_code,
        thresholds.threshold_value
    from thresholds
    left join now_dates on thresholds.campaign_id = now_dates.campaign_id
    left join bounds
        on
            thresholds.campaign_id = bounds.campaign_id
            and thresholds.indicator_id = bounds.indicator_id
            and thresholds.unit_code = bounds.unit_code
    left join known
        on
            thresholds.campaign_id = known.campaign_id
            and thresholds.milestone_id = known.milestone_id
            and thresholds.unit_code = known.unit_code
    where
        -- where units change, what was known is told in the units of now, which move on
        now_dates.campaign_id is not null
        or (
            known.unit_code is null
            and (thresholds.threshold_value <= 0 or bounds.highest_value * 1.000001 + 0.001 >= thresholds.threshold_value)
        )
        or (known.unit_code is not null and known.threshold_value is distinct from thresholds.threshold_value)
        or bounds.changed_from <= known.first_known_at
)

select * from asked
