with source as (
    select * from {{ source('register', 'crosswalk') }}
),

renamed as (
    select
        campaign_id,
        old_code,
        new_code,
        weight,
        valid_from,
        weight_basis
    from source
)

select * from renamed
