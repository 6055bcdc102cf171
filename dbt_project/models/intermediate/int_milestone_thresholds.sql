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

spans as (
    select * from {{ ref('int_unit_spans') }}
),

-- Of units that the crosswalk touches, those that are there on the due day.
owing as (
    select
        milestones.*,
        units.unit_code,
        coalesce(spans.first_on, date '0001-01-01') as unit_first_on,
        coalesce(spans.last_on, date '9999-12-31') as unit_last_on
    from milestones
    inner join units on milestones.campaign_id = units.campaign_id and milestones.level = units.level
    left join spans
        on
            units.campaign_id = spans.campaign_id
            and units.unit_code = spans.unit_code
            and milestones.target_until >= spans.first_on
            and milestones.target_until <= spans.last_on
    where
        spans.unit_code is not null
        or (units.campaign_id, units.unit_code) not in (select (s.campaign_id, s.unit_code) from spans as s)
),

-- The target of the due day; of the last day known where none is due.
thresholds as (
    select
        owing.campaign_id,
        owing.milestone_id,
        owing.unit_code,
        owing.level,
        owing.indicator_id,
        owing.threshold_pct,
        coalesce(
            any_value(owing.threshold_value),
            any_value(owing.threshold_pct) * arg_max(targets.target, targets.valid_from) / 100
        ) as threshold_value,
        owing.due_at,
        owing.due_date,
        owing.unit_first_on,
        owing.unit_last_on,
        owing.consequence_vi,
        owing.consequence_en
    from owing
    left join targets
        on
            owing.campaign_id = targets.campaign_id
            and owing.unit_code = targets.unit_code
            and owing.indicator_id = targets.indicator_id
            and targets.valid_from <= owing.target_until
    group by
        owing.campaign_id,
        owing.milestone_id,
        owing.unit_code,
        owing.level,
        owing.indicator_id,
        owing.threshold_pct,
        owing.due_at,
        owing.due_date,
        owing.unit_first_on,
        owing.unit_last_on,
        owing.consequence_vi,
        owing.consequence_en
)

select * from thresholds
