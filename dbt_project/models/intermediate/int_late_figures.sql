-- Figures that this run takes in for days that boards had already reached.
with days as (
    select * from {{ ref('int_days') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

new_figures as (
    select * from {{ ref('int_new_figures') }} where lane in ('accepted', 'held', 'discarded')
),

ends as (
    select
        campaign_id,
        max(as_of_date) as last_date,
        max(as_of_date) filter (where added_in <> '{{ invocation_id }}') as last_known_date
    from days
    group by campaign_id
),

late_figures as (
    select distinct
        new_figures.campaign_id,
        new_figures.indicator_id,
        indicators.kind,
        new_figures.unit_code,
        new_figures.as_of_date,
        ends.last_date
    from new_figures
    inner join ends on new_figures.campaign_id = ends.campaign_id
    inner join indicators
        on new_figures.campaign_id = indicators.campaign_id and new_figures.indicator_id = indicators.indicator_id
    where new_figures.as_of_date <= ends.last_known_date
)

select * from late_figures
