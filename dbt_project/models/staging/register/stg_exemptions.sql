with source as (
    select * from {{ source('register', 'exemptions') }}
),

renamed as (
    select
        campaign_id,
        unit_code,
        slot_name,
        first_on,
        last_on,
        reason,
        author
    from source
)

select * from renamed
