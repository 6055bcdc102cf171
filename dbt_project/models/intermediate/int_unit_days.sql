{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget('int_changed_days', ['campaign_id', 'indicator_id', 'as_of_date']) }}",
) }}

-- depends_on: {{ ref('int_changed_days') }}
with readings as (
    select * from {{ ref('int_reported_days') }}
),

ancestors as (
    select * from {{ ref('int_ancestor_periods') }}
),

from_below as (
    select
        readings.campaign_id,
        readings.indicator_id,
        ancestors.ancestor_code as unit_code,
        any_value(ancestors.ancestor_level) as level,
        readings.as_of_date,
        round(sum(readings.value), 6) as value,
        'children' as value_basis,
        max(readings.last_as_of_date) as last_as_of_date,
        bool_or(readings.is_provisional) as is_provisional,
        -- held before silent: somebody can decide about it
        min(readings.provisional_reason) as provisional_reason,
        round(sum(readings.day_value), 6) as day_value,
        round(sum(readings.value_accepted), 6) as value_accepted,
        cast(sum(readings.units_in_value) as integer) as units_in_value,
        cast(sum(readings.units_carried) as integer) as units_carried
    from readings
    inner join ancestors
        on
            readings.campaign_id = ancestors.campaign_id
            and readings.unit_code = ancestors.unit_code
            and readings.as_of_date >= ancestors.valid_from
            and readings.as_of_date <= ancestors.valid_to
    group by readings.campaign_id, readings.indicator_id, ancestors.ancestor_code, readings.as_of_date
)

select * from readings
union all
select * from from_below
