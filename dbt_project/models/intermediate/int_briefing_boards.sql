-- What meetings look at of progress and leaderboard, fetched once: the board's level and the units at the top, on the days of boards.
with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

board_days as (
    select distinct
        campaign_id,
        unnest([board_date, since_date]) as as_of_date,
        board_indicator_id,
        board_level
    from meetings
),

units as (
    select * from {{ ref('dim_unit') }}
),

progress as (
    select
        progress.*,
        board_days.board_indicator_id,
        progress.level = board_days.board_level as is_of_board_level,
        units.parent_code is null as is_top
    from {{ ref('progress') }} as progress
    inner join board_days
        on progress.campaign_id = board_days.campaign_id and progress.as_of_date = board_days.as_of_date
    inner join units on progress.campaign_id = units.campaign_id and progress.unit_code = units.unit_code
    where progress.level = board_days.board_level or units.parent_code is null
),

leaderboard as (
    select leaderboard.*
    from {{ ref('leaderboard') }} as leaderboard
    inner join board_days
        on
            leaderboard.campaign_id = board_days.campaign_id
            and leaderboard.as_of_date = board_days.as_of_date
            and leaderboard.level = board_days.board_level
            and leaderboard.indicator_id = board_days.board_indicator_id
),

boards as (
    select
        coalesce(progress.campaign_id, leaderboard.campaign_id) as campaign_id,
        coalesce(progress.indicator_id, leaderboard.indicator_id) as indicator_id,
        coalesce(progress.unit_code, leaderboard.unit_code) as unit_code,
        coalesce(progress.as_of_date, leaderboard.as_of_date) as as_of_date,
        coalesce(progress.is_top, false) as is_top,
        progress.is_of_board_level,
        leaderboard.unit_code is not null as is_on_board,
        progress.value,
        progress.target,
        progress.gap,
        progress.attained_pct,
        progress.actual_pace,
        progress.required_pace,
        progress.days_left,
        progress.schedule_status,
        leaderboard.unit_name,
        leaderboard.position,
        leaderboard.rank,
        leaderboard.ranked_count,
        leaderboard.last_meeting_rank,
        leaderboard.meeting_rank_change,
        leaderboard.tier
    from progress
    full outer join leaderboard
        on
            progress.campaign_id = leaderboard.campaign_id
            and progress.indicator_id = leaderboard.indicator_id
            and progress.unit_code = leaderboard.unit_code
            and progress.as_of_date = leaderboard.as_of_date
)

select * from boards
