{{ config(materialized='view') }}

with changes as (
    select * from {{ ref('int_known_changes') }}
),

now_dates as (
    select * from {{ ref('int_now_dates') }}
),

ancestors as (
    select ancestors.*
    from {{ ref('int_ancestor_periods') }} as ancestors
    left join now_dates on ancestors.campaign_id = now_dates.campaign_id
    where coalesce(now_dates.units_on, date '0001-01-01') between ancestors.valid_from and ancestors.valid_to
),

-- Only units with a milestone that may have been reached since are asked about.
awaited as (
    select distinct
        campaign_id,
        indicator_id,
        unit_code
    from {{ ref('int_asked_milestones') }}
),

closed_members as (
    select * from {{ ref('int_closed_members') }}
),

mapped as (
    select * from {{ ref('int_known_mapped') }}
),

of_units as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        received_at,
        change
    from mapped
    where replaced_at is null or received_at < replaced_at

    union all

    select
        campaign_id,
        indicator_id,
        unit_code,
        replaced_at as received_at,
        -change as change
    from mapped
    where received_at < replaced_at
),

shares as (
    select of_units.*
    from of_units
    inner join awaited
        on
            of_units.campaign_id = awaited.campaign_id
            and of_units.indicator_id = awaited.indicator_id
            and of_units.unit_code = awaited.unit_code

    union all

    select
        of_units.campaign_id,
        of_units.indicator_id,
        ancestors.ancestor_code as unit_code,
        of_units.received_at,
        of_units.change
    from of_units
    inner join ancestors
        on of_units.campaign_id = ancestors.campaign_id and of_units.unit_code = ancestors.unit_code
    inner join awaited
        on
            of_units.campaign_id = awaited.campaign_id
            and of_units.indicator_id = awaited.indicator_id
            and ancestors.ancestor_code = awaited.unit_code
),

-- What was known of a unit that is no more: its own, and that of the units then below it.
of_closed_units as (
    select
        changes.campaign_id,
        changes.indicator_id,
        closed_members.unit_code,
        changes.received_at,
        changes.change
    from changes
    inner join closed_members
        on
            changes.campaign_id = closed_members.campaign_id
            and changes.unit_code = closed_members.member_code
            and changes.as_of_date >= closed_members.valid_from
            and changes.as_of_date <= closed_members.valid_to
)

select shares.*
from shares
anti join closed_members
    on shares.campaign_id = closed_members.campaign_id and shares.unit_code = closed_members.unit_code
union all
select * from of_closed_units
