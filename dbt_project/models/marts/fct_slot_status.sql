{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_changed_slots', ['campaign_id', 'slot_id']) }}",
) }}

with changed_slots as (
    select * from {{ ref('int_changed_slots') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

expected as (
    select *
    from {{ ref('int_expected_slots') }}
    where (campaign_id, slot_id) in (select (campaign_id, slot_id) from {{ ref('int_changed_slots') }})
),

received as (
    select
        campaign_id,
        unit_code,
        slot_id,
        min(received_at) as first_received_at,
        min(received_at) filter (where is_valid) as first_valid_at,
        bool_or(lane in ('held', 'accepted')) as is_readable,
        count(*) as version_count
    from {{ ref('int_slot_versions') }}
    where (campaign_id, slot_id) in (select (campaign_id, slot_id) from {{ ref('int_changed_slots') }})
    group by campaign_id, unit_code, slot_id
),

owed_or_received as (
    select
        coalesce(expected.campaign_id, received.campaign_id) as campaign_id,
        coalesce(expected.unit_code, received.unit_code) as unit_code,
        coalesce(expected.slot_id, received.slot_id) as slot_id,
        coalesce(expected.is_owed, false) as is_owed,
        expected.owed_number,
        expected.exempt_reason,
        expected.exempt_author,
        expected.extended_until,
        expected.extension_reason,
        expected.extension_author,
        received.first_received_at,
        received.first_valid_at,
        coalesce(received.is_readable, false) as is_readable,
        coalesce(received.version_count, 0) as version_count
    from expected
    full outer join received
        on
            expected.campaign_id = received.campaign_id
            and expected.unit_code = received.unit_code
            and expected.slot_id = received.slot_id
),

with_status as (
    select
        owed_or_received.*,
        units.level,
        changed_slots.slot_date,
        changed_slots.cutoff_at,
        changed_slots.closes_at,
        case
            when not owed_or_received.is_owed and owed_or_received.version_count > 0 then 'unsolicited'
            when not owed_or_received.is_owed then 'exempt'
            when owed_or_received.version_count = 0 then 'missing'
            when owed_or_received.first_valid_at is null then 'invalid'
            when owed_or_received.first_valid_at <= changed_slots.closes_at then 'on_time'
            else 'late'
        end as status
    from owed_or_received
    inner join changed_slots
        on
            owed_or_received.campaign_id = changed_slots.campaign_id
            and owed_or_received.slot_id = changed_slots.slot_id
    inner join units
        on owed_or_received.campaign_id = units.campaign_id and owed_or_received.unit_code = units.unit_code
),

slot_status as (
    select
        campaign_id,
        unit_code,
        slot_id,
        level,
        slot_date,
        cutoff_at,
        closes_at,
        is_owed,
        owed_number,
        status,
        first_received_at,
        first_valid_at,
        case when is_owed then {{ minutes_late('first_valid_at', 'cutoff_at') }} end as minutes_late,
        version_count,
        status = 'invalid' and is_readable as is_held,
        exempt_reason,
        exempt_author,
        status = 'late' and coalesce(first_valid_at <= extended_until, false) as is_extended,
        extended_until,
        extension_reason,
        extension_author
    from with_status
)

select * from slot_status
