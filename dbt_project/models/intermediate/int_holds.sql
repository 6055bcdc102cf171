with submissions as (
    select * from {{ ref('int_submissions') }}
),

held as (
    select
        left(md5(submission_id), 10) as hold_id,
        *
    from submissions
    where rows_held > 0
),

held_figures as (
    select * from {{ ref('stg_figures') }} where lane = 'held'
),

current_figures as (
    select * from {{ ref('fct_figures') }}
),

findings as (
    select * from {{ ref('stg_findings') }} where coalesce(effect, severity) = 'hold'
),

decisions as (
    select * from {{ ref('int_decisions') }}
),

covered as (
    select
        held_figures.campaign_id,
        held_figures.submission_id,
        count(*) as figure_count,
        min(held_figures.as_of) as first_as_of,
        max(held_figures.as_of) as last_as_of,
        bool_and(coalesce(current_figures.received_at > held_figures.received_at, false)) as is_covered,
        max(current_figures.received_at) as covered_at
    from held_figures
    left join current_figures
        on
            held_figures.unit_code = current_figures.unit_code
            and held_figures.as_of = current_figures.as_of
            and held_figures.indicator_id = current_figures.indicator_id
            and held_figures.campaign_id = current_figures.campaign_id
    group by held_figures.campaign_id, held_figures.submission_id
),

replaced as (
    select
        held.campaign_id,
        held.submission_id,
        min(newer.received_at) as replaced_at
    from held
    inner join submissions as newer
        on
            held.unit_code = newer.unit_code
            and held.slot_id = newer.slot_id
            and held.campaign_id = newer.campaign_id
            and held.received_at < newer.received_at
            and newer.gate_lane = 'accepted'
    group by held.campaign_id, held.submission_id
),

judged as (
    select
        campaign_id,
        submission_id,
        string_agg(distinct rule_id, ', ' order by rule_id) as rules
    from findings
    where submission_id in (select held.submission_id from held)
    group by campaign_id, submission_id
),

with_status as (
    select
        held.*,
        coalesce(covered.figure_count, 0) as held_figure_count,
        covered.first_as_of,
        covered.last_as_of,
        judged.rules,
        case
            when decisions.decision is not null then decisions.decision
            when replaced.replaced_at is not null or covered.is_covered then 'corrected'
            else 'open'
        end as status,
        coalesce(
            decisions.acted_at, replaced.replaced_at, case when covered.is_covered then covered.covered_at end
        ) as settled_at,
        decisions.author as decided_by,
        decisions.reason
    from held
    left join covered on held.submission_id = covered.submission_id and held.campaign_id = covered.campaign_id
    left join replaced on held.submission_id = replaced.submission_id and held.campaign_id = replaced.campaign_id
    left join judged on held.submission_id = judged.submission_id and held.campaign_id = judged.campaign_id
    left join decisions on held.submission_id = decisions.submission_id and held.campaign_id = decisions.campaign_id
)

select * from with_status
