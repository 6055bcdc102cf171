with recursive given as (
    select * from {{ ref('stg_targets') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

changes as (
    select distinct
        campaign_id,
        indicator_id,
        valid_from
    from given
),

own_targets as (
    select
        changes.campaign_id,
        changes.indicator_id,
        changes.valid_from,
        given.unit_code,
        arg_max(given.target, given.valid_from) as target
    from changes
    inner join given
        on
            changes.campaign_id = given.campaign_id
            and changes.indicator_id = given.indicator_id
            and changes.valid_from >= given.valid_from
    group by changes.campaign_id, changes.indicator_id, changes.valid_from, given.unit_code
),

-- A target climbs to the units above, up to the first that has one of its own.
climbed as (
    select
        campaign_id,
        indicator_id,
        valid_from,
        unit_code,
        target
    from own_targets

    union all

    select
        climbed.campaign_id,
        climbed.indicator_id,
        climbed.valid_from,
        units.parent_code as unit_code,
        climbed.target
    from climbed
    inner join units
        on climbed.campaign_id = units.campaign_id and climbed.unit_code = units.unit_code
    left join own_targets as of_parent
        on
            climbed.campaign_id = of_parent.campaign_id
            and climbed.indicator_id = of_parent.indicator_id
            and climbed.valid_from = of_parent.valid_from
            and units.parent_code = of_parent.unit_code
    where units.parent_code is not null and of_parent.unit_code is null
),

added_up as (
    select
        campaign_id,
        indicator_id,
        valid_from,
        unit_code,
        round(sum(target), 6) as target
    from climbed
    group by campaign_id, indicator_id, valid_from, unit_code
),

-- Nobody can reach a share of nothing: a target of 0 is none, and ends the one before it.
with_validity as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        nullif(target, 0) as target,
        valid_from,
        lead(valid_from, 1, date '9999-12-31') over (
            partition by campaign_id, indicator_id, unit_code order by valid_from
        ) as valid_until
    from added_up
)

select * from with_validity
