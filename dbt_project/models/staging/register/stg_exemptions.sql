with source as (
    select * from {{ source('register', 'exemptions') }}
),

renamed as (
    select
        campaign_id,
        unit_code,
        first_on,
        last_on,
        reason,
        author
    from source
)

select * from renamed
