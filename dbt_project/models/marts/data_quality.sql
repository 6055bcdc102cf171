with counts as (
    select
        *,
        {{ periods('day') }}
    from {{ ref('int_quality_counts') }}
),

by_period as (
    select
        campaign_id,
        unit_code,
        period_kind,
        period,
        sum(failed_checks) as failed_checks,
        cast(coalesce(sum(rows_received), 0) as bigint) as rows_received,
        cast(coalesce(sum(rows_rejected), 0) as bigint) as rows_rejected,
        cast(coalesce(sum(rows_duplicate), 0) as bigint) as rows_duplicate,
        cast(coalesce(sum(rows_conflicting), 0) as bigint) as rows_conflicting,
        cast(coalesce(sum(cells_owed), 0) as bigint) as cells_owed,
        cast(coalesce(sum(cells_present), 0) as bigint) as cells_present,
        cast(coalesce(sum(slots_owed), 0) as bigint) as slots_owed,
        cast(coalesce(sum(slots_on_time), 0) as bigint) as slots_on_time,
        cast(coalesce(sum(findings_flag), 0) as bigint) as findings_flag,
        cast(coalesce(sum(findings_hold), 0) as bigint) as findings_hold,
        cast(coalesce(sum(findings_reject), 0) as bigint) as findings_reject,
        cast(coalesce(sum(checks_applied), 0) as bigint) as checks_applied
    from counts
    group by campaign_id, unit_code, period_kind, period
),

with_scores as (
    select
        *,
        greatest(0, 1 - coalesce(failed_checks, 0) / nullif(checks_applied, 0)) as correct_score,
        cells_present / nullif(cells_owed, 0) as sufficient,
        greatest(0, 1 - (rows_rejected + rows_duplicate + rows_conflicting) / nullif(rows_received, 0)) as clean_score,
        slots_on_time / nullif(slots_owed, 0) as live
    from by_period
),

assessed as (
    select
        * exclude (correct_score, clean_score),
        case when checks_applied > 0 then correct_score end as correct,
        case when rows_received > 0 then clean_score end as clean
    from with_scores
),

with_worst as (
    select
        *,
        least(correct, sufficient, clean, live) as worst
    from assessed
),

with_grade as (
    select
        campaign_id,
        unit_code,
        period_kind,
        period,
        correct,
        sufficient,
        clean,
        live,
        worst,
        case
            when worst >= 0.95 then 'A'
            when worst >= 0.85 then 'B'
            when worst >= 0.7 then 'C'
            when worst is not null then 'D'
        end as quality_grade,
        rows_received,
        rows_rejected,
        rows_duplicate,
        rows_conflicting,
        cells_owed,
        cells_present,
        slots_owed,
        slots_on_time,
        findings_flag,
        findings_hold,
        findings_reject,
        checks_applied
    from with_worst
)

select * from with_grade
