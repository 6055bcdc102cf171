with places as (
    select * from {{ ref('int_unit_places') }}
),

final as (
    select
        campaign_id,
        unit_code,
        first_on,
        last_on,
        unit_name,
        level,
        parent_code,
        peer_group,
        kind
    from places
)

select * from final
