{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_new_figure_keys', ['campaign_id', 'indicator_id', 'unit_code', 'as_of']) }}",
) }}

with figures as (
    select * from {{ ref('stg_figures') }}
),

new_keys as (
    select * from {{ ref('int_new_figure_keys') }}
),

versions as (
    select *
    from figures
    where
        lane = 'accepted'
        {% if is_incremental() %}
            and (campaign_id, indicator_id, unit_code, as_of_date, as_of) in (
                select (campaign_id, indicator_id, unit_code, as_of_date, as_of) from new_keys
            )
        {% endif %}
),

latest_version as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of,
        as_of_date,
        slot_id,
        value,
        cell,
        is_correction,
        received_at,
        min(received_at) over (partition by unit_code, as_of, indicator_id, campaign_id) as first_received_at,
        count(*) over (partition by unit_code, as_of, indicator_id, campaign_id) as version_count,
        submission_id,
        file_id,
        batch_id
    from versions
    qualify row_number() over (
        partition by unit_code, as_of, indicator_id, campaign_id
        order by received_at desc, priority desc, file_id desc, submission_id desc
    ) = 1
)

select * from latest_version
