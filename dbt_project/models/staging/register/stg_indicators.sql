with source as (
    select * from {{ source('register', 'indicators') }}
),

renamed as (
    select
        campaign_id,
        indicator_id,
        name_vi,
        name_en,
        kind,
        is_required,
        is_fractional,
        part_of,
        position
    from source
)

select * from renamed
