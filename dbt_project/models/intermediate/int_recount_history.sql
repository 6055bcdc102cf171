with candidates as (
    select * from {{ ref('int_recount_candidates') }}
),

campaigns as (
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

factors as (
    select * from {{ ref('verification_factors') }}
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
),

of_month as (
    select
        candidates.campaign_id,
        candidates.unit_code,
        sum(events.findings) as findings,
        sum(events.findings_weight) as findings_weight,
        sum(events.holds) as holds,
        sum(events.restatements) as restatements
    from candidates
    inner join events
        on
            candidates.campaign_id = events.campaign_id
            and candidates.unit_code = events.unit_code
            and events.day between candidates.as_of_date - 27 and candidates.as_of_date
    group by candidates.campaign_id, candidates.unit_code
),

recounted as (
    select
        campaign_id,
        unit_code,
        max(last_recounted_on) as last_recounted_on,
        arg_max(verification_factor, abs(1 - verification_factor)) as verification_factor
    from factors
    group by campaign_id, unit_code
),

history as (
    select
        candidates.campaign_id,
        candidates.unit_code,
        cast(coalesce(of_month.findings, 0) as bigint) as findings,
        cast(coalesce(of_month.findings_weight, 0) as double) as findings_weight,
        cast(coalesce(of_month.holds, 0) as bigint) as holds,
        cast(coalesce(of_month.restatements, 0) as bigint) as restatements,
        recounted.last_recounted_on,
        date_diff('day', recounted.last_recounted_on, candidates.as_of_date) as days_since_recount,
        recounted.verification_factor
    from candidates
    left join of_month
        on candidates.campaign_id = of_month.campaign_id and candidates.unit_code = of_month.unit_code
    left join recounted
        on candidates.campaign_id = recounted.campaign_id and candidates.unit_code = recounted.unit_code
)

select * from history
