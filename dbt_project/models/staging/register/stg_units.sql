with source as (
    select * from {{ source('register', 'units') }}
),

renamed as (
    select
        campaign_id,
        unit_code,
        unit_name,
        level,
        depth,
        parent_code,
        kind,
        opened_on,
        closed_on,
        peer_group,
        is_discovered
    from source
)

select * from renamed
