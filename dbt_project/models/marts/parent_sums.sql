with own_days as (
    select * from {{ ref('int_own_days') }} where received_at is not null
),

unit_days as (
    select * from {{ ref('int_unit_days') }} where value_basis = 'children'
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

progress as (
    select * from {{ ref('progress') }} where value_basis = 'children'
),

-- Like with like: levels at the day, or what was added on the day.
compared as (
    select
        own_days.campaign_id,
        own_days.indicator_id,
        own_days.unit_code,
        own_days.as_of_date,
        own_days.day_value as reported_value,
        case indicators.kind when 'increment' then unit_days.day_value else unit_days.value end as children_sum
    from own_days
    inner join unit_days
        on
            own_days.campaign_id = unit_days.campaign_id
            and own_days.indicator_id = unit_days.indicator_id
            and own_days.unit_code = unit_days.unit_code
            and own_days.as_of_date = unit_days.as_of_date
    inner join indicators
        on own_days.campaign_id = indicators.campaign_id and own_days.indicator_id = indicators.indicator_id
),

with_children as (
    select
        compared.campaign_id,
        compared.indicator_id,
        compared.unit_code,
        compared.as_of_date,
        compared.reported_value,
        compared.children_sum,
        round(compared.reported_value - compared.children_sum, 6) as difference,
        progress.children_count,
        progress.children_reporting
    from compared
    inner join progress
        on
            compared.campaign_id = progress.campaign_id
            and compared.indicator_id = progress.indicator_id
            and compared.unit_code = progress.unit_code
            and compared.as_of_date = progress.as_of_date
    where compared.reported_value is not null and compared.children_sum is not null
)

select * from with_children
