with rules as (
    select * from {{ ref('stg_rules') }}
),

final as (
    select
        campaign_id,
        rule_id,
        edition,
        rule_version,
        severity,
        is_on,
        is_shadow,
        effective_from,
        effective_to,
        params
    from rules
)

select * from final
