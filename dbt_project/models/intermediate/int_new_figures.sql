{{ config(materialized='view') }}

with figures as (
    select * from {{ ref('stg_figures') }}
),

batches as (
    select * from {{ ref('stg_batches') }}
),

loaded_by_this_run as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of,
        as_of_date,
        slot_id,
        lane,
        received_at
    from figures
    where batch_id in (select batches.batch_id from batches where batches.loaded_in = '{{ invocation_id }}')
)

select * from loaded_by_this_run
