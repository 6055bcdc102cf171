{{ config(materialized='view') }}

with findings as (
    select * from {{ ref('stg_findings') }} where submission_id is null
),

files as (
    select * from {{ ref('stg_batches') }} where status in ('read', 'unreadable', 'duplicate')
),

rules as (
    select * from {{ ref('stg_rules') }} where is_latest
),

recent_days as (
    select * from {{ ref('int_recent_days') }}
),

-- Rules about whole files: each file is a check.
of_files as (
    select
        rules.campaign_id,
        rules.rule_id,
        count(*) as checks_applied,
        count(*) filter (
            where cast(files.received_at at time zone recent_days.time_zone as date) >= recent_days.first_date
        ) as recent_judged
    from rules
    inner join files on rules.campaign_id = files.campaign_id
    left join recent_days on rules.campaign_id = recent_days.campaign_id
    where rules.relation is null
    group by rules.campaign_id, rules.rule_id
),

of_files_failed as (
    select
        rules.campaign_id,
        rules.rule_id,
        count(*) as checks_failed,
        count(*) filter (
            where cast(findings.found_at at time zone recent_days.time_zone as date) >= recent_days.first_date
        ) as recent_failed
    from rules
    inner join findings on rules.campaign_id = findings.campaign_id and rules.rule_id = findings.rule_id
    left join recent_days on rules.campaign_id = recent_days.campaign_id
    where rules.relation is null
    group by rules.campaign_id, rules.rule_id
),

counts as (
    select * from of_files
    union all by name
    select * from of_files_failed
)

select * from counts
