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
        position,
        devices_id,
        device_norm,
        person_norm,
        is_reinforced,
        is_reinforced_daily
    from source
)

select * from renamed
