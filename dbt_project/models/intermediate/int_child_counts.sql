with periods as (
    select * from {{ ref('stg_unit_periods') }} where parent_code is not null
),

units as (
    select * from {{ ref('stg_units') }} where kind = 'unit'
),

spans as (
    select * from {{ ref('int_unit_spans') }}
),

starts as (
    select * from {{ ref('int_unit_starts') }} where reported_on is not null
),

-- When a unit hangs below which parent; one that the crosswalk hands on leaves it.
children as (
    select
        periods.campaign_id,
        periods.unit_code,
        periods.parent_code,
        greatest(periods.valid_from, coalesce(spans.first_on, periods.valid_from)) as first_on,
        least(periods.valid_to, coalesce(spans.last_on, periods.valid_to)) as last_on
    from periods
    inner join units on periods.campaign_id = units.campaign_id and periods.unit_code = units.unit_code
    left join spans
        on
            periods.campaign_id = spans.campaign_id
            and periods.unit_code = spans.unit_code
            and periods.valid_from <= spans.last_on
            and periods.valid_to >= spans.first_on
    where
        spans.unit_code is not null
        or (periods.campaign_id, periods.unit_code) not in (select (s.campaign_id, s.unit_code) from spans as s)
),

counts as (
    select
        campaign_id,
        cast(null as varchar) as indicator_id,
        parent_code,
        first_on,
        last_on
    from children

    union all

    select
        children.campaign_id,
        starts.indicator_id,
        children.parent_code,
        greatest(children.first_on, starts.reported_on) as first_on,
        children.last_on
    from children
    inner join starts
        on
            children.campaign_id = starts.campaign_id
            and children.unit_code = starts.unit_code
            and children.last_on >= starts.reported_on
),

steps as (
    select
        campaign_id,
        indicator_id,
        parent_code as unit_code,
        unnest([first_on, last_on]) + unnest([0, cast(last_on < date '9999-12-31' as integer)]) as from_on,
        unnest([1, -cast(last_on < date '9999-12-31' as integer)]) as step
    from counts
),

by_day as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        from_on as first_on,
        sum(step) as step
    from steps
    group by campaign_id, indicator_id, unit_code, from_on
),

counted as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on,
        lead(first_on, 1, date '9999-12-31') over series as next_on,
        cast(sum(step) over series as bigint) as children
    from by_day
    window series as (partition by campaign_id, indicator_id, unit_code order by first_on)
)

select * from counted
