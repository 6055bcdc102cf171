with tiers as (
    select * from {{ ref('stg_tiers') }}
),

bands as (
    select
        campaign_id,
        tier_id,
        name_vi,
        name_en,
        min_pct,
        lead(min_pct, 1, cast('infinity' as double)) over (partition by campaign_id order by min_pct) as next_min_pct
    from tiers
)

select * from bands
