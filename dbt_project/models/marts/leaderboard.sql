{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_changed_boards', ['campaign_id', 'indicator_id', 'as_of_date']) }}",
    post_hook="{{ regrade() }}",
) }}

-- depends_on: {{ ref('int_changed_boards') }}
with ranks as (
    select
        *,
        true as is_changed
    from {{ ref('int_ranks') }}
),

tiers as (
    select * from {{ ref('int_tier_bands') }}
),

grades as (
    select * from {{ ref('data_quality') }} where period_kind = 'campaign'
),

unit_changes as (
    select * from {{ ref('int_unit_changes') }}
),

-- A board stands every day, so the previous one is yesterday's.
with_earlier_boards as (
    select * from ranks
    {% if is_incremental() %}
        union all by name
        select
            campaign_id,
            indicator_id,
            level,
            as_of_date,
            unit_code,
            rank,
            false as is_changed
        from {{ this }}
        where (campaign_id, indicator_id, as_of_date) in (
            select (campaign_id, indicator_id, as_of_date - 1) from {{ ref('int_changed_boards') }}
        )
    {% endif %}
),

with_previous_rank as (
    select
        *,
        case
            when lag(as_of_date) over series = as_of_date - 1 then lag(rank) over series
        end as previous_rank
    from with_earlier_boards
    window series as (partition by unit_code, indicator_id, campaign_id order by as_of_date)
),

boards as (
    select
        ranks.campaign_id,
        ranks.indicator_id,
        ranks.level,
        ranks.as_of_date,
        ranks.unit_code,
        ranks.unit_name,
        ranks.parent_code,
        ranks.peer_group,
        ranks.value,
        ranks.target,
        ranks.attained_pct,
        ranks.rank,
        ranks.ranked_count,
        ranks.rank_low,
        ranks.rank_high,
        case when unit_changes.unit_code is null then ranks.previous_rank end as previous_rank,
        case when unit_changes.unit_code is null then ranks.previous_rank - ranks.rank end as rank_change,
        ranks.improvement_pct,
        ranks.improvement_rank,
        tiers.tier_id as tier,
        tiers.name_vi as tier_name_vi,
        tiers.name_en as tier_name_en,
        ranks.is_provisional,
        ranks.provisional_reason,
        ranks.last_as_of_date,
        date_diff('day', ranks.last_as_of_date, ranks.as_of_date) as age_days,
        grades.quality_grade,
        ranks.unranked_reason,
        row_number() over (
            partition by ranks.as_of_date, ranks.level, ranks.indicator_id, ranks.campaign_id
            order by ranks.peer_group, ranks.rank nulls last, ranks.unit_code
        ) as position
    from with_previous_rank as ranks
    left join tiers
        on
            ranks.campaign_id = tiers.campaign_id
            and ranks.attained_pct >= tiers.min_pct
            and ranks.attained_pct < tiers.next_min_pct
    left join grades
        on ranks.campaign_id = grades.campaign_id and ranks.unit_code = grades.unit_code
    -- on the day of its change a unit is another one than yesterday
    left join unit_changes
        on
            ranks.campaign_id = unit_changes.campaign_id
            and ranks.unit_code = unit_changes.unit_code
            and ranks.as_of_date = unit_changes.changed_on
    where ranks.is_changed
)

select * from boards
