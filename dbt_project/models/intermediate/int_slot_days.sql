with slots as (
    select * from {{ ref('stg_slots') }}
),

slot_days as (
    select distinct
        campaign_id,
        level,
        slot_date
    from slots
)

select * from slot_days
