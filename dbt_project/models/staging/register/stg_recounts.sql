with source as (
    select * from {{ source('register', 'recounts') }}
),

renamed as (
    select
        campaign_id,
        recount_id,
        indicator_id,
        unit_code,
        as_of_date,
        recounted_value,
        recounted_on,
        recounted_by,
        note,
        known_until
    from source
)

select * from renamed
