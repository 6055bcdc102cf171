{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_changed_slots', ['campaign_id', 'slot_id']) }}",
) }}

with changed_slots as (
    select * from {{ ref('int_changed_slots') }}
),

slots as (
    select * from {{ ref('stg_slots') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

exempt_days as (
    select * from {{ ref('int_exempt_days') }}
),

submissions as (
    select * from {{ ref('stg_submissions') }}
),

owing as (
    select
        slots.campaign_id,
        units.unit_code,
        slots.slot_id,
        exempt_days.exempt_date is null as is_owed,
        exempt_days.exempt_reason
    from slots
    inner join changed_slots
        on slots.campaign_id = changed_slots.campaign_id and slots.slot_id = changed_slots.slot_id
    inner join units
        on
            slots.campaign_id = units.campaign_id
            and slots.level = units.level
            and units.kind = 'unit'
            and slots.slot_date >= coalesce(units.opened_on, slots.slot_date)
            and slots.slot_date <= coalesce(units.closed_on, slots.slot_date)
    left join exempt_days
        on
            units.campaign_id = exempt_days.campaign_id
            and units.unit_code = exempt_days.unit_code
            and slots.slot_date = exempt_days.exempt_date
),

received as (
    select
        campaign_id,
        unit_code,
        slot_id,
        min(received_at) as first_received_at,
        min(received_at) filter (where is_valid) as first_valid_at,
        count(*) as version_count
    from submissions
    where
        unit_code is not null
        and (campaign_id, slot_id) in (select (changed_slots.campaign_id, changed_slots.slot_id) from changed_slots)
    group by campaign_id, unit_code, slot_id
),

owed_or_received as (
    select
        coalesce(owing.campaign_id, received.campaign_id) as campaign_id,
        coalesce(owing.unit_code, received.unit_code) as unit_code,
        coalesce(owing.slot_id, received.slot_id) as slot_id,
        coalesce(owing.is_owed, false) as is_owed,
        owing.exempt_reason,
        received.first_received_at,
        received.first_valid_at,
        coalesce(received.version_count, 0) as version_count
    from owing
    full outer join received
        on
            owing.campaign_id = received.campaign_id
            and owing.unit_code = received.unit_code
            and owing.slot_id = received.slot_id
),

with_status as (
    select
        owed_or_received.campaign_id,
        owed_or_received.unit_code,
        owed_or_received.slot_id,
        units.level,
        changed_slots.slot_date,
        changed_slots.cutoff_at,
        changed_slots.closes_at,
        owed_or_received.is_owed,
        case
            when not owed_or_received.is_owed and owed_or_received.version_count > 0 then 'unsolicited'
            when not owed_or_received.is_owed then 'exempt'
            when owed_or_received.version_count = 0 then 'missing'
            when owed_or_received.first_valid_at is null then 'invalid'
            when owed_or_received.first_valid_at <= changed_slots.closes_at then 'on_time'
            else 'late'
        end as status,
        owed_or_received.first_received_at,
        owed_or_received.first_valid_at,
        {{ minutes_late('owed_or_received.first_valid_at', 'changed_slots.cutoff_at') }} as minutes_late,
        owed_or_received.version_count,
        owed_or_received.exempt_reason
    from owed_or_received
    inner join changed_slots
        on
            owed_or_received.campaign_id = changed_slots.campaign_id
            and owed_or_received.slot_id = changed_slots.slot_id
    inner join units
        on owed_or_received.campaign_id = units.campaign_id and owed_or_received.unit_code = units.unit_code
)

select * from with_status
