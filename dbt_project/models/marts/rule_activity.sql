with rules as (
    select * from {{ ref('stg_rules') }} where is_latest
),

counts as (
    select
        campaign_id,
        rule_id,
        cast(coalesce(sum(checks_applied), 0) as bigint) as checks_applied,
        cast(coalesce(sum(checks_failed), 0) as bigint) as checks_failed,
        cast(coalesce(sum(recent_judged), 0) as bigint) as recent_judged,
        cast(coalesce(sum(recent_failed), 0) as bigint) as recent_failed
    from {{ ref('int_rule_counts') }}
    group by campaign_id, rule_id
),

findings as (
    select
        findings.campaign_id,
        findings.rule_id,
        count(distinct findings.unit_code) as units_failing,
        min(cast(findings.found_at at time zone campaigns.time_zone as date)) as first_fired_on,
        max(cast(findings.found_at at time zone campaigns.time_zone as date)) as last_fired_on
    from {{ ref('fct_findings') }} as findings
    inner join {{ ref('stg_campaigns') }} as campaigns on findings.campaign_id = campaigns.campaign_id
    group by findings.campaign_id, findings.rule_id
),

recent_slots as (
    select
        campaign_id,
        count(*) as slots
    from {{ ref('int_recent_slots') }}
    group by campaign_id
),

with_verdict as (
    select
        rules.campaign_id,
        rules.rule_id,
        coalesce(counts.checks_applied, 0) as checks_applied,
        coalesce(counts.checks_failed, 0) as checks_failed,
        coalesce(findings.units_failing, 0) as units_failing,
        findings.first_fired_on,
        findings.last_fired_on,
        coalesce(recent_slots.slots, 0) as recent_slots,
        coalesce(counts.recent_judged, 0) as recent_judged,
        coalesce(counts.recent_failed, 0) as recent_failed,
        case
            when not rules.is_on then 'off'
            when coalesce(recent_slots.slots, 0) < 30 then 'too_early'
            when coalesce(counts.checks_applied, 0) = 0 then 'never_applied'
            -- A rule that judged fewer reports than there were slots has not been asked often enough to say so.
            when counts.recent_judged >= recent_slots.slots and counts.recent_failed >= counts.recent_judged then 'fails_all'
            when counts.recent_failed = 0 then 'passes_all'
            else 'ok'
        end as verdict
    from rules
    left join counts on rules.campaign_id = counts.campaign_id and rules.rule_id = counts.rule_id
    left join findings on rules.campaign_id = findings.campaign_id and rules.rule_id = findings.rule_id
    left join recent_slots on rules.campaign_id = recent_slots.campaign_id
)

select * from with_verdict
