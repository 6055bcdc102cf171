{{ config(materialized='view') }}

with parent_sums as (
    select * from {{ ref('parent_sums') }}
),

figures as (
    select * from {{ ref('int_own_days') }} where received_at is not null
),

checked as (
    select
        parent_sums.*,
        cast(parent_sums.as_of_date as timestamp) as as_of,
        cast(null as varchar) as slot_id,
        parent_sums.reported_value as value,
        parent_sums.children_sum as expected,
        parent_sums.as_of_date as judged_on,
        figures.received_at as found_at
    from parent_sums
    inner join figures
        on
            parent_sums.campaign_id = figures.campaign_id
            and parent_sums.indicator_id = figures.indicator_id
            and parent_sums.unit_code = figures.unit_code
            and parent_sums.as_of_date = figures.as_of_date
)

select * from checked
