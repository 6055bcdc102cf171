with recursive units as (
    select
        campaign_id,
        unit_code,
        parent_code
    from {{ ref('stg_units') }}
),

ancestors as (
    select
        campaign_id,
        unit_code,
        parent_code as ancestor_code,
        1 as distance
    from units
    where parent_code is not null

    union all

    select
        ancestors.campaign_id,
        ancestors.unit_code,
        units.parent_code as ancestor_code,
        ancestors.distance + 1 as distance
    from ancestors
    inner join units
        on ancestors.campaign_id = units.campaign_id and ancestors.ancestor_code = units.unit_code
    where units.parent_code is not null
)

select * from ancestors
