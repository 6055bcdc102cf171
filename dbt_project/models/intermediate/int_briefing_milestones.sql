{{ config(materialized='view') }}

with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

milestones as (
    select * from {{ ref('milestones') }} where threshold_value is not null
),

units as (
    select * from {{ ref('dim_unit') }}
),

-- As it stood on the board: what was reached later was not reached yet.
stood as (
    select
        meetings.*,
        milestones.milestone_id,
        milestones.level,
        milestones.indicator_id,
        milestones.unit_code,
        units.unit_name,
        milestones.due_at,
        milestones.due_at <= meetings.held_at as is_due,
        milestones.reached_on,
        milestones.days_early,
        coalesce(milestones.reached_on <= meetings.board_date, false) as is_reached,
        coalesce(milestones.reached_on <= meetings.board_date and milestones.reached_on > meetings.since_date, false) as is_new
    from meetings
    inner join milestones on meetings.campaign_id = milestones.campaign_id
    inner join units on milestones.campaign_id = units.campaign_id and milestones.unit_code = units.unit_code
),

counts as (
    select
        campaign_id,
        meeting_id,
        milestone_id,
        level,
        indicator_id,
        max(due_at) as due_at,
        bool_or(is_due) as is_due,
        count(*) as units,
        count(*) filter (where is_reached) as reached,
        count(*) filter (where is_reached and days_early >= 0) as in_time,
        count(*) filter (where is_new) as newly,
        count(*) - reached as open,
        {{ short_list('unit_name', 'reached_on, unit_code', 'is_reached') }} as reached_units,
        {{ short_list('unit_name', 'reached_on, unit_code', 'is_new') }} as new_units,
        {{ short_list('unit_name', 'unit_code', 'not is_reached') }} as open_units
    from stood
    group by campaign_id, meeting_id, milestone_id, level, indicator_id
),

statements as (
    {% for statement, values, listed, only in [
        ('milestone_reached', ['reached', 'units', 'in_time'], 'reached_units', 'true'),
        ('milestone_new', ['newly'], 'new_units', 'newly > 0 and newly < reached'),
        ('milestone_missed', ['open', 'units'], 'open_units', 'is_due and open > 0'),
        ('milestone_open', ['open', 'units'], 'open_units', 'not coalesce(is_due, false) and open > 0 and reached > 0'),
    ] -%}
        {{ briefing_rows(
            'counts', statement, values, listed=listed, only=only, sort='epoch(due_at)', indicator_id='indicator_id', level='level',
            item_id='milestone_id'
        ) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from statements
