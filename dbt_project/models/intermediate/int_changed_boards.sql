with changed_days as (
    select * from {{ ref('int_changed_days') }}
),

days as (
    select * from {{ ref('int_days') }}
),

-- A board looks back one day (what moved) and seven (pace, improvement).
looked_back_on as (
    select distinct
        campaign_id,
        indicator_id,
        as_of_date + unnest([0, 1, 7]) as as_of_date
    from changed_days
),

boards as (
    select
        looked_back_on.campaign_id,
        looked_back_on.indicator_id,
        looked_back_on.as_of_date
    from looked_back_on
    inner join days
        on looked_back_on.campaign_id = days.campaign_id and looked_back_on.as_of_date = days.as_of_date
)

select * from boards
