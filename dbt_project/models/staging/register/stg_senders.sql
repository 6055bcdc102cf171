with source as (
    select * from {{ source('register', 'senders') }}
),

renamed as (
    select
        campaign_id,
        sender,
        unit_code,
        role,
        name as sender_name,
        language,
        contact,
        position
    from source
)

select * from renamed
