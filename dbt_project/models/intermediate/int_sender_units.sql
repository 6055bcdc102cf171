with senders as (
    select * from {{ ref('stg_senders') }}
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

-- Who is listed for a unit may report that unit and all below it.
allowed as (
    select
        campaign_id,
        {{ folded('sender') }} as sender_key,
        unit_code
    from senders

    union all

    select
        senders.campaign_id,
        {{ folded('senders.sender') }} as sender_key,
        ancestors.unit_code
    from senders
    inner join ancestors
        on senders.campaign_id = ancestors.campaign_id and senders.unit_code = ancestors.ancestor_code
),

sender_units as (
    select distinct
        campaign_id,
        sender_key,
        unit_code
    from allowed
)

select * from sender_units
