{{ config(materialized='view') }}

with changed_days as (
    select * from {{ ref('int_changed_days') }}
),

own_days as (
    select *
    from {{ ref('int_own_days') }}
    where (campaign_id, indicator_id, as_of_date) in (
        select (campaign_id, indicator_id, as_of_date) from changed_days
    )
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

spans as (
    select * from {{ ref('int_unit_spans') }}
),

span_values as (
    select * from {{ ref('int_span_values') }}
),

inherited as (
    select * from {{ ref('int_inherited') }}
),

of_spans as (
    select
        own_days.*,
        indicators.kind,
        spans.first_on,
        own_days.last_as_of_date >= spans.first_on as is_own
    from own_days
    inner join spans
        on
            own_days.campaign_id = spans.campaign_id
            and own_days.unit_code = spans.unit_code
            and own_days.as_of_date >= spans.first_on
            and own_days.as_of_date <= spans.last_on
    inner join indicators
        on own_days.campaign_id = indicators.campaign_id and own_days.indicator_id = indicators.indicator_id
),

-- A unit's own level replaces what it took over; its own increments come on top of it.
own as (
    select
        of_spans.* exclude (own_value, kind, first_on, is_own),
        case of_spans.kind
            when 'increment'
                then round(of_spans.own_value - coalesce(span_values.value_before, 0) + coalesce(inherited.value, 0), 6)
            else of_spans.own_value
        end as own_value
    from of_spans
    left join span_values
        on
            of_spans.campaign_id = span_values.campaign_id
            and of_spans.indicator_id = span_values.indicator_id
            and of_spans.unit_code = span_values.unit_code
            and of_spans.first_on = span_values.first_on
    left join inherited
        on
            of_spans.campaign_id = inherited.campaign_id
            and of_spans.indicator_id = inherited.indicator_id
            and of_spans.unit_code = inherited.unit_code
            and of_spans.first_on = inherited.first_on
    where of_spans.is_own
),

taken_over as (
    select
        inherited.campaign_id,
        inherited.indicator_id,
        inherited.unit_code,
        changed_days.as_of_date,
        inherited.last_as_of_date,
        coalesce(of_spans.is_held, false) as is_held,
        cast(null as double) as day_value,
        cast(null as timestamptz) as received_at,
        inherited.value as own_value
    from inherited
    inner join spans
        on
            inherited.campaign_id = spans.campaign_id
            and inherited.unit_code = spans.unit_code
            and inherited.first_on = spans.first_on
    inner join changed_days
        on
            inherited.campaign_id = changed_days.campaign_id
            and inherited.indicator_id = changed_days.indicator_id
            and changed_days.as_of_date >= spans.first_on
            and changed_days.as_of_date <= spans.last_on
    left join of_spans
        on
            inherited.campaign_id = of_spans.campaign_id
            and inherited.indicator_id = of_spans.indicator_id
            and inherited.unit_code = of_spans.unit_code
            and changed_days.as_of_date = of_spans.as_of_date
    where not coalesce(of_spans.is_own, false)
),

then_days as (
    select own_days.*
    from own_days
    anti join spans on own_days.campaign_id = spans.campaign_id and own_days.unit_code = spans.unit_code

    union all by name

    select * from own

    union all by name

    select * from taken_over
)

select * from then_days
