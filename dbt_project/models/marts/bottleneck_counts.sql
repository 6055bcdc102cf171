with bottlenecks as (
    select * from {{ ref('bottlenecks') }}
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

own_and_below as (
    select
        campaign_id,
        unit_code as counted_code,
        bottlenecks.*
    from bottlenecks

    union all

    select
        ancestors.campaign_id,
        ancestors.ancestor_code as counted_code,
        bottlenecks.*
    from bottlenecks
    inner join ancestors
        on bottlenecks.campaign_id = ancestors.campaign_id and bottlenecks.unit_code = ancestors.unit_code
),

counted as (
    select
        units.campaign_id,
        units.unit_code,
        units.level,
        own_and_below.remark_id,
        own_and_below.code,
        any_value(own_and_below.code_name_vi) as code_name_vi,
        any_value(own_and_below.code_name_en) as code_name_en,
        count(distinct own_and_below.unit_code) filter (where own_and_below.is_open) as units_open,
        count(distinct own_and_below.unit_code) as units_ever,
        count(*) as spells,
        cast(sum(own_and_below.days_open) as bigint) as days_open,
        max(own_and_below.days_open) filter (where own_and_below.is_open) as longest_open_days
    from own_and_below
    inner join units
        on own_and_below.campaign_id = units.campaign_id and own_and_below.counted_code = units.unit_code
    group by units.campaign_id, units.unit_code, units.level, own_and_below.remark_id, own_and_below.code
)

select * from counted
