{{ config(materialized='view') }}

with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

boards as (
    select * from {{ ref('int_briefing_boards') }} where meeting_rank_change is not null
),

compared as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        boards.indicator_id,
        boards.unit_code,
        boards.rank,
        boards.last_meeting_rank,
        boards.meeting_rank_change
    from meetings
    inner join boards on meetings.campaign_id = boards.campaign_id and meetings.board_date = boards.as_of_date
),

counts as (
    select
        campaign_id,
        meeting_id,
        indicator_id,
        count(*) filter (where meeting_rank_change > 0) as up,
        count(*) filter (where meeting_rank_change < 0) as down,
        count(*) as compared
    from compared
    group by campaign_id, meeting_id, indicator_id
),

-- The first five either way; units with the same change by their place, then by code.
turned as (
    select
        *,
        row_number() over (
            partition by campaign_id, meeting_id, meeting_rank_change > 0
            order by abs(meeting_rank_change) desc, rank asc, unit_code asc
        ) as turn
    from compared
    where meeting_rank_change != 0
),

movers as (
    select * from turned where turn <= 5
),

statements as (
    {{ briefing_rows('counts', 'mover_count', ['up', 'down', 'compared'], indicator_id='indicator_id') }}
    union all
    {{ briefing_rows(
        'movers', 'mover_up', ['meeting_rank_change', 'rank', 'last_meeting_rank'], sort='turn', only='meeting_rank_change > 0',
        unit_code='unit_code', indicator_id='indicator_id'
    ) }}
    union all
    {{ briefing_rows(
        'movers', 'mover_down', ['-meeting_rank_change', 'rank', 'last_meeting_rank'], sort='turn', only='meeting_rank_change < 0',
        unit_code='unit_code', indicator_id='indicator_id'
    ) }}
)

select * from statements
