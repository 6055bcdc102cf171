with source as (
    select * from {{ source('register', 'comparisons') }}
),

renamed as (
    select
        campaign_id,
        comparison_id,
        name_vi,
        name_en,
        since,
        before_from
    from source
)

select * from renamed
