with source as (
    select * from {{ source('register', 'extensions') }}
),

renamed as (
    select
        campaign_id,
        unit_code,
        slot_name,
        first_on,
        last_on,
        until_at,
        reason,
        author
    from source
)

select * from renamed
