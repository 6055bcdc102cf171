{{ config(materialized='view') }}

with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

slots as (
    select slots.*
    from {{ ref('int_briefing_slots') }} as slots
    semi join meetings on slots.campaign_id = meetings.campaign_id and slots.meeting_id = meetings.meeting_id
),

units as (
    select * from {{ ref('dim_unit') }}
),

named as (
    select
        slots.*,
        units.unit_name,
        max(slots.newest_closes_at) over of_level = slots.newest_closes_at as is_newest
    from slots
    inner join units on slots.campaign_id = units.campaign_id and slots.unit_code = units.unit_code
    window of_level as (partition by slots.campaign_id, slots.meeting_id, slots.level)
),

levels as (
    select
        campaign_id,
        meeting_id,
        level,
        newest_slot_id as slot_id,
        count(*) as owed,
        count(*) filter (where slots_silent > 0) as silent,
        {{ short_list('unit_name', 'unit_code', 'slots_silent > 0') }} as listed
    from named
    where is_newest
    group by campaign_id, meeting_id, level, newest_slot_id
),

-- The twenty that have been silent longest.
turned as (
    select
        *,
        row_number() over (partition by campaign_id, meeting_id order by slots_silent desc, unit_code asc) as turn
    from named
    where slots_silent > 0
),

statements as (
    {{ briefing_rows(
        'levels', 'silent_level', ['silent', 'owed'], listed='listed', level='level', item_id='slot_id'
    ) }}
    union all
    {{ briefing_rows('turned', 'silent_unit', ['slots_silent'], sort='turn', unit_code='unit_code', only='turn <= 20') }}
)

select * from statements
