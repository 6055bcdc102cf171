{{ config(materialized='view') }}

with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

milestones as (
    select * from {{ ref('milestones') }} where threshold_value is not null
),

boards as (
    select * from {{ ref('int_briefing_boards') }}
),

-- Of several that were due for an indicator the last one is asked about.
missed as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        milestones.milestone_id,
        milestones.indicator_id,
        milestones.unit_code,
        boards.attained_pct,
        boards.value,
        milestones.threshold_value
    from meetings
    inner join milestones
        on
            meetings.campaign_id = milestones.campaign_id
            and meetings.board_level = milestones.level
            and meetings.held_at >= milestones.due_at
    left join boards
        on
            milestones.campaign_id = boards.campaign_id
            and milestones.indicator_id = boards.indicator_id
            and milestones.unit_code = boards.unit_code
            and meetings.board_date = boards.as_of_date
    where milestones.reached_on is null or milestones.reached_on > meetings.board_date
    qualify row_number() over (
        partition by meetings.campaign_id, meetings.meeting_id, milestones.indicator_id, milestones.unit_code
        order by milestones.due_at desc, milestones.milestone_id asc
    ) = 1
)

select * from missed
