with source as (
    select * from {{ source('register', 'tiers') }}
),

renamed as (
    select
        campaign_id,
        tier_id,
        name_vi,
        name_en,
        min_pct,
        position
    from source
)

select * from renamed
