{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget('int_changed_quality_days', ['campaign_id', 'day']) }}",
) }}

with changed_days as (
    select * from {{ ref('int_changed_quality_days') }}
),

slot_status as (
    select
        *,
        slot_date as day
    from {{ ref('fct_slot_status') }}
    where
        is_owed
        and (campaign_id, slot_date) in (select (changed_days.campaign_id, changed_days.day) from changed_days)
),

figures as (
    select * from {{ ref('fct_figures') }} where slot_id is not null and cell <> 'withdrawn'
),

indicators as (
    select * from {{ ref('stg_indicators') }} where is_required
),

required as (
    select
        campaign_id,
        count(*) as cells_a_slot
    from indicators
    group by campaign_id
),

owed as (
    select
        slot_status.campaign_id,
        slot_status.unit_code,
        slot_status.day,
        count(*) as slots_owed,
        count(*) filter (where slot_status.status = 'on_time') as slots_on_time,
        count(*) * coalesce(any_value(required.cells_a_slot), 0) as cells_owed
    from slot_status
    left join required on slot_status.campaign_id = required.campaign_id
    group by slot_status.campaign_id, slot_status.unit_code, slot_status.day
),

present as (
    select
        slot_status.campaign_id,
        slot_status.unit_code,
        slot_status.day,
        count(distinct concat_ws('|', figures.slot_id, figures.indicator_id)) as cells_present
    from slot_status
    inner join figures
        on
            slot_status.unit_code = figures.unit_code
            and slot_status.slot_id = figures.slot_id
            and slot_status.campaign_id = figures.campaign_id
    inner join indicators
        on figures.campaign_id = indicators.campaign_id and figures.indicator_id = indicators.indicator_id
    group by slot_status.campaign_id, slot_status.unit_code, slot_status.day
),

counts as (
    select
        owed.*,
        coalesce(present.cells_present, 0) as cells_present
    from owed
    left join present
        on
            owed.campaign_id = present.campaign_id
            and owed.unit_code = present.unit_code
            and owed.day = present.day
)

select * from counts
