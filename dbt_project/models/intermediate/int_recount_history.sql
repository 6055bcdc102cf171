with candidates as (
    select * from {{ ref('int_recount_candidates') }}
),

events as (
    select * from {{ ref('int_recount_events') }}
),

factors as (
    select * from {{ ref('verification_factors') }}
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
