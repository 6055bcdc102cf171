{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget('int_changed_days', ['campaign_id', 'indicator_id', 'as_of_date']) }}",
) }}

with changed_days as (
    select * from {{ ref('int_changed_days') }}
),

reports as (
    select
        reports.*,
        changed_days.kind,
        changed_days.island_start,
        changed_days.island_end
    from {{ ref('int_day_reports') }} as reports
    inner join changed_days
        on
            reports.campaign_id = changed_days.campaign_id
            and reports.indicator_id = changed_days.indicator_id
            and reports.as_of_date = changed_days.as_of_date
),

{% if is_incremental() %}
    -- What stood the day before changed days begin.
    seeds as (
        select
            known.campaign_id,
            known.indicator_id,
            known.unit_code,
            known.as_of_date,
            known.own_value as day_value,
            known.last_as_of_date as reported_on,
            known.is_held,
            cast(null as timestamptz) as received_at,
            changed_days.kind,
            changed_days.island_start,
            changed_days.island_end
        from {{ this }} as known
        inner join changed_days
            on
                known.campaign_id = changed_days.campaign_id
                and known.indicator_id = changed_days.indicator_id
                and known.as_of_date = changed_days.island_start - 1
                and changed_days.as_of_date = changed_days.island_start
    ),
{% endif %}

events as (
    select * from reports
    {% if is_incremental() %}
        union all
        select * from seeds
    {% endif %}
),

carried as (
    select
        *,
        last_value(day_value ignore nulls) over series as own_value
    from events
    where kind = 'cumulative'
    window series as (partition by unit_code, indicator_id, campaign_id, island_start order by as_of_date)
),

added as (
    select
        *,
        round(sum(day_value) over series, 6) as own_value
    from events
    where kind = 'increment'
    window series as (partition by unit_code, indicator_id, campaign_id, island_start order by as_of_date)
),

spans as (
    select
        *,
        last_value(reported_on ignore nulls) over series as last_as_of_date,
        lead(as_of_date) over series as next_date
    from (
        select * from carried
        union all
        select * from added
    ) as accumulated
    window series as (partition by unit_code, indicator_id, campaign_id, island_start order by as_of_date)
),

-- One row per day from each report to the day before the next.
days as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        greatest(as_of_date, island_start) + cast(
            unnest(range(coalesce(next_date, island_end + 1) - greatest(as_of_date, island_start))) as integer
        ) as as_of_date,
        own_value,
        last_as_of_date,
        is_held,
        as_of_date as event_date,
        day_value,
        received_at
    from spans
    where last_as_of_date is not null
),

with_day_report as (
    select
        * exclude (event_date) replace (
            case when as_of_date = last_as_of_date and as_of_date = event_date then day_value end as day_value,
            case when as_of_date = last_as_of_date and as_of_date = event_date then received_at end as received_at
        )
    from days
)

select * from with_day_report
