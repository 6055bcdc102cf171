with source as (
    select * from {{ source('register', 'targets') }}
),

renamed as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        target,
        valid_from
    from source
)

select * from renamed
