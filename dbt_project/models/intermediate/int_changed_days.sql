with days as (
    select * from {{ ref('int_days') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

figures as (
    select * from {{ ref('fct_figures') }}
),

new_figures as (
    select * from {{ ref('int_new_figures') }}
),

first_figures as (
    select * from {{ ref('int_first_figures') }}
),

ancestors as (
    select * from {{ ref('int_ancestor_periods') }}
),

ends as (
    select
        campaign_id,
        min(as_of_date) as first_date,
        max(as_of_date) as last_date,
        max(as_of_date) filter (where added_in <> '{{ invocation_id }}') as last_known_date
    from days
    group by campaign_id
),

figures_for_known_days as (
    select distinct
        new_figures.campaign_id,
        new_figures.indicator_id,
        new_figures.unit_code,
        new_figures.as_of_date
    from new_figures
    inner join ends on new_figures.campaign_id = ends.campaign_id
    where new_figures.lane in ('accepted', 'held', 'discarded') and new_figures.as_of_date <= ends.last_known_date
),

unit_spans as (
    select * from {{ ref('int_unit_spans') }}
),

carried_until as (
    select
        late.campaign_id,
        late.indicator_id,
        late.unit_code,
        late.as_of_date,
        min(figures.as_of_date) as next_date
    from figures_for_known_days as late
    inner join figures
        on
            late.campaign_id = figures.campaign_id
            and late.indicator_id = figures.indicator_id
            and late.unit_code = figures.unit_code
            and late.as_of_date < figures.as_of_date
            -- a day that was taken back shows what stood before it
            and figures.cell <> 'withdrawn'
    left join unit_spans
        on
            late.campaign_id = unit_spans.campaign_id
            and late.unit_code = unit_spans.unit_code
            and late.as_of_date >= unit_spans.first_on
            and late.as_of_date <= unit_spans.last_on
    -- a report of the time after a handover does not end what others took over from the time before it
    where figures.as_of_date <= coalesce(unit_spans.last_on, figures.as_of_date)
    group by late.campaign_id, late.indicator_id, late.unit_code, late.as_of_date
),

cumulative_spans as (
    select distinct
        late.campaign_id,
        late.indicator_id,
        late.as_of_date as first_date,
        coalesce(carried_until.next_date - 1, ends.last_date) as last_date
    from figures_for_known_days as late
    inner join ends on late.campaign_id = ends.campaign_id
    inner join indicators
        on late.campaign_id = indicators.campaign_id and late.indicator_id = indicators.indicator_id
    left join carried_until
        on
            late.campaign_id = carried_until.campaign_id
            and late.indicator_id = carried_until.indicator_id
            and late.unit_code = carried_until.unit_code
            and late.as_of_date = carried_until.as_of_date
    where indicators.kind = 'cumulative'
),

increment_spans as (
    select
        late.campaign_id,
        late.indicator_id,
        min(late.as_of_date) as first_date,
        max(ends.last_date) as last_date
    from figures_for_known_days as late
    inner join ends on late.campaign_id = ends.campaign_id
    inner join indicators
        on late.campaign_id = indicators.campaign_id and late.indicator_id = indicators.indicator_id
    where indicators.kind = 'increment'
    group by late.campaign_id, late.indicator_id
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
    select distinct
        handed_down.campaign_id,
        handed_down.indicator_id,
        ends.first_date,
        ends.last_date
    from handed_down
    inner join ends on handed_down.campaign_id = ends.campaign_id
),

spans as (
    select * from cumulative_spans
    union all
    select * from increment_spans
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
