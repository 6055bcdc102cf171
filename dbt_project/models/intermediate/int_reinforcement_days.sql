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

wanted as (
    select
        indicators.campaign_id,
        indicators.indicator_id,
        indicators.person_norm,
        case when indicators.is_reinforced_daily then date '0001-01-01' else newest_days.newest_date end as first_wanted
    from indicators
    inner join newest_days on indicators.campaign_id = newest_days.campaign_id
),

progress as (
    select
        progress.campaign_id,
        progress.indicator_id,
        progress.level,
        progress.as_of_date,
        progress.unit_code,
        progress.next_milestone_id,
        progress.days_left,
        progress.value,
        progress.target,
        progress.actual_pace,
        progress.increment_7d,
        wanted.person_norm as norm
    from {{ ref('progress') }} as progress
    inner join wanted
        on
            progress.campaign_id = wanted.campaign_id
            and progress.indicator_id = wanted.indicator_id
            and progress.as_of_date >= wanted.first_wanted
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
