{{ config(materialized='view') }}

with missing_units as (
    select * from {{ ref('silent') }} where reason = 'missing' and parent_code is not null
),

-- Few slots have somebody missing below a parent: only there the siblings are looked at.
suspect_groups as (
    select distinct
        campaign_id,
        slot_id,
        parent_code
    from missing_units
),

siblings as (
    select
        slot_status.campaign_id,
        slot_status.slot_id,
        units.parent_code,
        slot_status.unit_code
    from {{ ref('fct_slot_status') }} as slot_status
    inner join {{ ref('stg_units') }} as units
        on slot_status.campaign_id = units.campaign_id and slot_status.unit_code = units.unit_code
    inner join suspect_groups
        on
            slot_status.campaign_id = suspect_groups.campaign_id
            and slot_status.slot_id = suspect_groups.slot_id
            and units.parent_code = suspect_groups.parent_code
    where slot_status.is_owed
)

select * from siblings
