{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_changed_boards', ['campaign_id', 'indicator_id', 'as_of_date']) }}",
    post_hook="{{ regrade() }}",
) }}

-- depends_on: {{ ref('int_changed_boards') }}
with members as (
    select * from {{ ref('int_board_members') }}
),

ranks as (
    select * from {{ ref('int_ranks') }}
),

tiers as (
    select * from {{ ref('int_tier_bands') }}
),

grades as (
    select * from {{ ref('data_quality') }} where period_kind = 'campaign'
),

{% if is_incremental() %}
    earlier_boards as (
        select
            campaign_id,
            indicator_id,
            level,
            as_of_date,
            unit_code,
            rank
        from {{ this }}
        where (campaign_id, indicator_id, as_of_date) in (
            select (campaign_id, indicator_id, as_of_date - 1) from {{ ref('int_changed_boards') }}
        )
    ),
{% endif %}

improvement_ranks as (
    select
        campaign_id,
        indicator_id,
        as_of_date,
        unit_code,
        rank() over (
            partition by campaign_id, indicator_id, level, as_of_date, peer_group order by improvement_pct desc
        ) as improvement_rank
    from members
    where unranked_reason is null and improvement_pct is not null
),

-- A board stands every day, so the previous one is yesterday's.
previous_ranks as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of_date + 1 as as_of_date,
        rank as previous_rank
    from ranks
    {% if is_incremental() %}
        union all
        select
            campaign_id,
            indicator_id,
            unit_code,
            as_of_date + 1 as as_of_date,
            rank as previous_rank
        from earlier_boards
        where rank is not null
    {% endif %}
),

boards as (
    select
        members.campaign_id,
        members.indicator_id,
        members.level,
        members.as_of_date,
        members.unit_code,
        members.unit_name,
        members.parent_code,
        members.peer_group,
        members.value,
        members.target,
        members.attained_pct,
        ranks.rank,
        ranks.ranked_count,
        ranks.rank_low,
        ranks.rank_high,
        previous_ranks.previous_rank,
        previous_ranks.previous_rank - ranks.rank as rank_change,
        members.improvement_pct,
        improvement_ranks.improvement_rank,
        tiers.tier_id as tier,
        tiers.name_vi as tier_name_vi,
        tiers.name_en as tier_name_en,
        members.is_provisional,
        members.last_as_of_date,
        date_diff('day', members.last_as_of_date, members.as_of_date) as age_days,
        grades.quality_grade,
        members.unranked_reason,
        row_number() over (
            partition by members.campaign_id, members.indicator_id, members.level, members.as_of_date
            order by members.peer_group, ranks.rank nulls last, members.unit_code
        ) as position
    from members
    left join ranks
        on
            members.campaign_id = ranks.campaign_id
            and members.indicator_id = ranks.indicator_id
            and members.as_of_date = ranks.as_of_date
            and members.unit_code = ranks.unit_code
    left join previous_ranks
        on
            members.campaign_id = previous_ranks.campaign_id
            and members.indicator_id = previous_ranks.indicator_id
            and members.as_of_date = previous_ranks.as_of_date
            and members.unit_code = previous_ranks.unit_code
    left join improvement_ranks
        on
            members.campaign_id = improvement_ranks.campaign_id
            and members.indicator_id = improvement_ranks.indicator_id
            and members.as_of_date = improvement_ranks.as_of_date
            and members.unit_code = improvement_ranks.unit_code
    left join tiers
        on
            members.campaign_id = tiers.campaign_id
            and members.attained_pct >= tiers.min_pct
            and members.attained_pct < coalesce(tiers.next_min_pct, 'infinity'::double)
    left join grades
        on members.campaign_id = grades.campaign_id and members.unit_code = grades.unit_code
)

select * from boards
