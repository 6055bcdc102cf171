{{ config(materialized='view') }}

-- What held a report whose figures somebody released was no fault: it is taken back from the counts of its day (int_quality_received).
with holds as (
    select * from {{ ref('int_holds') }} where status = 'released'
),

findings as (
    select * from {{ ref('stg_findings') }} where coalesce(effect, severity) = 'hold'
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

holds_dated as (
    select
        holds.*,
        coalesce(
            slots.slot_date,
            cast(holds.as_of as date),
            cast(holds.received_at at time zone campaigns.time_zone as date)
        ) as day
    from holds
    inner join campaigns on holds.campaign_id = campaigns.campaign_id
    left join slots on holds.campaign_id = slots.campaign_id and holds.slot_id = slots.slot_id
),

released as (
    select
        holds_dated.campaign_id,
        holds_dated.unit_code,
        holds_dated.day,
        cast(-count(*) filter (where findings.dimension = 'correct') as double) as checks_failed,
        -count(*) as findings_hold,
        -count(distinct case
            when findings.rule_id = 'conflicting_rows' then concat_ws('|', findings.file_id, findings.sheet, findings.row_number)
        end) as rows_conflicting
    from holds_dated
    inner join findings
        on holds_dated.submission_id = findings.submission_id and holds_dated.batch_id = findings.batch_id
    where findings.unit_code is not null
    group by holds_dated.campaign_id, holds_dated.unit_code, holds_dated.day
)

select * from released
