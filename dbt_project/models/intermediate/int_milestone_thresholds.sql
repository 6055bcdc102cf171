with milestones as (
    select
        *,
        coalesce(due_date, date '9999-12-31') as target_until
    from {{ ref('stg_milestones') }}
),

units as (
    select * from {{ ref('stg_units') }} where kind = 'unit'
),

targets as (
    select * from {{ ref('int_targets') }}
),

-- The target of the due day; of the last day known where none is due.
thresholds as (
    select
        milestones.campaign_id,
        milestones.milestone_id,
        units.unit_code,
        milestones.level,
        milestones.indicator_id,
        milestones.threshold_pct,
        coalesce(
            any_value(milestones.threshold_value),
            any_value(milestones.threshold_pct) * arg_max(targets.target, targets.valid_from) / 100
        ) as threshold_value,
        milestones.due_at,
        milestones.due_date,
        milestones.consequence_vi,
        milestones.consequence_en
    from milestones
    inner join units on milestones.campaign_id = units.campaign_id and milestones.level = units.level
    left join targets
        on
            units.campaign_id = targets.campaign_id
            and units.unit_code = targets.unit_code
            and milestones.indicator_id = targets.indicator_id
            and targets.valid_from <= milestones.target_until
    group by
        milestones.campaign_id,
        milestones.milestone_id,
        units.unit_code,
        milestones.level,
        milestones.indicator_id,
        milestones.threshold_pct,
        milestones.due_at,
        milestones.due_date,
        milestones.consequence_vi,
        milestones.consequence_en
)

select * from thresholds
