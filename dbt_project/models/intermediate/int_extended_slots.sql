with extensions as (
    select * from {{ ref('stg_extensions') }}
),

slots as (
    select distinct
        campaign_id,
        slot_id,
        slot_name,
        slot_date
    from {{ ref('stg_slots') }}
),

-- Where several hold, the longest counts.
longest as (
    select
        extensions.campaign_id,
        extensions.unit_code,
        slots.slot_id,
        max(extensions.until_at) as extended_until,
        arg_max(extensions.reason, extensions.until_at) as extension_reason,
        arg_max(extensions.author, extensions.until_at) as extension_author
    from extensions
    inner join slots
        on
            extensions.campaign_id = slots.campaign_id
            and slots.slot_date >= extensions.first_on
            and slots.slot_date <= extensions.last_on
            and slots.slot_name = coalesce(extensions.slot_name, slots.slot_name)
    group by extensions.campaign_id, extensions.unit_code, slots.slot_id
)

select * from longest
