with source as (
    select * from {{ source('register', 'emulation_parts') }}
),

renamed as (
    select
        campaign_id,
        part_id,
        weight,
        zero_at,
        full_at,
        position
    from source
)

select * from renamed
