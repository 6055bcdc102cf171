{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['campaign_id', 'indicator_id', 'unit_code'],
) }}

with figures as (
    select * from {{ ref('stg_figures') }} where lane = 'accepted'
),

batches as (
    select * from {{ ref('stg_batches') }} where loaded_in = '{{ invocation_id }}'
),

milestones as (
    select * from {{ ref('stg_milestones') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

of_this_run as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        max(value) as highest,
        sum(greatest(value, 0)) as added
    from figures
    where
        batch_id in (select batches.batch_id from batches)
        and (campaign_id, indicator_id) in (select (milestones.campaign_id, milestones.indicator_id) from milestones)
    group by campaign_id, indicator_id, unit_code
),

known as (
    {% if is_incremental() %}
        select * from {{ this }}
    {% else %}
        select
            campaign_id,
            indicator_id,
            unit_code,
            highest as highest_value
        from of_this_run
        where false
    {% endif %}
),

highest as (
    select
        of_this_run.campaign_id,
        of_this_run.indicator_id,
        of_this_run.unit_code,
        case
            when indicators.kind = 'increment' then coalesce(known.highest_value, 0) + coalesce(of_this_run.added, 0)
            else greatest(known.highest_value, of_this_run.highest, 0)
        end as highest_value
    from of_this_run
    inner join indicators
        on of_this_run.campaign_id = indicators.campaign_id and of_this_run.indicator_id = indicators.indicator_id
    left join known
        on
            of_this_run.campaign_id = known.campaign_id
            and of_this_run.indicator_id = known.indicator_id
            and of_this_run.unit_code = known.unit_code
)

select * from highest
