with source as (
    select * from {{ source('register', 'recount_weights') }}
),

renamed as (
    select
        campaign_id,
        kind,
        name,
        weight
    from source
)

select * from renamed
