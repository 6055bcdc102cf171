{{ config(materialized='view') }}

with changed_days as (
    select * from {{ ref('int_changed_days') }}
),

figures as (
    select * from {{ ref('fct_figures') }}
),

held_days as (
    select * from {{ ref('int_held_days') }}
),

-- The last figure of a day counts where there are several; increments of a day add up. A day that was taken back is no report.
reported_days as (
    select
        figures.campaign_id,
        figures.indicator_id,
        figures.unit_code,
        figures.as_of_date,
        any_value(changed_days.kind) as kind,
        arg_max(figures.value, figures.as_of) as last_value,
        round(sum(coalesce(figures.value, 0)), 6) as added_value,
        max(figures.received_at) as received_at,
        bool_and(figures.cell = 'withdrawn') as is_taken_back
    from figures
    inner join changed_days
        on
            figures.campaign_id = changed_days.campaign_id
            and figures.indicator_id = changed_days.indicator_id
            and figures.as_of_date = changed_days.as_of_date
    group by figures.campaign_id, figures.indicator_id, figures.unit_code, figures.as_of_date
),

reports as (
    select
        reported_days.campaign_id,
        reported_days.indicator_id,
        reported_days.unit_code,
        reported_days.as_of_date,
        case
            when reported_days.is_taken_back then null
            when reported_days.kind = 'increment' then reported_days.added_value
            else reported_days.last_value
        end as day_value,
        case when not reported_days.is_taken_back then reported_days.as_of_date end as reported_on,
        coalesce(held_days.is_held, false) as is_held,
        reported_days.received_at
    from reported_days
    left join held_days
        on
            reported_days.campaign_id = held_days.campaign_id
            and reported_days.indicator_id = held_days.indicator_id
            and reported_days.unit_code = held_days.unit_code
            and reported_days.as_of_date = held_days.as_of_date

    union all

    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of_date,
        cast(null as double) as day_value,
        cast(null as date) as reported_on,
        true as is_held,
        cast(null as timestamptz) as received_at
    from held_days
    where not is_reported
)

select * from reports
