with recursive crosswalk as (
    select * from {{ ref('stg_crosswalk') }}
),

spans as (
    select * from {{ ref('int_unit_spans') }}
),

closings as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on,
        last_on,
        closing_value as value,
        closing_as_of_date as known_on,
        kind = 'increment' as passes_through
    from {{ ref('int_span_values') }}
    where closing_value is not null
),

{{ handed_on() }},

inherited as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on,
        {{ sum_of_shares('weight * value') }} as value,
        max(known_on) as last_as_of_date
    from flows
    group by campaign_id, indicator_id, unit_code, first_on
)

select * from inherited
