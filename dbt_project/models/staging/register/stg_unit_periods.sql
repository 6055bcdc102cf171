with periods as (
    select * from {{ source('register', 'unit_periods') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

-- A unit that never changed has one time, for ever.
renamed as (
    select
        campaign_id,
        unit_code,
        valid_from,
        valid_to,
        unit_name,
        level,
        depth,
        parent_code
    from periods

    union all

    select
        units.campaign_id,
        units.unit_code,
        date '0001-01-01' as valid_from,
        date '9999-12-31' as valid_to,
        units.unit_name,
        units.level,
        units.depth,
        units.parent_code
    from units
    anti join periods on units.campaign_id = periods.campaign_id and units.unit_code = periods.unit_code
)

select * from renamed
