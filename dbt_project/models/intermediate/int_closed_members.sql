with ancestors as (
    select * from {{ ref('int_ancestor_periods') }}
),

closed_units as (
    select
        units.campaign_id,
        units.unit_code,
        units.closed_on
    from {{ ref('stg_units') }} as units
    inner join {{ ref('int_now_dates') }} as now_dates
        on units.campaign_id = now_dates.campaign_id and units.closed_on < now_dates.units_on
),

members as (
    select
        campaign_id,
        unit_code,
        unit_code as member_code,
        date '0001-01-01' as valid_from,
        closed_on as valid_to
    from closed_units

    union all

    select
        closed_units.campaign_id,
        closed_units.unit_code,
        ancestors.unit_code as member_code,
        ancestors.valid_from,
        least(ancestors.valid_to, closed_units.closed_on) as valid_to
    from closed_units
    inner join ancestors
        on closed_units.campaign_id = ancestors.campaign_id and closed_units.unit_code = ancestors.ancestor_code
)

select * from members
