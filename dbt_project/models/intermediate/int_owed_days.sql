{{ config(materialized='view') }}

with obligations as (
    select * from {{ ref('stg_obligations') }}
),

slots as (
    select distinct
        campaign_id,
        slot_id,
        slot_name,
        slot_date
    from {{ ref('stg_slots') }}
    where (campaign_id, slot_date) in (select (campaign_id, as_of_date) from {{ ref('int_changed_days') }})
),

exempt_slots as (
    select * from {{ ref('int_exempt_slots') }}
),

owed_days as (
    select distinct
        obligations.campaign_id,
        obligations.unit_code,
        slots.slot_date
    from obligations
    inner join slots
        on
            obligations.campaign_id = slots.campaign_id
            and obligations.slot_name = slots.slot_name
            and slots.slot_date >= obligations.first_on
            and slots.slot_date <= obligations.last_on
    anti join exempt_slots
        on
            obligations.campaign_id = exempt_slots.campaign_id
            and obligations.unit_code = exempt_slots.unit_code
            and slots.slot_id = exempt_slots.slot_id
)

select * from owed_days
