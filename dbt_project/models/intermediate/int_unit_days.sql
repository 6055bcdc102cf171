{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget('int_changed_days', ['campaign_id', 'indicator_id', 'as_of_date']) }}",
) }}

-- depends_on: {{ ref('int_changed_days') }}
with own_days as (
    select * from {{ ref('int_own_days') }}
    {% if is_incremental() %}
        where (campaign_id, indicator_id, as_of_date) in (
            select (campaign_id, indicator_id, as_of_date) from {{ ref('int_changed_days') }}
        )
    {% endif %}
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

starts as (
    select * from {{ ref('int_unit_starts') }}
),

slot_days as (
    select * from {{ ref('int_slot_days') }}
),

exempt_days as (
    select * from {{ ref('int_exempt_days') }}
),

-- A unit's own report is its value only as long as nobody below it has ever reported.
reported as (
    select
        own_days.campaign_id,
        own_days.indicator_id,
        own_days.unit_code,
        units.level,
        own_days.as_of_date,
        own_days.own_value as value,
        'reported' as value_basis,
        own_days.last_as_of_date,
        own_days.is_held or (
            own_days.last_as_of_date < own_days.as_of_date
            and slot_days.slot_date is not null
            and exempt_days.exempt_date is null
            and units.kind = 'unit'
            and own_days.as_of_date >= coalesce(units.opened_on, own_days.as_of_date)
            and own_days.as_of_date <= coalesce(units.closed_on, own_days.as_of_date)
        ) as is_provisional,
        own_days.day_value
    from own_days
    inner join units
        on own_days.campaign_id = units.campaign_id and own_days.unit_code = units.unit_code
    inner join starts
        on
            own_days.campaign_id = starts.campaign_id
            and own_days.indicator_id = starts.indicator_id
            and own_days.unit_code = starts.unit_code
            and starts.below_first_on is null
    left join slot_days
        on
            own_days.campaign_id = slot_days.campaign_id
            and units.level = slot_days.level
            and own_days.as_of_date = slot_days.slot_date
    left join exempt_days
        on
            own_days.campaign_id = exempt_days.campaign_id
            and own_days.unit_code = exempt_days.unit_code
            and own_days.as_of_date = exempt_days.exempt_date
    where own_days.own_value is not null
),

from_below as (
    select
        reported.campaign_id,
        reported.indicator_id,
        ancestors.ancestor_code as unit_code,
        any_value(units.level) as level,
        reported.as_of_date,
        round(sum(reported.value), 6) as value,
        'children' as value_basis,
        max(reported.last_as_of_date) as last_as_of_date,
        bool_or(reported.is_provisional) as is_provisional,
        round(sum(reported.day_value), 6) as day_value
    from reported
    inner join ancestors
        on reported.campaign_id = ancestors.campaign_id and reported.unit_code = ancestors.unit_code
    inner join units
        on ancestors.campaign_id = units.campaign_id and ancestors.ancestor_code = units.unit_code
    group by reported.campaign_id, reported.indicator_id, ancestors.ancestor_code, reported.as_of_date
)

select * from reported
union all
select * from from_below
