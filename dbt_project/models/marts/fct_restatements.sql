{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_new_figure_keys', ['campaign_id', 'indicator_id', 'unit_code', 'as_of']) }}",
) }}

with figures as (
    select * from {{ ref('stg_figures') }}
),

current_figures as (
    select * from {{ ref('fct_figures') }}
),

new_keys as (
    select * from {{ ref('int_new_figure_keys') }}
),

keys_with_versions as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of_date,
        as_of
    from current_figures
    where
        version_count > 1
        {% if is_incremental() %}
            and (campaign_id, indicator_id, unit_code, as_of_date, as_of) in (
                select (campaign_id, indicator_id, unit_code, as_of_date, as_of) from new_keys
            )
        {% endif %}
),

versions as (
    select
        figures.*,
        row_number() over by_arrival as version,
        lag(figures.value) over by_arrival as old_value,
        lag(figures.received_at) over by_arrival as old_received_at
    from figures
    inner join keys_with_versions
        on
            figures.campaign_id = keys_with_versions.campaign_id
            and figures.indicator_id = keys_with_versions.indicator_id
            and figures.unit_code = keys_with_versions.unit_code
            and figures.as_of_date = keys_with_versions.as_of_date
            and figures.as_of = keys_with_versions.as_of
    where figures.lane = 'accepted'
    window by_arrival as (
        partition by figures.campaign_id, figures.indicator_id, figures.unit_code, figures.as_of
        order by figures.received_at, figures.priority, figures.file_id, figures.submission_id
    )
),

restatements as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of,
        version,
        as_of_date,
        old_value,
        value as new_value,
        value - old_value as change,
        old_received_at,
        received_at as restated_at,
        is_correction as is_declared,
        submission_id
    from versions
    -- of two files that came at one moment the one with priority was known from the start: nothing was restated
    where version > 1 and value is distinct from old_value and received_at > old_received_at
)

select * from restatements
