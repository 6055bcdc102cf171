with boards as (
    select * from {{ ref('int_changed_boards') }}
),

inputs as (
    select * from {{ ref('int_board_inputs') }}
),

unit_days as (
    select * from {{ ref('int_unit_days') }}
),

targets as (
    select * from {{ ref('int_targets') }}
),

unit_changes as (
    select * from {{ ref('int_unit_changes') }}
),

with_target as (
    select
        unit_days.*,
        unit_changes.changed_on,
        targets.target,
        100 * unit_days.value / nullif(targets.target, 0) as attained_pct
    from unit_days
    inner join inputs
        on
            unit_days.campaign_id = inputs.campaign_id
            and unit_days.indicator_id = inputs.indicator_id
            and unit_days.as_of_date = inputs.as_of_date
    left join targets
        on
            unit_days.campaign_id = targets.campaign_id
            and unit_days.indicator_id = targets.indicator_id
            and unit_days.unit_code = targets.unit_code
            and unit_days.as_of_date >= targets.valid_from
            and unit_days.as_of_date < targets.valid_until
    left join unit_changes
        on
            unit_days.campaign_id = unit_changes.campaign_id
            and unit_days.unit_code = unit_changes.unit_code
            and unit_days.as_of_date >= unit_changes.changed_on
            and unit_days.as_of_date < unit_changes.next_on
),

-- Days of a series follow one another without gaps, so a lag of seven rows is a week. A unit that took others in, or gave them away,
-- begins a new series: what it gained so is nobody's work.
with_past as (
    select
        *,
        value - lag(value, 1) over series as increment_1d,
        value - lag(value, 7) over series as increment_7d,
        lag(attained_pct, 7) over series as attained_pct_7d_ago
    from with_target
    window series as (partition by unit_code, indicator_id, campaign_id, changed_on order by as_of_date)
),

of_changed_boards as (
    select with_past.*
    from with_past
    inner join boards
        on
            with_past.campaign_id = boards.campaign_id
            and with_past.indicator_id = boards.indicator_id
            and with_past.as_of_date = boards.as_of_date
)

select * from of_changed_boards
