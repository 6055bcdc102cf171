{{ config(materialized='view') }}

with failures as (
    select * from {{ ref('int_warehouse_failures') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

slots as (
    select distinct
        campaign_id,
        slot_id,
        slot_name,
        slot_date,
        cutoff_at
    from {{ ref('stg_slots') }}
),

with_words as (
    select
        failures.*,
        units.unit_name || ' (' || failures.unit_code || ')' as unit_text,
        indicators.name_vi as indicator_vi,
        indicators.name_en as indicator_en,
        slots.slot_name || ' ngày ' || strftime(slots.slot_date, '%d/%m/%Y') as slot_vi,
        slots.slot_name || ' of ' || strftime(slots.slot_date, '%Y-%m-%d') as slot_en,
        strftime(slots.cutoff_at at time zone failures.time_zone, '%H:%M ngày %d/%m/%Y') as cutoff_vi,
        strftime(slots.cutoff_at at time zone failures.time_zone, '%Y-%m-%d %H:%M') as cutoff_en
    from failures
    left join units on failures.campaign_id = units.campaign_id and failures.unit_code = units.unit_code
    left join indicators
        on failures.campaign_id = indicators.campaign_id and failures.indicator_id = indicators.indicator_id
    left join slots on failures.campaign_id = slots.campaign_id and failures.slot_id = slots.slot_id
),

findings as (
    select
        finding_id,
        campaign_id,
        rule_id,
        dimension,
        severity,
        case when is_shadow or is_waived then 'none' else severity end as effect,
        case when is_shadow then 'shadow' when is_waived then 'waiver' end as effect_reason,
        rule_version,
        responsibility,
        unit_code,
        indicator_id,
        as_of,
        slot_id,
        raw as raw_text,
        value,
        expected,
        score,
        {{ worded('message_vi', 'vi') }} as message_vi,
        {{ worded('message_en', 'en') }} as message_en,
        {{ worded('remedy_vi', 'vi') }} as remedy_vi,
        {{ worded('remedy_en', 'en') }} as remedy_en,
        found_at
    from with_words
)

select * from findings
