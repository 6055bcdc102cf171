with levels as (
    select * from {{ ref('stg_levels') }}
),

final as (
    select
        campaign_id,
        level,
        depth,
        name_vi,
        name_en
    from levels
)

select * from final
