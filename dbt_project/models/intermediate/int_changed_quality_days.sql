with changed_slots as (
    select * from {{ ref('int_changed_slots') }}
),

slots as (
    select distinct
        campaign_id,
        slot_id,
        slot_date
    from {{ ref('stg_slots') }}
),

new_figures as (
    select * from {{ ref('int_new_figures') }}
),

-- A newer version may stand in another slot of its day than the one before it.
changed_days as (
    select
        campaign_id,
        slot_date as day
    from changed_slots

    union distinct

    select
        slots.campaign_id,
        slots.slot_date as day
    from slots
    semi join new_figures
        on slots.campaign_id = new_figures.campaign_id and slots.slot_date = new_figures.as_of_date

    union distinct

    select
        slots.campaign_id,
        slots.slot_date as day
    from slots
    semi join new_figures
        on slots.campaign_id = new_figures.campaign_id and slots.slot_id = new_figures.slot_id
)

select * from changed_days
