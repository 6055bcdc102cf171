with changed_days as (
    select * from {{ ref('int_changed_days') }}
),

days as (
    select * from {{ ref('int_days') }}
),

last_days as (
    select
        campaign_id,
        max(as_of_date) as board_date
    from days
    group by campaign_id
),

-- A forecast looks nine weeks back; what changed before that changes nothing in it.
boards as (
    select distinct
        changed_days.campaign_id,
        changed_days.indicator_id,
        last_days.board_date
    from changed_days
    inner join last_days on changed_days.campaign_id = last_days.campaign_id
    where changed_days.as_of_date > last_days.board_date - 63
)

select * from boards
