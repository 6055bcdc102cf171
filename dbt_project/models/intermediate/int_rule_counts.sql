{{ config(materialized='view') }}

with checks as (
    select * from {{ ref('stg_checks') }}
),

warehouse_checks as (
    select * from {{ ref('int_warehouse_checks') }}
),

warehouse_failures as (
    select * from {{ ref('int_warehouse_failures') }}
),

rules as (
    select * from {{ ref('stg_rules') }} where is_latest
),

recent_slots as (
    select * from {{ ref('int_recent_slots') }}
),

recent_days as (
    select * from {{ ref('int_recent_days') }}
),

of_files as (
    select * from {{ ref('int_rule_file_counts') }}
),

-- Rules of the gate: counted there, by slot.
of_gate as (
    select
        checks.campaign_id,
        checks.rule_id,
        sum(checks.checks_applied) as checks_applied,
        sum(checks.checks_failed) as checks_failed,
        sum(checks.reports_judged) filter (where recent_slots.slot_id is not null) as recent_judged,
        sum(checks.reports_failed) filter (where recent_slots.slot_id is not null) as recent_failed
    from checks
    left join recent_slots on checks.campaign_id = recent_slots.campaign_id and checks.slot_id = recent_slots.slot_id
    group by checks.campaign_id, checks.rule_id
),

of_warehouse as (
    select
        rules.campaign_id,
        rules.rule_id,
        count(*) as checks_applied,
        count(*) filter (where warehouse_checks.judged_on >= recent_days.first_date) as recent_judged
    from rules
    inner join warehouse_checks
        on rules.campaign_id = warehouse_checks.campaign_id and rules.relation = warehouse_checks.relation
    left join recent_days on rules.campaign_id = recent_days.campaign_id
    where rules.place = 'warehouse'
    group by rules.campaign_id, rules.rule_id
),

of_warehouse_failed as (
    select
        warehouse_failures.campaign_id,
        warehouse_failures.rule_id,
        count(*) as checks_failed,
        count(*) filter (where warehouse_failures.judged_on >= recent_days.first_date) as recent_failed
    from warehouse_failures
    left join recent_days on warehouse_failures.campaign_id = recent_days.campaign_id
    group by warehouse_failures.campaign_id, warehouse_failures.rule_id
),

counts as (
    select * from of_gate
    union all by name
    select * from of_files
    union all by name
    select * from of_warehouse
    union all by name
    select * from of_warehouse_failed
)

select * from counts
