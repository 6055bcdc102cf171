with units as (
    select * from {{ ref('int_units') }}
),

final as (
    select
        campaign_id,
        unit_code,
        unit_name,
        level,
        depth,
        parent_code,
        parent_name,
        path_name,
        kind,
        peer_group,
        opened_on,
        closed_on,
        is_discovered
    from units
)

select * from final
