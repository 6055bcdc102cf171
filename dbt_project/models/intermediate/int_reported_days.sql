{{ config(materialized='view') }}

with own_days as (
    select * from {{ ref('int_then_days') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

units as (
    select * from {{ ref('stg_unit_periods') }}
),

starts as (
    select * from {{ ref('int_unit_starts') }}
),

slot_days as (
    select * from {{ ref('int_slot_days') }}
),

owed_days as (
    select * from {{ ref('int_owed_days') }}
),

owing_levels as (
    select distinct
        campaign_id,
        level
    from slot_days
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
            own_days.last_as_of_date < own_days.as_of_date and owed_days.slot_date is not null
        ) as is_provisional,
        case
            when own_days.is_held then 'held'
            when own_days.last_as_of_date < own_days.as_of_date and owed_days.slot_date is not null then 'silent'
        end as provisional_reason,
        own_days.last_as_of_date < own_days.as_of_date and owing_levels.level is null as is_old,
        own_days.day_value,
        indicators.kind
    from own_days
    inner join indicators
        on own_days.campaign_id = indicators.campaign_id and own_days.indicator_id = indicators.indicator_id
    inner join units
        on
            own_days.campaign_id = units.campaign_id
            and own_days.unit_code = units.unit_code
            and own_days.as_of_date >= units.valid_from
            and own_days.as_of_date <= units.valid_to
    inner join starts
        on
            own_days.campaign_id = starts.campaign_id
            and own_days.indicator_id = starts.indicator_id
            and own_days.unit_code = starts.unit_code
            and starts.below_first_on is null
    left join owing_levels on own_days.campaign_id = owing_levels.campaign_id and units.level = owing_levels.level
    left join owed_days
        on
            own_days.campaign_id = owed_days.campaign_id
            and own_days.unit_code = owed_days.unit_code
            and own_days.as_of_date = owed_days.slot_date
    where own_days.own_value is not null
),

-- Two readings of a level: what the day's accepted reports say, and beside it the last good values of those held or silent.
-- Increments carry nothing: their sum holds what was accepted, and no more.
readings as (
    select
        * exclude (is_old, kind),
        case when kind = 'increment' or not (is_provisional or is_old) then value end as value_accepted,
        1 as units_in_value,
        cast(is_provisional or is_old as integer) as units_carried
    from reported
)

select * from readings
