{{ config(materialized='view') }}

with campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
),

submissions as (
    select * from {{ ref('stg_submissions') }} where lane = 'held'
),

restatements as (
    select * from {{ ref('fct_restatements') }}
),

rule_weights as (
    select * from {{ ref('stg_recount_weights') }} where kind = 'rule'
),

events as (
    select
        findings.campaign_id,
        findings.unit_code,
        cast(findings.found_at at time zone campaigns.time_zone as date) as day,
        1 as findings,
        case coalesce(findings.effect, findings.severity) when 'flag' then 0.5 else 1 end
        * coalesce(rule_weights.weight, 1) as findings_weight,
        0 as holds,
        0 as restatements
    from findings
    inner join campaigns on findings.campaign_id = campaigns.campaign_id
    left join rule_weights
        on findings.campaign_id = rule_weights.campaign_id and findings.rule_id = rule_weights.name
    where
        findings.dimension in ('correct', 'live')
        and findings.responsibility = 'sender'
        and coalesce(findings.effect, findings.severity) <> 'none'
        and findings.hold_status is distinct from 'released'

    union all

    select
        submissions.campaign_id,
        submissions.unit_code,
        cast(submissions.received_at at time zone campaigns.time_zone as date) as day,
        0 as findings,
        0 as findings_weight,
        1 as holds,
        0 as restatements
    from submissions
    inner join campaigns on submissions.campaign_id = campaigns.campaign_id

    union all

    select
        restatements.campaign_id,
        restatements.unit_code,
        cast(restatements.restated_at at time zone campaigns.time_zone as date) as day,
        0 as findings,
        0 as findings_weight,
        0 as holds,
        1 as restatements
    from restatements
    inner join campaigns on restatements.campaign_id = campaigns.campaign_id
)

select * from events
