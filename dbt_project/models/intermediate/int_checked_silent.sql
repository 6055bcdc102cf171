{{ config(materialized='view') }}

with silent as (
    select * from {{ ref('silent') }}
),

checked as (
    select
        *,
        cast(null as varchar) as indicator_id,
        cast(null as timestamp) as as_of,
        cast(null as double) as value,
        cast(null as double) as expected,
        slot_date as judged_on,
        closes_at as found_at
    from silent
)

select * from checked
