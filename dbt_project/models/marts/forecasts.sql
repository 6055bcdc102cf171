{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_forecast_boards', ['campaign_id', 'indicator_id']) }}",
) }}

-- depends_on: {{ ref('int_forecast_boards') }}
with progress as (
    select * from {{ ref('progress') }}
),

histories as (
    select * from {{ ref('int_forecast_histories') }}
),

curves as (
    select * from {{ ref('int_forecast_curves') }}
),

with_curves as (
    select
        progress.*,
        histories.slots_reported,
        histories.milestone_due_date,
        histories.milestone_value - progress.value as gap_to_milestone,
        date_diff('day', histories.board_date, histories.milestone_due_date) as days_to_due,
        coalesce(curves.method, 'insufficient') as method,
        curves.* exclude (series_id, method)
    from histories
    inner join progress
        on
            histories.campaign_id = progress.campaign_id
            and histories.indicator_id = progress.indicator_id
            and histories.unit_code = progress.unit_code
            and histories.board_date = progress.as_of_date
    left join curves on histories.series_id = curves.series_id and histories.slots_reported >= 7
),

with_days as (
    select
        *,
        {% for goal, gap in [('target', 'gap'), ('milestone', 'gap_to_milestone')] -%}
            {{ forecast_days(gap) }} as {{ goal }}_days,
            {{ forecast_days(gap, 'high') }} as {{ goal }}_days_early,
            {{ forecast_days(gap, 'low') }} as {{ goal }}_days_late,
        {% endfor -%}
        {{ forecast_probability('gap_to_milestone', 'days_to_due') }} as milestone_chance
    from with_curves
),

forecasts as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of_date,
        level,
        value,
        target,
        gap,
        cast(slots_reported as bigint) as slots_reported,
        method,
        {% for goal, gap in [('target', 'gap'), ('milestone', 'gap_to_milestone')] -%}
            {%- if goal == 'milestone' -%}
                next_milestone_id,
                milestone_due_date,
                gap_to_milestone,
                required_pace,
                actual_pace,
                schedule_status,
            {% endif -%}
            case
                when {{ gap }} is null then 'no_{{ goal }}'
                when {{ gap }} <= 0 then 'reached'
                when method = 'insufficient' then 'insufficient'
                when {{ goal }}_days > 730 or {{ goal }}_days is null then 'out_of_sight'
                else 'forecast'
            end as {{ goal }}_outlook,
            {% for side in ['', '_early', '_late'] -%}
                case
                    when {{ gap }} > 0 and {{ goal }}_days <= 730 and {{ goal }}_days{{ side }} <= 730
                        then as_of_date + cast(ceil({{ goal }}_days{{ side }} - 1e-9) as integer)
                end as {{ goal }}_date{{ side }},
            {% endfor -%}
        {% endfor -%}
        {% for days, week in [(7, 1), (14, 2), (28, 4)] -%}
            round(value + growth_{{ week }}, 3) as value_{{ days }}d,
            round(value + growth_{{ week }} * exp(low_{{ week }}), 3) as value_{{ days }}d_low,
            round(value + growth_{{ week }} * exp(high_{{ week }}), 3) as value_{{ days }}d_high,
        {% endfor -%}
        round(milestone_chance, 3) as milestone_probability
    from with_days
)

select * from forecasts
