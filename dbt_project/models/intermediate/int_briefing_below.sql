{{ config(materialized='view') }}

with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

slots as (
    select * from {{ ref('int_briefing_slots') }}
),

holds as (
    select * from {{ ref('holds') }}
),

units as (
    select * from {{ ref('dim_unit') }}
),

-- A unit of the board's level answers for itself and all below it.
answering as (
    select
        campaign_id,
        level,
        unit_code,
        unit_code as below_code
    from units

    union all

    select
        units.campaign_id,
        units.level,
        units.unit_code,
        ancestors.unit_code as below_code
    from units
    inner join {{ ref('int_unit_ancestors') }} as ancestors
        on units.campaign_id = ancestors.campaign_id and units.unit_code = ancestors.ancestor_code
),

facts as (
    select
        campaign_id,
        meeting_id,
        unit_code,
        owed,
        late,
        silent,
        0 as holds
    from slots

    union all

    select
        meetings.campaign_id,
        meetings.meeting_id,
        holds.unit_code,
        0 as owed,
        0 as late,
        0 as silent,
        1 as holds
    from meetings
    inner join holds
        on
            meetings.campaign_id = holds.campaign_id
            and meetings.held_at >= holds.received_at
            and coalesce(meetings.held_at < holds.settled_at, true)
),

below as (
    select
        facts.campaign_id,
        facts.meeting_id,
        answering.unit_code,
        {{ summed(['owed', 'late', 'silent', 'holds']) }}
    from facts
    inner join meetings on facts.campaign_id = meetings.campaign_id and facts.meeting_id = meetings.meeting_id
    inner join answering
        on
            facts.campaign_id = answering.campaign_id
            and facts.unit_code = answering.below_code
            and meetings.board_level = answering.level
    group by facts.campaign_id, facts.meeting_id, answering.unit_code
)

select * from below
