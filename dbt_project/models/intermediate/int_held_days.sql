{{ config(materialized='view') }}

with changed_days as (
    select * from {{ ref('int_changed_days') }}
),

figures as (
    select * from {{ ref('fct_figures') }}
),

held_figures as (
    select * from {{ ref('int_held_figures') }}
),

held as (
    select
        held_figures.campaign_id,
        held_figures.indicator_id,
        held_figures.unit_code,
        held_figures.as_of_date,
        max((held_figures.as_of, held_figures.received_at)) as held_last
    from held_figures
    inner join changed_days
        on
            held_figures.campaign_id = changed_days.campaign_id
            and held_figures.indicator_id = changed_days.indicator_id
            and held_figures.as_of_date = changed_days.as_of_date
    group by held_figures.campaign_id, held_figures.indicator_id, held_figures.unit_code, held_figures.as_of_date
),

accepted_beside_held as (
    select
        held.campaign_id,
        held.indicator_id,
        held.unit_code,
        held.as_of_date,
        max((figures.as_of, figures.received_at)) as accepted_last
    from held
    inner join figures
        on
            held.campaign_id = figures.campaign_id
            and held.indicator_id = figures.indicator_id
            and held.unit_code = figures.unit_code
            and held.as_of_date = figures.as_of_date
    group by held.campaign_id, held.indicator_id, held.unit_code, held.as_of_date
),

held_days as (
    select
        held.campaign_id,
        held.indicator_id,
        held.unit_code,
        held.as_of_date,
        accepted.accepted_last is not null as is_reported,
        coalesce(held.held_last > accepted.accepted_last, true) as is_held
    from held
    left join accepted_beside_held as accepted
        on
            held.campaign_id = accepted.campaign_id
            and held.indicator_id = accepted.indicator_id
            and held.unit_code = accepted.unit_code
            and held.as_of_date = accepted.as_of_date
)

select * from held_days
