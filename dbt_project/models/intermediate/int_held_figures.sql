{{ config(materialized='view') }}

with figures as (
    select * from {{ ref('stg_figures') }}
),

discarded as (
    select
        campaign_id,
        submission_id,
        indicator_id,
        unit_code,
        as_of
    from figures
    where lane = 'discarded'
),

-- Figures that a person has set aside wait for nobody.
waiting as (
    select figures.*
    from figures
    anti join discarded
        on
            figures.submission_id = discarded.submission_id
            and figures.indicator_id = discarded.indicator_id
            and figures.unit_code = discarded.unit_code
            and figures.as_of = discarded.as_of
            and figures.campaign_id = discarded.campaign_id
    where figures.lane = 'held'
)

select * from waiting
