with source as (
    select * from {{ source('register', 'levels') }}
),

renamed as (
    select
        campaign_id,
        level,
        depth,
        name_vi,
        name_en
    from source
)

select * from renamed
