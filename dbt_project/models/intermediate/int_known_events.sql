{{ config(materialized='view') }}

with figures as (
    select * from {{ ref('fct_figures') }}
),

restatements as (
    select * from {{ ref('fct_restatements') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

starts as (
    select * from {{ ref('int_unit_starts') }}
),

first_restatements as (
    select *
    from restatements
    qualify row_number() over (partition by campaign_id, indicator_id, unit_code, as_of order by version) = 1
),

events as (
    select
        figures.campaign_id,
        figures.indicator_id,
        figures.unit_code,
        figures.as_of,
        figures.as_of_date,
        figures.first_received_at as received_at,
        case when first_restatements.unit_code is null then figures.value else first_restatements.old_value end as value,
        case when figures.version_count = 1 then figures.submission_id end as submission_id,
        'late_report' as reason
    from figures
    left join first_restatements
        on
            figures.campaign_id = first_restatements.campaign_id
            and figures.indicator_id = first_restatements.indicator_id
            and figures.unit_code = first_restatements.unit_code
            and figures.as_of = first_restatements.as_of

    union all

    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of,
        as_of_date,
        restated_at as received_at,
        new_value as value,
        submission_id,
        case when is_declared then 'correction' else 'new_version' end as reason
    from restatements
),

-- Only of units below which nobody reports: those above are their sums.
with_kind as (
    select
        events.campaign_id,
        events.indicator_id,
        events.unit_code,
        indicators.kind,
        events.as_of,
        events.as_of_date,
        events.received_at,
        events.value,
        events.submission_id,
        events.reason
    from events
    inner join indicators
        on events.campaign_id = indicators.campaign_id and events.indicator_id = indicators.indicator_id
    inner join starts
        on
            events.campaign_id = starts.campaign_id
            and events.indicator_id = starts.indicator_id
            and events.unit_code = starts.unit_code
            and starts.below_first_on is null
)

select * from with_kind
