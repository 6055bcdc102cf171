{{ config(materialized='view') }}

with slot_status as (
    select * from {{ ref('fct_slot_status') }}
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
    from slot_status
)

select * from checked
