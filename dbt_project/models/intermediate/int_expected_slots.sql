{{ config(materialized='incremental', incremental_strategy='append') }}

-- Slots close in the order of their closing, so that what is appended continues the numbers of what is there.
with closed_slots as (
    select * from {{ ref('int_closed_slots') }} where closed_in = '{{ invocation_id }}'
),

obligations as (
    select * from {{ ref('stg_obligations') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

exempt_slots as (
    select * from {{ ref('int_exempt_slots') }}
),

extended_slots as (
    select * from {{ ref('int_extended_slots') }}
),

known as (
    select
        campaign_id,
        unit_code,
        max(owed_number) as owed_before
    {% if is_incremental() %}
        from {{ this }}
    {% else %}
        from (values ('', '', 0)) as nothing_before (campaign_id, unit_code, owed_number) -- noqa: AL05
    {% endif %}
    group by campaign_id, unit_code
),

obliged as (
    select
        obligations.campaign_id,
        obligations.unit_code,
        units.level,
        closed_slots.slot_id,
        closed_slots.slot_date,
        closed_slots.cutoff_at,
        closed_slots.closes_at,
        exempt_slots.slot_id is null as is_owed,
        exempt_slots.exempt_reason,
        exempt_slots.exempt_author,
        case
            when own.extended_until >= coalesce(everyones.extended_until, own.extended_until) then own
            else everyones
        end as extension
    from obligations
    inner join units
        on obligations.campaign_id = units.campaign_id and obligations.unit_code = units.unit_code
    inner join closed_slots
        on
            obligations.campaign_id = closed_slots.campaign_id
            and obligations.slot_name = closed_slots.slot_name
            and closed_slots.slot_date >= obligations.first_on
            and closed_slots.slot_date <= obligations.last_on
    left join exempt_slots
        on
            obligations.campaign_id = exempt_slots.campaign_id
            and obligations.unit_code = exempt_slots.unit_code
            and closed_slots.slot_id = exempt_slots.slot_id
    left join extended_slots as own
        on
            obligations.campaign_id = own.campaign_id
            and obligations.unit_code = own.unit_code
            and closed_slots.slot_id = own.slot_id
    left join extended_slots as everyones
        on
            obligations.campaign_id = everyones.campaign_id
            and everyones.unit_code is null
            and closed_slots.slot_id = everyones.slot_id
),

numbered as (
    select
        obliged.* exclude (extension),
        obliged.extension['extended_until'] as extended_until,
        obliged.extension['extension_reason'] as extension_reason,
        obliged.extension['extension_author'] as extension_author,
        case
            when obliged.is_owed
                then
                    coalesce(known.owed_before, 0) + row_number() over (
                        partition by obliged.unit_code, obliged.campaign_id, obliged.is_owed
                        order by obliged.closes_at, obliged.slot_id
                    )
        end as owed_number
    from obliged
    left join known on obliged.campaign_id = known.campaign_id and obliged.unit_code = known.unit_code
)

select * from numbered
