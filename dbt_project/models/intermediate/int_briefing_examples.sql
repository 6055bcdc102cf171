{{ config(materialized='view') }}

with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

good_practice as (
    select * from {{ ref('good_practice') }} where period_kind = 'meeting'
),

milestones as (
    select * from {{ ref('milestones') }} where days_early > 0
),

improved as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        meetings.board_level,
        good_practice.* exclude (campaign_id)
    from meetings
    inner join good_practice
        on meetings.campaign_id = good_practice.campaign_id and meetings.board_date = good_practice.as_of_date
),

-- The first ten of those who said how they work, best closed gap first.
practices as (
    select
        *,
        row_number() over (
            partition by campaign_id, meeting_id order by closed_gap_pct desc nulls last, unit_code asc
        ) as turn
    from improved
    where practices_reported > 0 and level = board_level
),

-- Of several milestones reached since the last meeting the one that was reached earliest for its due day.
early as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        milestones.milestone_id,
        milestones.indicator_id,
        milestones.unit_code,
        milestones.days_early
    from meetings
    inner join milestones
        on
            meetings.campaign_id = milestones.campaign_id
            and meetings.board_level = milestones.level
            and meetings.board_date >= milestones.reached_on
            and coalesce(meetings.since_date < milestones.reached_on, true)
    qualify row_number() over (
        partition by meetings.campaign_id, meetings.meeting_id, milestones.indicator_id, milestones.unit_code
        order by milestones.days_early desc, milestones.milestone_id asc
    ) = 1
),

earliest as (
    select
        *,
        row_number() over (
            partition by campaign_id, meeting_id order by days_early desc, indicator_id asc, unit_code asc
        ) as turn
    from early
),

statements as (
    {{ briefing_rows(
        'improved', 'show_closed_gap', ['closed_gap_pct', 'attained_pct_before', 'attained_pct'], sort='improvement_rank',
        unit_code='unit_code', indicator_id='indicator_id', only='improvement_rank <= 3 and closed_gap_pct > 0 and level = board_level'
    ) }}
    union all
    {{ briefing_rows(
        'practices', 'show_practice', ['practices_reported'], listed='practices_vi', listed_en='practices_en', sort='turn',
        unit_code='unit_code', indicator_id='indicator_id', only='turn <= 10'
    ) }}
    union all
    {{ briefing_rows(
        'earliest', 'show_early', ['days_early'], sort='turn', unit_code='unit_code', indicator_id='indicator_id',
        item_id='milestone_id', only='turn <= 20'
    ) }}
)

select * from statements
