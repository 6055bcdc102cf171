{{ config(materialized='view') }}

with members as (
    select * from {{ ref('int_board_members') }}
),

ranked as (
    select
        campaign_id,
        indicator_id,
        level,
        as_of_date,
        unit_code,
        peer_group,
        attained_pct,
        target,
        rank_by,
        rank() over (peers order by score desc) as rank,
        count(*) over peers as ranked_count
    from members
    where unranked_reason is null
    window peers as (partition by campaign_id, indicator_id, level, as_of_date, peer_group)
),

-- Wilson's 95 % interval of the share value/target, with the target as the number of trials.
shares as (
    select
        *,
        greatest(least(attained_pct / 100, 1), 0) as share,
        3.8414588206941285 / target as z2n
    from ranked
    where rank_by = 'attained_pct'
),

intervals as (
    select
        *,
        (share + z2n / 2) / (1 + z2n) as centre,
        sqrt(share * (1 - share) * z2n + z2n * z2n / 4) / (1 + z2n) as half_width
    from shares
),

-- Both ends of all intervals in one order: a unit is surely better where it starts after the other has ended.
ends as (
    select
        campaign_id,
        indicator_id,
        level,
        as_of_date,
        unit_code,
        peer_group,
        ranked_count,
        unnest([0, 1]) as side,
        centre + unnest([-half_width, half_width]) as position
    from intervals
),

counted as (
    select
        campaign_id,
        indicator_id,
        level,
        as_of_date,
        unit_code,
        ranked_count,
        side,
        sum(1 - side) over in_order as started,
        sum(side) over in_order as ended
    from ends
    window in_order as (
        partition by campaign_id, indicator_id, level, as_of_date, peer_group order by position, side
    )
),

rank_intervals as (
    select
        campaign_id,
        indicator_id,
        level,
        as_of_date,
        unit_code,
        1 + max(ranked_count - started) filter (where side = 1) as rank_low,
        max(ranked_count - ended) filter (where side = 0) as rank_high
    from counted
    group by campaign_id, indicator_id, level, as_of_date, unit_code
),

with_interval as (
    select
        ranked.campaign_id,
        ranked.indicator_id,
        ranked.level,
        ranked.as_of_date,
        ranked.unit_code,
        ranked.rank,
        ranked.ranked_count,
        cast(coalesce(rank_intervals.rank_low, ranked.rank) as bigint) as rank_low,
        cast(coalesce(rank_intervals.rank_high, ranked.rank) as bigint) as rank_high
    from ranked
    left join rank_intervals
        on
            ranked.campaign_id = rank_intervals.campaign_id
            and ranked.indicator_id = rank_intervals.indicator_id
            and ranked.as_of_date = rank_intervals.as_of_date
            and ranked.unit_code = rank_intervals.unit_code
)

select * from with_interval
