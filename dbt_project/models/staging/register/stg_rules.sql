with source as (
    select * from {{ source('register', 'rules') }}
),

renamed as (
    select
        campaign_id,
        rule_id,
        edition,
        name_vi,
        name_en,
        dimension,
        severity,
        responsibility,
        place,
        relation,
        rule_version,
        is_on,
        is_shadow,
        is_latest,
        effective_from,
        effective_to,
        message_vi,
        message_en,
        remedy_vi,
        remedy_en,
        explanation_vi,
        explanation_en,
        params,
        condition,
        shows
    from source
)

select * from renamed
