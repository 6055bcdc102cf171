with boards as (
    select * from {{ ref('int_forecast_boards') }}
),

unit_days as (
    select * from {{ ref('int_unit_days') }}
),

unit_changes as (
    select * from {{ ref('int_unit_changes') }}
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

recent_days as (
    select
        unit_days.campaign_id,
        unit_days.indicator_id,
        unit_days.unit_code,
        boards.board_date,
        date_diff('day', unit_days.as_of_date, boards.board_date) as age_days,
        unit_days.last_as_of_date = unit_days.as_of_date as is_reported,
        -- what was carried for a week and more says nothing of when it grew
        case when unit_days.last_as_of_date > unit_days.as_of_date - 7 then unit_days.value end as value
    from unit_days
    inner join boards
        on
            unit_days.campaign_id = boards.campaign_id
            and unit_days.indicator_id = boards.indicator_id
            and unit_days.as_of_date > boards.board_date - 63
            and unit_days.as_of_date <= boards.board_date
    left join unit_changes
        on
            unit_days.campaign_id = unit_changes.campaign_id
            and unit_days.unit_code = unit_changes.unit_code
            and boards.board_date >= unit_changes.changed_on
            and boards.board_date < unit_changes.next_on
    -- a unit that took others in begins a new series
    where unit_days.as_of_date >= coalesce(unit_changes.changed_on, unit_days.as_of_date)
),

histories as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        board_date,
        count(*) filter (where is_reported) as slots_reported,
        [
            {% for week in range(9) -%}
                max(case when age_days = {{ 7 * week }} then value end){{ ',' if not loop.last }}
            {% endfor %}
        ] as weeks
    from recent_days
    group by campaign_id, indicator_id, unit_code, board_date
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
        date_diff(
            'day', with_milestone.board_date, coalesce(with_milestone.milestone_due_date, campaigns.ends_on)
        ) as aim_days
    from with_milestone
    inner join campaigns on with_milestone.campaign_id = campaigns.campaign_id
)

select * from with_aim
