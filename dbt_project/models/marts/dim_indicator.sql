with indicators as (
    select * from {{ ref('stg_indicators') }}
),

final as (
    select
        campaign_id,
        indicator_id,
        name_vi,
        name_en,
        kind,
        is_required,
        part_of,
        position
    from indicators
)

select * from final
