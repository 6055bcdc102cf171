{{ config(materialized='view') }}

with own_targets as (
    select * from {{ ref('int_own_targets') }}
),

targets as (
    select * from {{ ref('int_targets') }}
),

periods as (
    select * from {{ ref('stg_unit_periods') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

children as (
    select
        own_targets.campaign_id,
        own_targets.indicator_id,
        own_targets.unit_code,
        own_targets.valid_from,
        own_targets.target,
        round(sum(targets.target), 6) as children_target,
        count(*) as children_count,
        count(targets.target) as children_with_target
    from own_targets
    inner join periods
        on
            own_targets.campaign_id = periods.campaign_id
            and own_targets.unit_code = periods.parent_code
            and own_targets.valid_from >= periods.valid_from
            and own_targets.valid_from <= periods.valid_to
    left join targets
        on
            own_targets.campaign_id = targets.campaign_id
            and own_targets.indicator_id = targets.indicator_id
            and periods.unit_code = targets.unit_code
            and own_targets.valid_from = targets.valid_from
    group by
        own_targets.campaign_id, own_targets.indicator_id, own_targets.unit_code, own_targets.valid_from, own_targets.target
),

-- A disagreement is told once, on the day from which it holds, and again when either side changes.
changed as (
    select *
    from children
    window series as (partition by campaign_id, indicator_id, unit_code order by valid_from)
    qualify
        target is distinct from lag(target) over series
        or children_target is distinct from lag(children_target) over series
),

checked as (
    select
        changed.*,
        cast(changed.valid_from as timestamp) as as_of,
        cast(null as varchar) as slot_id,
        changed.target as value,
        changed.children_target as expected,
        changed.valid_from as judged_on,
        cast(changed.valid_from as timestamp) at time zone campaigns.time_zone as found_at
    from changed
    inner join campaigns on changed.campaign_id = campaigns.campaign_id
    where changed.valid_from <= campaigns.horizon_date
)

select * from checked
