with recursive units as (
    select * from {{ ref('stg_units') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

paths as (
    select
        campaign_id,
        unit_code,
        unit_name as path_name
    from units
    where parent_code is null

    union all

    select
        units.campaign_id,
        units.unit_code,
        paths.path_name || ' > ' || units.unit_name as path_name
    from units
    inner join paths
        on units.campaign_id = paths.campaign_id and units.parent_code = paths.unit_code
),

with_peer_group as (
    select
        units.campaign_id,
        units.unit_code,
        units.unit_name,
        units.level,
        units.depth,
        units.parent_code,
        parents.unit_name as parent_name,
        coalesce(paths.path_name, units.unit_name) as path_name,
        units.kind,
        case campaigns.peer_group_by
            when 'parent' then coalesce(units.parent_code, 'level')
            when 'column' then coalesce(units.peer_group, 'level')
            else 'level'
        end as peer_group,
        units.opened_on,
        units.closed_on,
        units.is_discovered
    from units
    inner join campaigns on units.campaign_id = campaigns.campaign_id
    left join units as parents
        on units.campaign_id = parents.campaign_id and units.parent_code = parents.unit_code
    left join paths on units.campaign_id = paths.campaign_id and units.unit_code = paths.unit_code
)

select * from with_peer_group
