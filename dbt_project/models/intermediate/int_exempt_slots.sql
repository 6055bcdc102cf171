with exemptions as (
    select * from {{ ref('stg_exemptions') }}
),

slots as (
    select distinct
        campaign_id,
        slot_id,
        slot_name,
        slot_date
    from {{ ref('stg_slots') }}
),

-- Only slots that there are: an exemption until 2099 costs no more than one until the campaign's last day.
exempt_slots as (
    select
        exemptions.campaign_id,
        exemptions.unit_code,
        slots.slot_id,
        string_agg(distinct exemptions.reason, '; ' order by exemptions.reason) as exempt_reason,
        string_agg(distinct exemptions.author, '; ' order by exemptions.author) as exempt_author
    from exemptions
    inner join slots
        on
            exemptions.campaign_id = slots.campaign_id
            and slots.slot_date >= exemptions.first_on
            and slots.slot_date <= exemptions.last_on
            and slots.slot_name = coalesce(exemptions.slot_name, slots.slot_name)
    group by exemptions.campaign_id, exemptions.unit_code, slots.slot_id
)

select * from exempt_slots
