with first_figures as (
    select * from {{ ref('int_first_figures') }}
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

of_the_unit_and_below as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on as own_first_on,
        cast(null as date) as below_first_on,
        reported_on
    from first_figures

    union all

    select
        first_figures.campaign_id,
        first_figures.indicator_id,
        ancestors.ancestor_code as unit_code,
        cast(null as date) as own_first_on,
        first_figures.first_on as below_first_on,
        first_figures.reported_on
    from first_figures
    inner join ancestors
        on first_figures.campaign_id = ancestors.campaign_id and first_figures.unit_code = ancestors.unit_code
),

starts as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        min(own_first_on) as own_first_on,
        min(below_first_on) as below_first_on,
        coalesce(min(below_first_on), min(own_first_on)) as first_on,
        min(reported_on) as reported_on
    from of_the_unit_and_below
    group by campaign_id, indicator_id, unit_code
)

select * from starts
