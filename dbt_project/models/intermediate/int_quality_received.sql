{{ config(materialized='incremental', incremental_strategy='append') }}

-- What a batch says of a unit and day never changes and adds up over batches, so only new batches are read.
with batches as (
    select * from {{ ref('stg_batches') }} where loaded_in = '{{ invocation_id }}'
),

submissions as (
    select * from {{ ref('stg_submissions') }}
    where unit_code is not null and batch_id in (select batches.batch_id from batches)
),

findings as (
    select
        *,
        coalesce(effect, severity) as weighed_by
    from {{ ref('stg_findings') }}
    where
        unit_code is not null
        and coalesce(effect, severity) <> 'none'
        and batch_id in (select batches.batch_id from batches)
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

slots as (
    select distinct
        campaign_id,
        slot_id,
        slot_date
    from {{ ref('stg_slots') }}
),

-- A submission is of the day of its slot; without one, of the day its figures are about; else of its arrival.
submissions_dated as (
    select
        submissions.*,
        coalesce(
            slots.slot_date,
            cast(submissions.as_of as date),
            cast(submissions.received_at at time zone campaigns.time_zone as date)
        ) as day
    from submissions
    inner join campaigns on submissions.campaign_id = campaigns.campaign_id
    left join slots on submissions.campaign_id = slots.campaign_id and submissions.slot_id = slots.slot_id
),

findings_dated as (
    select
        findings.*,
        coalesce(
            submissions_dated.day,
            slots.slot_date,
            cast(findings.as_of as date),
            cast(findings.found_at at time zone campaigns.time_zone as date)
        ) as day
    from findings
    inner join campaigns on findings.campaign_id = campaigns.campaign_id
    left join submissions_dated
        on findings.submission_id = submissions_dated.submission_id and findings.batch_id = submissions_dated.batch_id
    left join slots on findings.campaign_id = slots.campaign_id and findings.slot_id = slots.slot_id
),

of_submissions as (
    select
        campaign_id,
        unit_code,
        day,
        cast(sum(rows_received) as bigint) as rows_received,
        cast(sum(rows_rejected) as bigint) as rows_rejected,
        cast(sum(rows_duplicate) as bigint) as rows_duplicate,
        cast(sum(coalesce(checks_applied, 0)) as bigint) as checks_applied
    from submissions_dated
    group by campaign_id, unit_code, day
),

of_findings as (
    select
        campaign_id,
        unit_code,
        day,
        coalesce(sum(case weighed_by when 'flag' then 0.5 else 1 end) filter (where dimension = 'correct'), 0)
            as checks_failed,
        count(*) filter (where weighed_by = 'flag') as findings_flag,
        count(*) filter (where weighed_by = 'hold') as findings_hold,
        count(*) filter (where weighed_by = 'reject') as findings_reject,
        -- rejected ones are counted as such already
        count(distinct case
            when rule_id = 'conflicting_rows' and weighed_by <> 'reject'
                then concat_ws('|', file_id, sheet, row_number)
        end) as rows_conflicting
    from findings_dated
    group by campaign_id, unit_code, day
),

counts as (
    select * from of_submissions
    union all by name
    select * from of_findings
)

select * from counts
