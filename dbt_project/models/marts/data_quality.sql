{% set counts = [
    'rows_received', 'rows_rejected', 'rows_duplicate', 'rows_conflicting', 'cells_owed', 'cells_present', 'slots_owed',
    'slots_on_time', 'findings_flag', 'findings_hold', 'findings_reject', 'checks_applied',
] %}
with counts as (
    select * from {{ ref('int_quality_counts') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

-- Weeks and the whole campaign as far back as there is anything, single days for the last month.
counts_by_period as (
    select
        *,
        {{ periods('day') }}
    from counts

    union all

    select
        counts.*,
        'day' as period_kind,
        strftime(counts.day, '%Y-%m-%d') as period
    from counts
    inner join campaigns on counts.campaign_id = campaigns.campaign_id
    where counts.day between campaigns.horizon_date - 30 and campaigns.horizon_date
),

own as (
    select
        campaign_id,
        unit_code,
        period_kind,
        period,
        cast(coalesce(sum(checks_failed), 0) as double) as checks_failed,
        {{ summed(counts) }}
    from counts_by_period
    group by campaign_id, unit_code, period_kind, period
),

-- What is said of a unit is said of those above it too.
own_and_below as (
    select * from own

    union all

    select own.* replace (ancestors.ancestor_code as unit_code)
    from own
    inner join ancestors on own.campaign_id = ancestors.campaign_id and own.unit_code = ancestors.unit_code
),

added as (
    select
        campaign_id,
        unit_code,
        period_kind,
        period,
        count(*) as units_counted,
        sum(checks_failed) as checks_failed,
        {{ summed(counts) }}
    from own_and_below
    group by campaign_id, unit_code, period_kind, period
),

with_scores as (
    select
        *,
        case when checks_applied > 0 then greatest(0, 1 - checks_failed / checks_applied) end as correct,
        cells_present / nullif(cells_owed, 0) as sufficient,
        case
            when rows_received > 0
                then greatest(0, 1 - (rows_rejected + rows_duplicate + rows_conflicting) / rows_received)
        end as clean,
        slots_on_time / nullif(slots_owed, 0) as live
    from added
),

with_worst as (
    select
        *,
        least(correct, sufficient, clean, live) as worst
    from with_scores
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
            when worst = correct then 'correct'
            when worst = sufficient then 'sufficient'
            when worst = clean then 'clean'
            when worst = live then 'live'
        end as worst_dimension,
        {{ grade_of('worst') }} as quality_grade,
        units_counted,
        checks_failed,
        {{ counts | join(', ') }}
    from with_worst
)

select * from with_grade
