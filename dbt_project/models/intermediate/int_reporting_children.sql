with starts as (
    select * from {{ ref('int_unit_starts') }} where reported_on is not null
),

units as (
    select * from {{ ref('stg_units') }}
),

children_by_start as (
    select
        starts.campaign_id,
        starts.indicator_id,
        units.parent_code as unit_code,
        starts.reported_on as first_on,
        count(*) as children
    from starts
    inner join units
        on starts.campaign_id = units.campaign_id and starts.unit_code = units.unit_code
    where units.parent_code is not null and units.kind = 'unit'
    group by starts.campaign_id, starts.indicator_id, units.parent_code, starts.reported_on
),

counted as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on,
        lead(first_on, 1, date '9999-12-31') over series as next_on,
        cast(sum(children) over series as bigint) as children_reporting
    from children_by_start
    window series as (partition by campaign_id, indicator_id, unit_code order by first_on)
)

select * from counted
