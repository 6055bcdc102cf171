-- The unit before its next milestone: what is left, what it will have by itself, what one head does there a day.
with indicators as (
    select * from {{ ref('stg_indicators') }} where is_reinforced
),

newest_days as (
    select
        campaign_id,
        max(as_of_date) as newest_date
    from {{ ref('int_days') }}
    group by campaign_id
),

progress as (
    select
        progress.*,
        indicators.person_norm as norm
    from {{ ref('progress') }} as progress
    inner join indicators
        on progress.campaign_id = indicators.campaign_id and progress.indicator_id = indicators.indicator_id
    inner join newest_days
        on
            progress.campaign_id = newest_days.campaign_id
            and (progress.as_of_date = newest_days.newest_date or indicators.is_reinforced_daily)
    where progress.days_left > 0
),

milestones as (
    select * from {{ ref('stg_milestones') }}
),

heads as (
    select * from {{ ref('int_heads') }}
),

before_milestone as (
    select
        progress.campaign_id,
        progress.indicator_id,
        progress.level,
        progress.as_of_date,
        progress.unit_code,
        milestones.milestone_id,
        milestones.due_date,
        progress.days_left,
        progress.value,
        coalesce(milestones.threshold_value, milestones.threshold_pct * progress.target / 100) as milestone_value,
        progress.actual_pace,
        heads.heads,
        heads.heads_basis,
        case when progress.increment_7d > 0 then progress.increment_7d / nullif(heads.head_days_7d, 0) end as own_per_head,
        progress.norm
    from progress
    inner join milestones
        on
            progress.campaign_id = milestones.campaign_id
            and progress.next_milestone_id = milestones.milestone_id
            and progress.level = milestones.level
    left join heads
        on
            progress.campaign_id = heads.campaign_id
            and progress.indicator_id = heads.indicator_id
            and progress.unit_code = heads.unit_code
            and progress.as_of_date = heads.as_of_date
),

of_level as (
    select
        campaign_id,
        indicator_id,
        level,
        as_of_date,
        median(own_per_head) as level_per_head
    from before_milestone
    group by campaign_id, indicator_id, level, as_of_date
),

with_level as (
    select
        before_milestone.*,
        of_level.level_per_head
    from before_milestone
    inner join of_level
        on
            before_milestone.campaign_id = of_level.campaign_id
            and before_milestone.indicator_id = of_level.indicator_id
            and before_milestone.level = of_level.level
            and before_milestone.as_of_date = of_level.as_of_date
)

select * from with_level
