with histories as (
    select * from {{ ref('int_forecast_weeks') }}
),

next_milestones as (
    select * from {{ ref('int_next_milestones') }}
),

milestones as (
    select * from {{ ref('stg_milestones') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

progress as (
    select * from {{ ref('progress') }}
),

with_milestone as (
    select
        histories.*,
        progress.level,
        progress.target,
        milestones.milestone_id,
        milestones.due_date as milestone_due_date,
        coalesce(milestones.threshold_value, milestones.threshold_pct * progress.target / 100) as milestone_value
    from histories
    inner join progress
        on
            histories.campaign_id = progress.campaign_id
            and histories.indicator_id = progress.indicator_id
            and histories.unit_code = progress.unit_code
            and histories.board_date = progress.as_of_date
    left join next_milestones
        on
            histories.campaign_id = next_milestones.campaign_id
            and histories.indicator_id = next_milestones.indicator_id
            and progress.level = next_milestones.level
            and histories.board_date = next_milestones.as_of_date
    left join milestones
        on
            next_milestones.campaign_id = milestones.campaign_id
            and next_milestones.milestone_id = milestones.milestone_id
            and next_milestones.level = milestones.level
),

-- Units make up leeway as a day comes near on which something is due: the next milestone, else the campaign's end.
with_aim as (
    select
        with_milestone.*,
        row_number() over (
            order by with_milestone.campaign_id, with_milestone.indicator_id, with_milestone.unit_code
        ) as series_id,
        dense_rank() over (
            order by with_milestone.campaign_id, with_milestone.indicator_id, with_milestone.level
        ) as group_id,
        coalesce(with_milestone.milestone_value, with_milestone.target) as aim_value,
        case
            when coalesce(with_milestone.milestone_value, with_milestone.target) is not null
                then date_diff(
                    'day', with_milestone.board_date, coalesce(with_milestone.milestone_due_date, campaigns.ends_on)
                )
        end as aim_days
    from with_milestone
    inner join campaigns on with_milestone.campaign_id = campaigns.campaign_id
)

select * from with_aim
