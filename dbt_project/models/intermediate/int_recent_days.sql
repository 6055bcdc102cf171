{{ config(materialized='view') }}

with recent_slots as (
    select * from {{ ref('int_recent_slots') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

recent_days as (
    select
        recent_slots.campaign_id,
        campaigns.time_zone,
        min(recent_slots.slot_date) as first_date
    from recent_slots
    inner join campaigns on recent_slots.campaign_id = campaigns.campaign_id
    group by recent_slots.campaign_id, campaigns.time_zone
)

select * from recent_days
