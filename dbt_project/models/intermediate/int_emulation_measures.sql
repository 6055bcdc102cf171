with scored as (
    select * from {{ ref('int_emulation_units') }}
),

parts as (
    select * from {{ ref('stg_emulation_parts') }}
),

progress as (
    select * from {{ ref('progress') }}
    where campaign_id in (select scored.campaign_id from scored)
),

milestones as (
    select * from {{ ref('milestones') }} where status <> 'no_target'
),

due_dates as (
    select * from {{ ref('stg_milestones') }}
),

recounts as (
    select * from {{ ref('recounts') }} where verification_factor is not null
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

attainment as (
    select
        scored.campaign_id,
        scored.period_id,
        scored.unit_code,
        'attainment' as part_id,
        max_by(progress.attained_pct, progress.as_of_date) as measure,
        1 as measure_count
    from scored
    inner join progress
        on
            scored.campaign_id = progress.campaign_id
            and scored.indicator_id = progress.indicator_id
            and scored.unit_code = progress.unit_code
            and progress.as_of_date between scored.first_on and scored.as_of_date
    group by scored.campaign_id, scored.period_id, scored.unit_code
),

-- Days early between the two ends of the scale; what was not reached by the period's end stands at the lower one.
of_milestones as (
    select
        scored.campaign_id,
        scored.period_id,
        scored.unit_code,
        'milestones' as part_id,
        avg(case
            when milestones.reached_on <= scored.as_of_date
                then
                    least(
                        greatest(milestones.days_early, least(parts.zero_at, parts.full_at)), greatest(parts.zero_at, parts.full_at)
                    )
            else parts.zero_at
        end) as measure,
        count(*) as measure_count
    from scored
    inner join parts on scored.campaign_id = parts.campaign_id and parts.part_id = 'milestones'
    inner join milestones on scored.campaign_id = milestones.campaign_id and scored.unit_code = milestones.unit_code
    inner join due_dates
        on
            milestones.campaign_id = due_dates.campaign_id
            and milestones.milestone_id = due_dates.milestone_id
            and milestones.level = due_dates.level
            and due_dates.due_date between scored.first_on and scored.as_of_date
    group by scored.campaign_id, scored.period_id, scored.unit_code
),

recounts_own_and_below as (
    select * from recounts

    union all

    select recounts.* replace (ancestors.ancestor_code as unit_code)
    from recounts
    inner join ancestors on recounts.campaign_id = ancestors.campaign_id and recounts.unit_code = ancestors.unit_code
),

of_recounts as (
    select
        scored.campaign_id,
        scored.period_id,
        scored.unit_code,
        'recounts' as part_id,
        avg(100 * abs(recounted.verification_factor - 1)) as measure,
        count(*) as measure_count
    from scored
    inner join recounts_own_and_below as recounted
        on
            scored.campaign_id = recounted.campaign_id
            and scored.unit_code = recounted.unit_code
            and recounted.recounted_on between scored.first_on and scored.as_of_date
    group by scored.campaign_id, scored.period_id, scored.unit_code
),

measures as (
    select * from attainment
    union all by name
    select * from of_milestones
    union all by name
    select * from of_recounts
    union all by name
    select * from {{ ref('int_emulation_quality') }}
)

select * from measures
