with source as (
    select * from {{ source('register', 'emulation_classes') }}
),

renamed as (
    select
        campaign_id,
        class_id,
        name_vi,
        name_en,
        min_score
    from source
)

select * from renamed
