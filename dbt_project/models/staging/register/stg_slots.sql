with source as (
    select * from {{ source('register', 'slots') }}
),

renamed as (
    select
        campaign_id,
        slot_id,
        slot_name,
        slot_date,
        cutoff_at,
        closes_at,
        level
    from source
)

select * from renamed
