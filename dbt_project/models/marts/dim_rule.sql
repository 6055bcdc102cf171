with rules as (
    select * from {{ ref('stg_rules') }}
),

final as (
    select
        campaign_id,
        rule_id,
        dimension,
        severity,
        responsibility,
        place,
        rule_version,
        is_on,
        message_vi,
        message_en,
        remedy_vi,
        remedy_en,
        params
    from rules
)

select * from final
