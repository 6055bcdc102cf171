with submissions as (
    select * from {{ ref('fct_submissions') }} where unit_code is not null
),

findings as (
    select * from {{ ref('stg_findings') }} where unit_code is not null
),

figures as (
    select * from {{ ref('fct_figures') }} where slot_id is not null
),

slot_status as (
    select * from {{ ref('fct_slot_status') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }} where is_required
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

rules as (
    select
        campaign_id,
        count(*) as rules_on
    from {{ ref('stg_rules') }}
    where is_on and place = 'gate' and dimension = 'correct'
    group by campaign_id
),

required as (
    select
        campaign_id,
        count(*) as cells_a_slot
    from indicators
    group by campaign_id
),

-- A submission is of the day of its slot; without one, of the day its figures are about; else of its arrival.
submissions_dated as (
    select
        submissions.campaign_id,
        submissions.unit_code,
        submissions.submission_id,
        submissions.lane,
        submissions.rows_received,
        submissions.rows_rejected,
        submissions.rows_duplicate,
        coalesce(
            slots.slot_date,
            cast(submissions.as_of as date),
            cast(submissions.received_at at time zone campaigns.time_zone as date)
        ) as day
    from submissions
    inner join campaigns on submissions.campaign_id = campaigns.campaign_id
    left join slots on submissions.campaign_id = slots.campaign_id and submissions.slot_id = slots.slot_id
),

of_submissions as (
    select
        submissions_dated.campaign_id,
        submissions_dated.unit_code,
        submissions_dated.day,
        cast(sum(rows_received) as bigint) as rows_received,
        cast(sum(rows_rejected) as bigint) as rows_rejected,
        cast(sum(rows_duplicate) as bigint) as rows_duplicate,
        count(*) filter (where lane in ('accepted', 'held')) * coalesce(any_value(rules.rules_on), 0) as checks_applied
    from submissions_dated
    left join rules on submissions_dated.campaign_id = rules.campaign_id
    group by submissions_dated.campaign_id, submissions_dated.unit_code, submissions_dated.day
),

findings_by_rule as (
    select
        findings.campaign_id,
        findings.unit_code,
        coalesce(
            submissions_dated.day,
            slots.slot_date,
            cast(findings.as_of as date),
            cast(findings.found_at at time zone campaigns.time_zone as date)
        ) as day,
        findings.submission_id,
        findings.rule_id,
        any_value(findings.dimension) as dimension,
        max(case findings.severity when 'flag' then 0.5 else 1 end) as weight,
        count(*) filter (where findings.severity = 'flag') as flags,
        count(*) filter (where findings.severity = 'hold') as holds,
        count(*) filter (where findings.severity = 'reject') as rejects,
        count(distinct case
            when findings.rule_id = 'conflicting_rows'
                then concat_ws('|', findings.file_id, findings.sheet, findings.row_number)
        end) as rows_conflicting
    from findings
    inner join campaigns on findings.campaign_id = campaigns.campaign_id
    left join submissions_dated on findings.submission_id = submissions_dated.submission_id
    left join slots on findings.campaign_id = slots.campaign_id and findings.slot_id = slots.slot_id
    group by findings.campaign_id, findings.unit_code, 3, findings.submission_id, findings.rule_id
),

of_findings as (
    select
        campaign_id,
        unit_code,
        day,
        coalesce(sum(weight) filter (where dimension = 'correct'), 0) as failed_checks,
        cast(sum(flags) as bigint) as findings_flag,
        cast(sum(holds) as bigint) as findings_hold,
        cast(sum(rejects) as bigint) as findings_reject,
        cast(sum(rows_conflicting) as bigint) as rows_conflicting
    from findings_by_rule
    group by campaign_id, unit_code, day
),

of_slots as (
    select
        slot_status.campaign_id,
        slot_status.unit_code,
        slot_status.slot_date as day,
        count(*) as slots_owed,
        count(*) filter (where slot_status.status = 'on_time') as slots_on_time,
        count(*) * coalesce(any_value(required.cells_a_slot), 0) as cells_owed
    from slot_status
    left join required on slot_status.campaign_id = required.campaign_id
    where slot_status.is_owed
    group by slot_status.campaign_id, slot_status.unit_code, slot_status.slot_date
),

of_figures as (
    select
        figures.campaign_id,
        figures.unit_code,
        slot_status.slot_date as day,
        count(distinct concat_ws('|', figures.slot_id, figures.indicator_id)) as cells_present
    from figures
    inner join indicators
        on figures.campaign_id = indicators.campaign_id and figures.indicator_id = indicators.indicator_id
    inner join slot_status
        on
            figures.campaign_id = slot_status.campaign_id
            and figures.unit_code = slot_status.unit_code
            and figures.slot_id = slot_status.slot_id
            and slot_status.is_owed
    group by figures.campaign_id, figures.unit_code, slot_status.slot_date
),

counts as (
    select * from of_submissions
    union all by name
    select * from of_findings
    union all by name
    select * from of_slots
    union all by name
    select * from of_figures
)

select * from counts
