{{ config(materialized='view') }}

with owed as (
    select * from {{ ref('int_quality_owed') }}
),

received as (
    select * from {{ ref('int_quality_received') }}
),

checked as (
    select * from {{ ref('int_quality_checked') }}
),

released as (
    select * from {{ ref('int_quality_released') }}
),

failures as (
    select * from {{ ref('int_warehouse_failures') }} where dimension = 'correct' and not is_shadow and not is_waived
),

failed as (
    select
        campaign_id,
        unit_code,
        judged_on as day,
        cast(sum(case severity when 'flag' then 0.5 else 1 end) as double) as checks_failed,
        count(*) filter (where severity = 'flag') as findings_flag,
        count(*) filter (where severity = 'hold') as findings_hold
    from failures
    group by campaign_id, unit_code, judged_on
),

counts as (
    select * from owed
    union all by name
    select * from received
    union all by name
    select * from checked
    union all by name
    select * from failed
    union all by name
    select * from released
)

select * from counts
