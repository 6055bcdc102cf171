with boards as (
    select * from {{ ref('int_forecast_boards') }}
),

unit_days as (
    select * from {{ ref('int_unit_days') }}
),

unit_changes as (
    select * from {{ ref('int_unit_changes') }}
),

-- Days as keys of a join: so the warehouse reads these nine weeks and no more.
days as (
    select
        *,
        unnest(range(63)) as age_days,
        board_date - cast(unnest(range(63)) as integer) as as_of_date
    from boards
),

recent_days as (
    select
        unit_days.campaign_id,
        unit_days.indicator_id,
        unit_days.unit_code,
        days.board_date,
        days.age_days,
        unit_days.last_as_of_date = unit_days.as_of_date as is_reported,
        -- what was carried for a week and more says nothing of when it grew
        case when unit_days.last_as_of_date > unit_days.as_of_date - 7 then unit_days.value end as value
    from unit_days
    inner join days
        on
            unit_days.campaign_id = days.campaign_id
            and unit_days.indicator_id = days.indicator_id
            and unit_days.as_of_date = days.as_of_date
    left join unit_changes
        on
            unit_days.campaign_id = unit_changes.campaign_id
            and unit_days.unit_code = unit_changes.unit_code
            and days.board_date >= unit_changes.changed_on
            and days.board_date < unit_changes.next_on
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
)

select * from histories
