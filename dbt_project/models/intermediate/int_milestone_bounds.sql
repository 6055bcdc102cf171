with highest as (
    select * from {{ ref('int_highest_figures') }}
),

new_figures as (
    select * from {{ ref('int_new_figures') }}
),

first_figures as (
    select * from {{ ref('int_first_figures') }}
),

members as (
    select distinct
        campaign_id,
        unit_code as member_code,
        ancestor_code as unit_code
    from {{ ref('int_ancestor_periods') }}

    union all

    select
        campaign_id,
        unit_code as member_code,
        unit_code
    from {{ ref('stg_units') }}
),

-- More than this was never known of a unit, whatever came in which order.
reachable as (
    select
        members.campaign_id,
        highest.indicator_id,
        members.unit_code,
        sum(highest.highest_value) as highest_value
    from members
    inner join highest on members.campaign_id = highest.campaign_id and members.member_code = highest.unit_code
    group by members.campaign_id, highest.indicator_id, members.unit_code
),

-- The earliest moment from which on this run may know something else than the run before.
news as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        min(received_at) as changed_from
    from new_figures
    where lane = 'accepted'
    group by campaign_id, indicator_id, unit_code

    union all

    select
        campaign_id,
        indicator_id,
        unit_code,
        timestamptz '0001-01-01 00:00:00+00' as changed_from
    from first_figures
    where first_seen_in = '{{ invocation_id }}'
),

disturbed as (
    select
        members.campaign_id,
        news.indicator_id,
        members.unit_code,
        min(news.changed_from) as changed_from
    from members
    inner join news on members.campaign_id = news.campaign_id and members.member_code = news.unit_code
    group by members.campaign_id, news.indicator_id, members.unit_code
)

select
    reachable.*,
    disturbed.changed_from
from reachable
left join disturbed
    on
        reachable.campaign_id = disturbed.campaign_id
        and reachable.indicator_id = disturbed.indicator_id
        and reachable.unit_code = disturbed.unit_code
