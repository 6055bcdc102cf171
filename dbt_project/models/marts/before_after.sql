{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_compared_boards', ['campaign_id', 'comparison_id', 'indicator_id', 'as_of_date']) }}",
) }}

with boards as (
    select * from {{ ref('int_compared_boards') }}
),

unit_days as (
    select * from {{ ref('int_unit_days') }}
),

unit_changes as (
    select * from {{ ref('int_unit_changes') }}
),

days_before as (
    select
        *,
        before_from - 1 + cast(unnest(range(since - before_from + 1)) as integer) as as_of_date
    from (
        select distinct
            campaign_id,
            comparison_id,
            indicator_id,
            since,
            before_from
        from boards
    ) as compared
),

-- The time before: from the end of the day before it, or from the unit's first figure where that is later.
before as (
    select
        days_before.campaign_id,
        days_before.comparison_id,
        days_before.indicator_id,
        unit_days.unit_code,
        min(unit_days.as_of_date) as first_known_on,
        date_diff('day', min(unit_days.as_of_date), any_value(days_before.since) - 1) as before_days,
        arg_max(unit_days.value, unit_days.as_of_date) as value_before,
        arg_max(unit_days.value, unit_days.as_of_date) - arg_min(unit_days.value, unit_days.as_of_date) as growth_before
    from days_before
    inner join unit_days
        on
            days_before.campaign_id = unit_days.campaign_id
            and days_before.indicator_id = unit_days.indicator_id
            and days_before.as_of_date = unit_days.as_of_date
    group by days_before.campaign_id, days_before.comparison_id, days_before.indicator_id, unit_days.unit_code
),

-- A unit that took others in between, or gave them away, is no longer the one it is compared with.
changed as (
    select
        before.campaign_id,
        before.comparison_id,
        before.indicator_id,
        before.unit_code,
        min(unit_changes.changed_on) as changed_on
    from before
    inner join unit_changes
        on
            before.campaign_id = unit_changes.campaign_id
            and before.unit_code = unit_changes.unit_code
            and before.first_known_on < unit_changes.changed_on
    group by before.campaign_id, before.comparison_id, before.indicator_id, before.unit_code
),

growths as (
    select
        boards.campaign_id,
        boards.comparison_id,
        boards.indicator_id,
        unit_days.unit_code,
        boards.as_of_date,
        boards.name_vi as comparison_name_vi,
        boards.name_en as comparison_name_en,
        unit_days.level,
        boards.since,
        before.first_known_on + 1 as before_from,
        before.before_days,
        before.growth_before,
        date_diff('day', boards.since, boards.as_of_date) + 1 as after_days,
        unit_days.value - before.value_before as growth_after
    from boards
    inner join unit_days
        on
            boards.campaign_id = unit_days.campaign_id
            and boards.indicator_id = unit_days.indicator_id
            and boards.as_of_date = unit_days.as_of_date
    inner join before
        on
            boards.campaign_id = before.campaign_id
            and boards.comparison_id = before.comparison_id
            and boards.indicator_id = before.indicator_id
            and unit_days.unit_code = before.unit_code
    left join changed
        on
            before.campaign_id = changed.campaign_id
            and before.comparison_id = changed.comparison_id
            and before.indicator_id = changed.indicator_id
            and before.unit_code = changed.unit_code
    where changed.changed_on is null or boards.as_of_date < changed.changed_on
),

before_after as (
    select
        *,
        growth_before / nullif(before_days, 0) as pace_before,
        growth_after / after_days as pace_after,
        (growth_after / after_days) / nullif(greatest(growth_before / nullif(before_days, 0), 0), 0) as ratio
    from growths
)

select * from before_after
