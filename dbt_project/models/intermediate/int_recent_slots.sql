with closed_slots as (
    select * from {{ ref('int_closed_slots') }}
),

counted as (
    select
        *,
        row_number() over (partition by campaign_id order by closes_at desc, slot_id desc) as slots_ago
    from closed_slots
),

-- So many that a check which found nobody, or everybody, in all of them deserves a look.
recent as (
    select
        campaign_id,
        slot_id,
        slot_date,
        slots_ago
    from counted
    where slots_ago <= 30
)

select * from recent
