with members as (
    select * from {{ ref('int_board_members') }}
),

ranked as (
    select
        *,
        case when unranked_reason is null then rank() over (peers order by score desc) end as rank,
        case when unranked_reason is null then count(*) over peers end as ranked_count,
        case
            when unranked_reason is null and improvement_pct is not null
                then rank() over (peers order by improvement_pct desc nulls last)
        end as improvement_rank
    from members
    window peers as (
        partition by as_of_date, peer_group, unranked_reason is null, level, indicator_id, campaign_id
    )
),

-- Wilson's 95 % interval of the share value/target, with the target as the number of trials.
shares as (
    select
        campaign_id,
        indicator_id,
        level,
        as_of_date,
        unit_code,
        peer_group,
        ranked_count,
        greatest(least(attained_pct / 100, 1), 0) as share,
        3.8414588206941285 / target as z2n
    from ranked
    where rank_by = 'attained_pct' and unranked_reason is null
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
        as_of_date,
        unit_code,
        ranked_count,
        side,
        sum(1 - side) over in_order as started,
        sum(side) over in_order as ended
    from ends
    window in_order as (
        partition by as_of_date, peer_group, level, indicator_id, campaign_id order by position, side
    )
),

rank_intervals as (
    select
        campaign_id,
        indicator_id,
        as_of_date,
        unit_code,
        1 + max(ranked_count - started) filter (where side = 1) as rank_low,
        max(ranked_count - ended) filter (where side = 0) as rank_high
    from counted
    group by campaign_id, indicator_id, as_of_date, unit_code
),

with_interval as (
    select
        ranked.*,
        cast(coalesce(rank_intervals.rank_low, ranked.rank) as bigint) as rank_low,
        cast(coalesce(rank_intervals.rank_high, ranked.rank) as bigint) as rank_high
    from ranked
    left join rank_intervals
        on
            ranked.unit_code = rank_intervals.unit_code
            and ranked.as_of_date = rank_intervals.as_of_date
            and ranked.indicator_id = rank_intervals.indicator_id
            and ranked.campaign_id = rank_intervals.campaign_id
)

select * from with_interval
