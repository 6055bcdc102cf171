with scores as (
    select * from {{ ref('emulation_scores') }} where sender is not null
),

persons as (
    select
        campaign_id,
        period_id,
        level,
        sender,
        any_value(sender_name) as sender_name,
        count(*) as units,
        round(avg(score), 6) as score,
        min(score) as lowest_score,
        bool_and(is_closed) as is_closed
    from scores
    group by campaign_id, period_id, level, sender
),

ranked as (
    select
        *,
        case
            when score is not null
                then rank() over (partition by campaign_id, period_id, level order by score desc nulls last)
        end as rank
    from persons
)

select * from ranked
