{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_changed_meetings', ['campaign_id', 'meeting_id']) }}",
) }}

with statements as (
    select * from {{ ref('int_briefing_headlines') }}
    union all
    select * from {{ ref('int_briefing_movers') }}
    union all
    select * from {{ ref('int_briefing_milestones') }}
    union all
    select * from {{ ref('int_briefing_explanations') }}
    union all
    select * from {{ ref('int_briefing_examples') }}
    union all
    select * from {{ ref('int_briefing_silent') }}
    union all
    select * from {{ ref('int_briefing_changes') }}
),

templates as (
    {{ briefing_templates() }}
),

meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

units as (
    select * from {{ ref('dim_unit') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

levels as (
    select * from {{ ref('dim_level') }}
),

milestones as (
    select distinct
        campaign_id,
        milestone_id,
        name_vi,
        name_en,
        due_date
    from {{ ref('dim_milestone') }}
),

tiers as (
    select * from {{ ref('dim_tier') }}
),

-- Names as they are said: a unit below the board's level with the unit above it.
named as (
    select
        statements.*,
        templates.* exclude (statement),
        meetings.* exclude (campaign_id, meeting_id),
        units.unit_name || case
            when units.level != meetings.board_level and units.parent_name is not null then ' (' || units.parent_name || ')' else ''
        end as unit,
        {% for language, day in [('vi', '%d/%m/%Y'), ('en', '%Y-%m-%d')] -%}
            indicators.name_{{ language }} as indicator_{{ language }},
            lower(levels.name_{{ language }}) as level_{{ language }},
            milestones.name_{{ language }} as milestone_{{ language }},
            tiers.name_{{ language }} as tier_{{ language }},
            strftime(milestones.due_date, '{{ day }}') as due_{{ language }},
            strftime(meetings.since_date, '{{ day }}') as since_{{ language }},
        {% endfor -%}
        indicators.position as indicator_position,
        tiers.position as tier_position,
        levels.depth as level_depth
    from statements
    inner join templates on statements.statement = templates.statement
    inner join meetings on statements.campaign_id = meetings.campaign_id and statements.meeting_id = meetings.meeting_id
    left join units on statements.campaign_id = units.campaign_id and statements.unit_code = units.unit_code
    left join indicators
        on statements.campaign_id = indicators.campaign_id and statements.indicator_id = indicators.indicator_id
    left join levels on statements.campaign_id = levels.campaign_id and statements.level = levels.level
    left join milestones on statements.campaign_id = milestones.campaign_id and statements.item_id = milestones.milestone_id
    left join tiers on statements.campaign_id = tiers.campaign_id and statements.item_id = tiers.tier_id
),

briefing as (
    select
        campaign_id,
        meeting_id,
        section,
        row_number() over (
            partition by campaign_id, meeting_id, section
            order by {{ briefing_order() }}
        ) as position,
        meeting_date,
        held_at,
        board_date,
        since_date,
        statement,
        unit_code,
        indicator_id,
        level,
        item_id,
        value,
        value_2,
        value_3,
        value_4,
        listed,
        {{ briefing_text('vi') }} as text_vi,
        {{ briefing_text('en') }} as text_en,
        {{ briefing_query() }} as query
    from named
)

select * from briefing
