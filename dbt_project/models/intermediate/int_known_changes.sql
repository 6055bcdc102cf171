{{ config(materialized='view') }}

with figures as (
    select * from {{ ref('stg_figures') }} where lane = 'accepted'
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

starts as (
    select * from {{ ref('int_unit_starts') }}
),

asked_series as (
    select * from {{ ref('int_asked_series') }}
),

spans as (
    select * from {{ ref('int_unit_spans') }}
),

-- What arrived of units below which nobody reports: those above are their sums.
arrivals as (
    select
        figures.campaign_id,
        figures.indicator_id,
        figures.unit_code,
        indicators.kind,
        figures.as_of,
        figures.as_of_date,
        coalesce(spans.first_on, date '0001-01-01') as first_on,
        figures.received_at,
        figures.priority,
        figures.file_id,
        figures.submission_id,
        coalesce(figures.value, case indicators.kind when 'increment' then 0 end) as value
    from figures
    inner join indicators
        on figures.campaign_id = indicators.campaign_id and figures.indicator_id = indicators.indicator_id
    inner join starts
        on
            figures.campaign_id = starts.campaign_id
            and figures.indicator_id = starts.indicator_id
            and figures.unit_code = starts.unit_code
            and starts.below_first_on is null
    left join spans
        on
            figures.campaign_id = spans.campaign_id
            and figures.unit_code = spans.unit_code
            and figures.as_of_date >= spans.first_on
            and figures.as_of_date <= spans.last_on
    where (figures.campaign_id, figures.indicator_id, figures.unit_code) in (
        select (asked_series.campaign_id, asked_series.indicator_id, asked_series.unit_code) from asked_series
    )
),

cumulative_arrivals as (
    select
        *,
        max(as_of) over (
            partition by unit_code, first_on, indicator_id, campaign_id
            order by received_at, as_of, priority, file_id, submission_id
            rows between unbounded preceding and current row
        ) as newest_as_of
    from arrivals
    where kind = 'cumulative' and value is not null
),

-- A figure of an older time than one already known does not move what is known of a level.
changes as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on,
        as_of_date,
        kind,
        received_at,
        value - coalesce(
            lag(value) over (
                partition by unit_code, first_on, indicator_id, campaign_id
                order by received_at, as_of, priority, file_id, submission_id
            ),
            0
        ) as change
    from cumulative_arrivals
    where as_of = newest_as_of

    union all

    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on,
        as_of_date,
        kind,
        received_at,
        value - coalesce(
            lag(value) over (
                partition by unit_code, as_of, indicator_id, campaign_id
                order by received_at, priority, file_id, submission_id
            ),
            0
        ) as change
    from arrivals
    where kind = 'increment'
)

select * from changes where change <> 0
