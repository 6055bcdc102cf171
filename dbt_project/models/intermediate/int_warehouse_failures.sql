{{ config(materialized='view') }}

with slot_status as (
    select * from {{ ref('fct_slot_status') }}
),

parent_sums as (
    select * from {{ ref('parent_sums') }}
),

rules as (
    select * from {{ ref('stg_rules') }} where is_on and place = 'warehouse'
),

figures as (
    select * from {{ ref('int_own_days') }} where received_at is not null
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

missing_slots as (
    select
        'slot_missing' as rule_id,
        campaign_id,
        unit_code,
        cast(null as varchar) as indicator_id,
        cast(null as timestamp) as as_of,
        slot_id,
        cast(null as double) as value,
        cast(null as double) as expected,
        closes_at as found_at
    from slot_status
    where status = 'missing'
),

differing_parents as (
    select
        'parent_sum' as rule_id,
        parent_sums.campaign_id,
        parent_sums.unit_code,
        parent_sums.indicator_id,
        cast(parent_sums.as_of_date as timestamp) as as_of,
        cast(null as varchar) as slot_id,
        parent_sums.reported_value as value,
        parent_sums.children_sum as expected,
        figures.received_at as found_at
    from parent_sums
    inner join rules on parent_sums.campaign_id = rules.campaign_id and rules.rule_id = 'parent_sum'
    inner join figures
        on
            parent_sums.campaign_id = figures.campaign_id
            and parent_sums.indicator_id = figures.indicator_id
            and parent_sums.unit_code = figures.unit_code
            and parent_sums.as_of_date = figures.as_of_date
    where abs(parent_sums.difference) > coalesce(cast(rules.params ->> 'tolerance' as double), 0)
),

failures as (
    select * from missing_slots
    union all
    select * from differing_parents
),

with_rule as (
    select
        md5(concat_ws(
            '|', 'warehouse', failures.rule_id, failures.campaign_id, failures.unit_code, failures.indicator_id,
            failures.as_of, failures.slot_id
        )) as finding_id,
        failures.*,
        rules.dimension,
        rules.severity,
        rules.rule_version,
        rules.responsibility,
        rules.message_vi,
        rules.message_en,
        rules.remedy_vi,
        rules.remedy_en,
        campaigns.time_zone
    from failures
    inner join rules on failures.campaign_id = rules.campaign_id and failures.rule_id = rules.rule_id
    inner join campaigns on failures.campaign_id = campaigns.campaign_id
)

select * from with_rule
