with source as (
    select * from {{ source('register', 'emulation_periods') }}
),

renamed as (
    select
        campaign_id,
        period_id,
        name_vi,
        name_en,
        first_on,
        last_on,
        indicator_id,
        level
    from source
)

select * from renamed
