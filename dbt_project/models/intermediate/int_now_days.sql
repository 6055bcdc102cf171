with now_dates as (
    select * from {{ ref('int_now_dates') }}
),

weights as (
    select * from {{ ref('int_now_weights') }}
),

periods as (
    select periods.*
    from {{ ref('stg_unit_periods') }} as periods
    inner join now_dates
        on
            periods.campaign_id = now_dates.campaign_id
            and now_dates.units_on >= periods.valid_from
            and now_dates.units_on <= periods.valid_to
),

ancestors as (
    select ancestors.*
    from {{ ref('int_ancestor_periods') }} as ancestors
    inner join now_dates
        on
            ancestors.campaign_id = now_dates.campaign_id
            and now_dates.units_on >= ancestors.valid_from
            and now_dates.units_on <= ancestors.valid_to
),

reported as (
    select * from {{ ref('int_unit_days') }}
    where value_basis = 'reported' and campaign_id in (select now_dates.campaign_id from now_dates)
),

shares as (
    select
        reported.* exclude (unit_code),
        coalesce(weights.unit_code, reported.unit_code) as unit_code,
        coalesce(weights.weight, 1) as weight
    from reported
    left join weights
        on
            reported.campaign_id = weights.campaign_id
            and reported.unit_code = weights.from_code
            and reported.as_of_date >= weights.first_on
            and reported.as_of_date <= weights.last_on
),

of_units as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of_date,
        {{ sum_of_shares('weight * value') }} as value,
        {{ sum_of_shares('weight * value_accepted') }} as value_accepted,
        max(last_as_of_date) as last_as_of_date,
        bool_or(is_provisional) as is_provisional,
        count(*) as source_units,
        bool_or(weight < 1) as is_estimated
    from shares
    group by campaign_id, indicator_id, unit_code, as_of_date
),

climbing as (
    select * from of_units

    union all by name

    select
        of_units.* exclude (unit_code),
        ancestors.ancestor_code as unit_code
    from of_units
    inner join ancestors
        on of_units.campaign_id = ancestors.campaign_id and of_units.unit_code = ancestors.unit_code
),

now_days as (
    select
        climbing.campaign_id,
        climbing.indicator_id,
        climbing.unit_code,
        any_value(periods.level) as level,
        climbing.as_of_date,
        {{ sum_of_shares('climbing.value') }} as value,
        {{ sum_of_shares('climbing.value_accepted') }} as value_accepted,
        max(climbing.last_as_of_date) as last_as_of_date,
        bool_or(climbing.is_provisional) as is_provisional,
        cast(sum(climbing.source_units) as bigint) as source_units,
        bool_or(climbing.is_estimated) as is_estimated
    from climbing
    inner join periods on climbing.campaign_id = periods.campaign_id and climbing.unit_code = periods.unit_code
    group by climbing.campaign_id, climbing.indicator_id, climbing.unit_code, climbing.as_of_date
)

select * from now_days
