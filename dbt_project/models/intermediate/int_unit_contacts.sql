with senders as (
    select * from {{ ref('stg_senders') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

-- The nearest above answers: the unit's own sender, else its parent's; of several the first in the file.
above as (
    select
        campaign_id,
        unit_code,
        unit_code as answering_code
    from units

    union all

    select
        campaign_id,
        unit_code,
        ancestor_code as answering_code
    from ancestors
),

ranked as (
    select
        above.campaign_id,
        above.unit_code,
        senders.sender,
        senders.sender_name,
        senders.contact,
        row_number() over (
            partition by above.campaign_id, above.unit_code
            order by answering.depth desc, senders.position asc
        ) as place
    from above
    inner join units as answering
        on above.campaign_id = answering.campaign_id and above.answering_code = answering.unit_code
    inner join senders
        on above.campaign_id = senders.campaign_id and above.answering_code = senders.unit_code
),

nearest as (
    select * exclude (place)
    from ranked
    where place = 1
)

select * from nearest
