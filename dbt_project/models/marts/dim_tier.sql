with tiers as (
    select * from {{ ref('stg_tiers') }}
),

final as (
    select
        campaign_id,
        tier_id,
        name_vi,
        name_en,
        min_pct,
        position
    from tiers
)

select * from final
