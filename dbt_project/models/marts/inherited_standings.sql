with campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

leaderboard as (
    select * from {{ ref('leaderboard') }}
),

last_dates as (
    select
        campaign_id,
        indicator_id,
        max(as_of_date) as as_of_date
    from leaderboard
    group by campaign_id, indicator_id
),

last_boards as (
    select leaderboard.*
    from leaderboard
    inner join last_dates
        on
            leaderboard.campaign_id = last_dates.campaign_id
            and leaderboard.indicator_id = last_dates.indicator_id
            and leaderboard.as_of_date = last_dates.as_of_date
),

standings as (
    select
        campaigns.campaign_id,
        before.indicator_id,
        before.level,
        before.unit_code,
        before.unit_name,
        before.campaign_id as from_campaign_id,
        before.as_of_date as from_date,
        campaigns_before.ends_on <= campaigns_before.horizon_date as is_final,
        before.value as inherited_value,
        before.target as inherited_target,
        before.attained_pct as inherited_pct,
        before.rank as inherited_rank,
        before.ranked_count as inherited_ranked_count,
        before.tier as inherited_tier,
        own.as_of_date,
        own.value,
        own.target,
        own.attained_pct,
        own.rank,
        own.value - before.value as gained,
        before.rank - own.rank as rank_change
    from campaigns
    inner join campaigns as campaigns_before on campaigns.follows = campaigns_before.campaign_id
    inner join last_boards as before on campaigns.follows = before.campaign_id
    left join last_boards as own
        on
            campaigns.campaign_id = own.campaign_id
            and before.indicator_id = own.indicator_id
            and before.level = own.level
            and before.unit_code = own.unit_code
)

select * from standings
