{{ config(materialized='view') }}

with late_figures as (
    select * from {{ ref('int_late_figures') }}
),

figures as (
    select * from {{ ref('fct_figures') }}
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
    from late_figures as late
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
        coalesce(carried_until.next_date - 1, late.last_date) as last_date
    from late_figures as late
    left join carried_until
        on
            late.campaign_id = carried_until.campaign_id
            and late.indicator_id = carried_until.indicator_id
            and late.unit_code = carried_until.unit_code
            and late.as_of_date = carried_until.as_of_date
    where late.kind = 'cumulative'
),

increment_spans as (
    select
        campaign_id,
        indicator_id,
        min(as_of_date) as first_date,
        max(last_date) as last_date
    from late_figures
    where kind = 'increment'
    group by campaign_id, indicator_id
),

spans as (
    select * from cumulative_spans
    union all
    select * from increment_spans
)

select * from spans
