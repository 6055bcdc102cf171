with source as (
    select * from {{ source('register', 'obligations') }}
),

renamed as (
    select
        campaign_id,
        unit_code,
        slot_name,
        first_on,
        last_on
    from source
)

select * from renamed
