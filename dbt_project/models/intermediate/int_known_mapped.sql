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
)

select * from mapped
