with source as (
    select * from {{ source('register', 'people') }}
),

renamed as (
    select
        campaign_id,
        unit_code,
        people,
        first_on,
        last_on
    from source
)

select * from renamed
