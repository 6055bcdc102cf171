with boards as (
    select * from {{ ref('int_restated_boards') }}
),

ranked as (
    select
        *,
        case when may_rank and old_score is not null then rank() over (old_peers order by old_score desc) end as old_rank,
        case when may_rank and new_score is not null then rank() over (new_peers order by new_score desc) end as new_rank
    from boards
    window
        old_peers as (
            partition by campaign_id, as_of_date, since, indicator_id, level, peer_group, may_rank and old_score is not null
        ),
        new_peers as (
            partition by campaign_id, as_of_date, since, indicator_id, level, peer_group, may_rank and new_score is not null
        )
),

changed as (
    select
        campaign_id,
        indicator_id,
        level,
        as_of_date,
        since,
        meeting_id,
        since_date,
        old_known_at,
        new_known_at,
        unit_code,
        unit_name,
        peer_group,
        old_value,
        new_value,
        coalesce(new_value, 0) - coalesce(old_value, 0) as change,
        target,
        old_attained_pct,
        new_attained_pct,
        old_rank,
        new_rank,
        old_rank - new_rank as rank_change,
        figures_restated,
        units_restated,
        coalesce(reasons, 'others_moved') as reasons
    from ranked
    where old_value is distinct from new_value or old_rank is distinct from new_rank
)

select * from changed
