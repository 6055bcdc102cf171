{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['campaign_id', 'indicator_id', 'unit_code'],
) }}

-- depends_on: {{ ref('fct_figures') }}
-- depends_on: {{ ref('int_new_figure_keys') }}
with figures as (
    select * from {{ ref('int_new_figure_keys' if is_incremental() else 'fct_figures') }}
),

first_figures as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        min(as_of_date) as first_on
    from figures
    group by campaign_id, indicator_id, unit_code
)

select
    first_figures.*,
    {% if is_incremental() %}
        coalesce(known.first_seen_in, '{{ invocation_id }}') as first_seen_in
    {% else %}
        '{{ invocation_id }}' as first_seen_in
    {% endif %}
from first_figures
{% if is_incremental() %}
    left join {{ this }} as known
        on
            first_figures.campaign_id = known.campaign_id
            and first_figures.indicator_id = known.indicator_id
            and first_figures.unit_code = known.unit_code
    where known.first_on is null or first_figures.first_on < known.first_on
{% endif %}
