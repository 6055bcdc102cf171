{{ config(materialized='incremental', incremental_strategy='append') }}

with slots as (
    select * from {{ ref('stg_slots') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

closed as (
    select
        slots.campaign_id,
        slots.slot_id,
        any_value(slots.slot_name) as slot_name,
        min(slots.slot_date) as slot_date,
        min(slots.cutoff_at) as cutoff_at,
        max(slots.closes_at) as closes_at,
        '{{ invocation_id }}' as closed_in
    from slots
    inner join campaigns
        on slots.campaign_id = campaigns.campaign_id and slots.closes_at <= campaigns.horizon_at
    group by slots.campaign_id, slots.slot_id
)

select closed.*
from closed
{% if is_incremental() %}
    anti join {{ this }} as known
        on closed.campaign_id = known.campaign_id and closed.slot_id = known.slot_id
{% endif %}
