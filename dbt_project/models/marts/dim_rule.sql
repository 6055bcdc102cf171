with rules as (
    select * from {{ ref('stg_rules') }} where is_latest
),

final as (
    select
        campaign_id,
        rule_id,
        name_vi,
        name_en,
        dimension,
        severity,
        responsibility,
        place,
        rule_version,
        is_on,
        is_shadow,
        effective_from,
        message_vi,
        message_en,
        remedy_vi,
        remedy_en,
        explanation_vi,
        explanation_en,
        params
    from rules
)

select * from final
