with days as (
    select * from {{ ref('int_days') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

first_figures as (
    select * from {{ ref('int_first_figures') }}
),

ancestors as (
    select * from {{ ref('int_ancestor_periods') }}
),

-- From the first report below it on, all days of a unit that had reported itself are the sum of those below.
handed_down as (
    select
        own.campaign_id,
        own.indicator_id,
        own.unit_code
    from first_figures as own
    inner join ancestors on own.campaign_id = ancestors.campaign_id and own.unit_code = ancestors.ancestor_code
    inner join first_figures as below
        on
            own.campaign_id = below.campaign_id
            and own.indicator_id = below.indicator_id
            and ancestors.unit_code = below.unit_code
    group by own.campaign_id, own.indicator_id, own.unit_code
    having bool_and(below.first_seen_in = '{{ invocation_id }}')
),

handed_down_spans as (
    select
        handed_down.campaign_id,
        handed_down.indicator_id,
        min(days.as_of_date) as first_date,
        max(days.as_of_date) as last_date
    from handed_down
    inner join days on handed_down.campaign_id = days.campaign_id
    group by handed_down.campaign_id, handed_down.indicator_id
),

spans as (
    select * from {{ ref('int_changed_spans') }}
    union all
    select * from handed_down_spans
),

changed as (
    select
        days.campaign_id,
        indicators.indicator_id,
        indicators.kind,
        days.as_of_date
    from days
    inner join indicators on days.campaign_id = indicators.campaign_id
    where days.added_in = '{{ invocation_id }}'

    union distinct

    select
        days.campaign_id,
        indicators.indicator_id,
        indicators.kind,
        days.as_of_date
    from days
    inner join spans
        on days.campaign_id = spans.campaign_id and days.as_of_date between spans.first_date and spans.last_date
    inner join indicators
        on spans.campaign_id = indicators.campaign_id and spans.indicator_id = indicators.indicator_id
),

numbered as (
    select
        *,
        as_of_date - cast(
            row_number() over (partition by campaign_id, indicator_id order by as_of_date) as integer
        ) as island
    from changed
),

with_islands as (
    select
        campaign_id,
        indicator_id,
        kind,
        as_of_date,
        min(as_of_date) over islands as island_start,
        max(as_of_date) over islands as island_end
    from numbered
    window islands as (partition by campaign_id, indicator_id, island)
)

select * from with_islands
