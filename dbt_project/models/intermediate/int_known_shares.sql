{{ config(materialized='view') }}

with changes as (
    select * from {{ ref('int_known_changes') }}
),

now_dates as (
    select * from {{ ref('int_now_dates') }}
),

weights as (
    select * from {{ ref('int_now_weights') }}
),

ancestors as (
    select ancestors.*
    from {{ ref('int_ancestor_periods') }} as ancestors
    left join now_dates on ancestors.campaign_id = now_dates.campaign_id
    where coalesce(now_dates.units_on, date '0001-01-01') between ancestors.valid_from and ancestors.valid_to
),

-- Only units with a milestone are asked about.
awaited as (
    select distinct
        campaign_id,
        indicator_id,
        unit_code
    from {{ ref('int_milestone_thresholds') }}
    where threshold_value is not null
),

closed_members as (
    select * from {{ ref('int_closed_members') }}
),

first_own as (
    select
        changes.campaign_id,
        changes.indicator_id,
        changes.unit_code,
        changes.first_on,
        min(changes.received_at) as received_at
    from changes
    inner join weights
        on
            changes.campaign_id = weights.campaign_id
            and changes.unit_code = weights.from_code
            and changes.unit_code = weights.unit_code
            and changes.first_on = weights.first_on
            and changes.first_on > date '0001-01-01'
            and changes.kind = 'cumulative'
    inner join now_dates
        on changes.campaign_id = now_dates.campaign_id and weights.last_on >= now_dates.last_date
    group by changes.campaign_id, changes.indicator_id, changes.unit_code, changes.first_on
),

-- A unit's own first level replaces what was known of those that became it; what comes of them later changes it no more.
mapped as (
    select
        changes.campaign_id,
        changes.indicator_id,
        coalesce(weights.unit_code, changes.unit_code) as unit_code,
        changes.received_at,
        changes.change * coalesce(weights.weight, 1) as change,
        case when first_own.first_on > changes.first_on then first_own.received_at end as replaced_at
    from changes
    left join weights
        on
            changes.campaign_id = weights.campaign_id
            and changes.unit_code = weights.from_code
            and changes.first_on = weights.first_on
    left join first_own
        on
            changes.campaign_id = first_own.campaign_id
            and changes.indicator_id = first_own.indicator_id
            and weights.unit_code = first_own.unit_code
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
