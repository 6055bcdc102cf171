with crosswalk as (
    select * from {{ ref('stg_crosswalk') }}
),

periods as (
    select * from {{ ref('stg_unit_periods') }} where valid_from > date '0001-01-01'
),

days as (
    select
        campaign_id,
        max(as_of_date) as last_date
    from {{ ref('int_days') }}
    group by campaign_id
),

changes as (
    select
        campaign_id,
        valid_from
    from crosswalk

    union distinct

    select
        campaign_id,
        valid_from
    from periods
),

-- The last change that the boards have reached.
now_dates as (
    select
        changes.campaign_id,
        max(changes.valid_from) as units_on,
        any_value(days.last_date) as last_date
    from changes
    inner join days on changes.campaign_id = days.campaign_id and changes.valid_from <= days.last_date
    group by changes.campaign_id
)

select * from now_dates
