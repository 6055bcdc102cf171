with places as (
    select * from {{ ref('int_unit_places') }}
),

final as (
    select
        campaign_id,
        unit_code,
        greatest(first_on, coalesce(opened_on, first_on)) as first_on,
        least(last_on, coalesce(closed_on, last_on)) as last_on,
        unit_name,
        level,
        parent_code,
        peer_group,
        kind
    from places
    where
        coalesce(opened_on, first_on) <= last_on
        and coalesce(closed_on, last_on) >= first_on
)

select * from final
