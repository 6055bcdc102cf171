{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['campaign_id', 'indicator_id', 'unit_code'],
) }}

-- depends_on: {{ ref('int_new_figure_keys') }}
with all_figures as (
    select * from {{ ref('fct_figures') }}
),

figures as (
    select * from all_figures
    {% if is_incremental() %}
        where (campaign_id, indicator_id, unit_code, as_of_date, as_of) in (
            select (campaign_id, indicator_id, unit_code, as_of_date, as_of) from {{ ref('int_new_figure_keys') }}
        )
    {% endif %}
),

first_figures as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        min(as_of_date) as first_on,
        min(as_of_date) filter (where cell <> 'withdrawn') as reported_on,
        bool_or(cell = 'withdrawn') as has_taken_back
    from figures
    group by campaign_id, indicator_id, unit_code
),

-- Where something was taken back, the first report that is left is looked for anew.
left_over as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        min(as_of_date) as reported_on
    from all_figures
    where
        cell <> 'withdrawn'
        and (campaign_id, indicator_id, unit_code) in (
            select (first_figures.campaign_id, first_figures.indicator_id, first_figures.unit_code)
            from first_figures
            where first_figures.has_taken_back
        )
    group by campaign_id, indicator_id, unit_code
),

{% if is_incremental() %}
    known as (
        select * from {{ this }}
    ),
{% else %}
    known as (
        select
            campaign_id,
            indicator_id,
            unit_code,
            first_on,
            reported_on,
            '{{ invocation_id }}' as first_seen_in
        from first_figures
        where false
    ),
{% endif %}

as_known_now as (
    select
        first_figures.campaign_id,
        first_figures.indicator_id,
        first_figures.unit_code,
        least(known.first_on, first_figures.first_on) as first_on,
        case
            when first_figures.has_taken_back then left_over.reported_on
            else least(known.reported_on, first_figures.reported_on)
        end as reported_on,
        coalesce(known.first_seen_in, '{{ invocation_id }}') as first_seen_in,
        known.first_on as known_first_on,
        known.reported_on as known_reported_on
    from first_figures
    left join known
        on
            first_figures.campaign_id = known.campaign_id
            and first_figures.indicator_id = known.indicator_id
            and first_figures.unit_code = known.unit_code
    left join left_over
        on
            first_figures.campaign_id = left_over.campaign_id
            and first_figures.indicator_id = left_over.indicator_id
            and first_figures.unit_code = left_over.unit_code
)

select
    campaign_id,
    indicator_id,
    unit_code,
    first_on,
    reported_on,
    first_seen_in
from as_known_now
where known_first_on is distinct from first_on or known_reported_on is distinct from reported_on
