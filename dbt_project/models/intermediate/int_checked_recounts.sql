{{ config(materialized='view') }}

with recounts as (
    select * from {{ ref('recounts') }}
),

checked as (
    select
        *,
        cast(as_of_date as timestamp) as as_of,
        cast(null as varchar) as slot_id,
        reported_value as value,
        recounted_value as expected,
        as_of_date as judged_on,
        known_until as found_at
    from recounts
    where reported_value is not null
)

select * from checked
