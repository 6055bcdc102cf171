with silent_slots as (
    select *
    from {{ ref('fct_slot_status') }}
    where is_owed and status in ('missing', 'invalid')
),

submissions as (
    select * from {{ ref('fct_submissions') }} where unit_code is not null
),

units as (
    select * from {{ ref('int_units') }}
),

contacts as (
    select * from {{ ref('int_unit_contacts') }}
),

-- Slots silent one after the other have owed numbers without a gap.
with_run as (
    select
        *,
        owed_number - row_number() over (partition by unit_code, campaign_id order by owed_number) as run
    from silent_slots
),

counted as (
    select
        *,
        row_number() over (partition by unit_code, campaign_id, run order by owed_number) as slots_silent
    from with_run
),

heard as (
    select
        campaign_id,
        unit_code,
        max(received_at) as last_heard_at,
        max(cast(as_of as date)) filter (where lane = 'accepted') as last_good_on
    from submissions
    group by campaign_id, unit_code
),

silent as (
    select
        counted.campaign_id,
        counted.slot_id,
        counted.level,
        counted.unit_code,
        units.unit_name,
        units.parent_code,
        units.parent_name,
        counted.slot_date,
        counted.closes_at,
        counted.slots_silent,
        case
            when counted.status = 'missing' then 'missing'
            when counted.is_held then 'held'
            else 'invalid'
        end as reason,
        counted.first_received_at,
        heard.last_heard_at,
        heard.last_good_on,
        counted.extended_until,
        contacts.sender,
        contacts.sender_name,
        contacts.contact
    from counted
    inner join units on counted.campaign_id = units.campaign_id and counted.unit_code = units.unit_code
    left join heard on counted.campaign_id = heard.campaign_id and counted.unit_code = heard.unit_code
    left join contacts on counted.campaign_id = contacts.campaign_id and counted.unit_code = contacts.unit_code
)

select * from silent
