with spans as (
    select * from {{ ref('int_unit_spans') }}
),

own_days as (
    select * from {{ ref('int_own_days') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

days_of_spans as (
    select
        *,
        unnest([first_on - 1, last_on]) as as_of_date,
        unnest(['before', 'closing']) as side
    from spans
),

both_sides as (
    select
        days_of_spans.campaign_id,
        own_days.indicator_id,
        days_of_spans.unit_code,
        days_of_spans.first_on,
        days_of_spans.last_on,
        any_value(indicators.kind) as kind,
        max(own_days.own_value) filter (where days_of_spans.side = 'before') as value_before,
        max(own_days.own_value) filter (
            where days_of_spans.side = 'closing' and own_days.last_as_of_date >= days_of_spans.first_on
        ) as closing_value,
        max(own_days.last_as_of_date) filter (where days_of_spans.side = 'closing') as closing_as_of_date
    from days_of_spans
    inner join own_days
        on
            days_of_spans.campaign_id = own_days.campaign_id
            and days_of_spans.unit_code = own_days.unit_code
            and days_of_spans.as_of_date = own_days.as_of_date
    inner join indicators
        on own_days.campaign_id = indicators.campaign_id and own_days.indicator_id = indicators.indicator_id
    group by
        days_of_spans.campaign_id,
        own_days.indicator_id,
        days_of_spans.unit_code,
        days_of_spans.first_on,
        days_of_spans.last_on
),

-- Increments of earlier times are the running sum before; what was added since is the unit's own.
with_own as (
    select
        * exclude (closing_value),
        case kind when 'increment' then closing_value - coalesce(value_before, 0) else closing_value end as closing_value
    from both_sides
)

select * from with_own
