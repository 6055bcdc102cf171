{{ config(materialized='view') }}

with campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

ends as (
    select
        min(starts_on) as first_day,
        max(greatest(ends_on, horizon_date)) as last_day
    from campaigns
),

calendar as (
    select first_day + cast(unnest(range(last_day - first_day + 1)) as integer) as day
    from ends
)

select * from calendar
