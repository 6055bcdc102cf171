with pairs as (
    select * from {{ ref('int_board_pairs') }}
),

restated as (
    select * from {{ ref('int_restated_values') }}
),

leaderboard as (
    select * from {{ ref('leaderboard') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

restated_indicators as (
    select distinct
        campaign_id,
        as_of_date,
        since,
        indicator_id
    from restated
),

-- The older board whole: those whose own figures stand may have moved all the same.
boards as (
    select
        pairs.campaign_id,
        leaderboard.indicator_id,
        leaderboard.level,
        pairs.as_of_date,
        pairs.since,
        pairs.meeting_id,
        pairs.since_date,
        pairs.old_known_at,
        pairs.new_known_at,
        leaderboard.unit_code,
        leaderboard.unit_name,
        leaderboard.peer_group,
        leaderboard.target,
        coalesce(leaderboard.unranked_reason, 'no_figure') = 'no_figure' as may_rank,
        case
            when not coalesce(restated.is_old_missing, leaderboard.value is null)
                then round(coalesce(leaderboard.value, 0) - coalesce(restated.changed_after_old, 0), 6)
        end as old_value,
        case
            when not coalesce(restated.is_new_missing, leaderboard.value is null)
                then round(coalesce(leaderboard.value, 0) - coalesce(restated.changed_after_new, 0), 6)
        end as new_value,
        campaigns.rank_by,
        restated.reasons,
        coalesce(restated.figures_restated, 0) as figures_restated,
        coalesce(restated.units_restated, 0) as units_restated
    from pairs
    inner join restated_indicators
        on
            pairs.campaign_id = restated_indicators.campaign_id
            and pairs.as_of_date = restated_indicators.as_of_date
            and pairs.since = restated_indicators.since
    inner join leaderboard
        on
            pairs.campaign_id = leaderboard.campaign_id
            and restated_indicators.indicator_id = leaderboard.indicator_id
            and pairs.since_date = leaderboard.as_of_date
    inner join campaigns on pairs.campaign_id = campaigns.campaign_id
    left join restated
        on
            pairs.campaign_id = restated.campaign_id
            and pairs.as_of_date = restated.as_of_date
            and pairs.since = restated.since
            and leaderboard.indicator_id = restated.indicator_id
            and leaderboard.unit_code = restated.unit_code
),

with_attainment as (
    select
        *,
        100 * old_value / nullif(target, 0) as old_attained_pct,
        100 * new_value / nullif(target, 0) as new_attained_pct
    from boards
),

with_score as (
    select
        *,
        case rank_by when 'value' then old_value else old_attained_pct end as old_score,
        case rank_by when 'value' then new_value else new_attained_pct end as new_score
    from with_attainment
)

select * from with_score
