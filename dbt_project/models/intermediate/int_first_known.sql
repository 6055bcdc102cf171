{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget('int_asked_milestones', ['campaign_id', 'milestone_id', 'unit_code']) }}",
) }}

with changes as (
    select * from {{ ref('int_known_shares') }}
),

thresholds as (
    select * from {{ ref('int_asked_milestones') }}
),

changes_by_moment as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        received_at,
        sum(change) as change
    from changes
    group by campaign_id, indicator_id, unit_code, received_at
),

known as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        received_at,
        round(sum(change) over (
            partition by campaign_id, indicator_id, unit_code order by received_at
        ), 6) as known_value
    from changes_by_moment
),

first_known as (
    select
        thresholds.campaign_id,
        thresholds.milestone_id,
        thresholds.unit_code,
        thresholds.threshold_value,
        min(known.received_at) as first_known_at
    from thresholds
    inner join known
        on
            thresholds.campaign_id = known.campaign_id
            and thresholds.indicator_id = known.indicator_id
            and thresholds.unit_code = known.unit_code
            and known.known_value >= thresholds.threshold_value
    group by thresholds.campaign_id, thresholds.milestone_id, thresholds.unit_code, thresholds.threshold_value
)

select * from first_known
