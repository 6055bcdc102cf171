{{ config(materialized='view') }}

with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

boards as (
    select * from {{ ref('int_briefing_boards') }}
),

slots as (
    select * from {{ ref('int_briefing_slots') }}
),

-- The whole campaign: the units that nobody is above.
whole as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        boards.indicator_id,
        round(sum(boards.value), 6) as value,
        round(sum(boards.target), 6) as target,
        round(sum(boards.gap), 6) as gap,
        round(100 * sum(boards.value) filter (where boards.target is not null) / sum(boards.target), 6) as attained_pct,
        round(sum(boards.actual_pace) filter (where boards.required_pace is not null), 6) as actual_pace,
        round(sum(boards.required_pace), 6) as required_pace,
        max(boards.days_left) as days_left,
        round(sum(boards.value - earlier.value), 6) as growth
    from meetings
    inner join boards
        on meetings.campaign_id = boards.campaign_id and meetings.board_date = boards.as_of_date and boards.is_top
    left join boards as earlier
        on
            boards.campaign_id = earlier.campaign_id
            and boards.indicator_id = earlier.indicator_id
            and boards.unit_code = earlier.unit_code
            and meetings.since_date = earlier.as_of_date
    group by meetings.campaign_id, meetings.meeting_id, boards.indicator_id
),

tiers as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        boards.indicator_id,
        boards.tier,
        count(*) as units,
        {{ short_list('boards.unit_name', 'boards.position, boards.unit_code') }} as listed
    from meetings
    inner join boards
        on meetings.campaign_id = boards.campaign_id and meetings.board_date = boards.as_of_date and boards.is_on_board
    where boards.tier is not null
    group by meetings.campaign_id, meetings.meeting_id, boards.indicator_id, boards.tier
),

reports as (
    select
        slots.campaign_id,
        slots.meeting_id,
        sum(slots.on_time) as on_time,
        sum(slots.owed) as owed
    from slots
    semi join meetings on slots.campaign_id = meetings.campaign_id and slots.meeting_id = meetings.meeting_id
    group by slots.campaign_id, slots.meeting_id
),

statements as (
    {{ briefing_rows('whole', 'headline_value', ['value'], indicator_id='indicator_id', only='value is not null') }}
    union all
    {{ briefing_rows('whole', 'headline_attained', ['attained_pct', 'target', 'gap'], indicator_id='indicator_id', only='gap > 0') }}
    union all
    {{ briefing_rows('whole', 'headline_reached', ['attained_pct', 'target', '-gap'], indicator_id='indicator_id', only='gap <= 0') }}
    union all
    {{ briefing_rows('whole', 'headline_growth', ['growth'], indicator_id='indicator_id', only='growth is not null') }}
    union all
    {{ briefing_rows(
        'whole', 'headline_pace', ['actual_pace', 'required_pace', 'days_left'], indicator_id='indicator_id', only='required_pace > 0'
    ) }}
    union all
    {{ briefing_rows('tiers', 'headline_tier', ['units'], listed='listed', indicator_id='indicator_id', item_id='tier') }}
    union all
    {{ briefing_rows('reports', 'headline_reports', ['on_time', 'owed', 'round(100 * on_time / owed, 6)']) }}
)

select * from statements
