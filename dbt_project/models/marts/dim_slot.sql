with slots as (
    select * from {{ ref('stg_slots') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

with_state as (
    select
        slots.campaign_id,
        slots.slot_id,
        slots.level,
        slots.slot_name,
        slots.slot_date,
        slots.cutoff_at,
        slots.closes_at,
        slots.closes_at <= campaigns.horizon_at as is_closed
    from slots
    inner join campaigns on slots.campaign_id = campaigns.campaign_id
)

select * from with_state
