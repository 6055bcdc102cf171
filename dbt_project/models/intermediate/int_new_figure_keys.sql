{{ config(materialized='view') }}

with new_figures as (
    select * from {{ ref('int_new_figures') }}
),

accepted_keys as (
    select distinct
        campaign_id,
        indicator_id,
        unit_code,
        as_of,
        as_of_date
    from new_figures
    where lane = 'accepted'
)

select * from accepted_keys
