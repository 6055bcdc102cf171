with recursive periods as (
    select * from {{ ref('stg_unit_periods') }}
),

ancestors as (
    select
        campaign_id,
        unit_code,
        parent_code as ancestor_code,
        valid_from,
        valid_to
    from periods
    where parent_code is not null

    union all

    select
        ancestors.campaign_id,
        ancestors.unit_code,
        periods.parent_code as ancestor_code,
        greatest(ancestors.valid_from, periods.valid_from) as valid_from,
        least(ancestors.valid_to, periods.valid_to) as valid_to
    from ancestors
    inner join periods
        on
            ancestors.campaign_id = periods.campaign_id
            and ancestors.ancestor_code = periods.unit_code
            and ancestors.valid_from <= periods.valid_to
            and ancestors.valid_to >= periods.valid_from
    where periods.parent_code is not null
),

with_level as (
    select
        ancestors.campaign_id,
        ancestors.unit_code,
        ancestors.ancestor_code,
        periods.level as ancestor_level,
        greatest(ancestors.valid_from, periods.valid_from) as valid_from,
        least(ancestors.valid_to, periods.valid_to) as valid_to
    from ancestors
    inner join periods
        on
            ancestors.campaign_id = periods.campaign_id
            and ancestors.ancestor_code = periods.unit_code
            and ancestors.valid_from <= periods.valid_to
            and ancestors.valid_to >= periods.valid_from
)

select * from with_level
