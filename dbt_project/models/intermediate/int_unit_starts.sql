with first_figures as (
    select * from {{ ref('int_first_figures') }}
),

ancestors as (
    select * from {{ ref('int_ancestor_periods') }}
),

inherited as (
    select * from {{ ref('int_inherited') }}
),

-- What a unit took over from others is a beginning too.
beginnings as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on,
        reported_on
    from first_figures

    union all

    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on,
        first_on as reported_on
    from inherited
),

of_the_unit_and_below as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on as own_first_on,
        cast(null as date) as below_first_on,
        reported_on
    from beginnings

    union all

    select
        beginnings.campaign_id,
        beginnings.indicator_id,
        ancestors.ancestor_code as unit_code,
        cast(null as date) as own_first_on,
        greatest(beginnings.first_on, ancestors.valid_from) as below_first_on,
        greatest(beginnings.reported_on, ancestors.valid_from) as reported_on
    from beginnings
    inner join ancestors
        on
            beginnings.campaign_id = ancestors.campaign_id
            and beginnings.unit_code = ancestors.unit_code
            and beginnings.first_on <= ancestors.valid_to
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
