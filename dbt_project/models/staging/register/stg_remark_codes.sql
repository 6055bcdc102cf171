with source as (
    select * from {{ source('register', 'remark_codes') }}
),

renamed as (
    select
        campaign_id,
        remark_id,
        kind,
        name_vi,
        name_en,
        code,
        code_name_vi,
        code_name_en,
        position
    from source
)

select * from renamed
