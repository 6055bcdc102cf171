with changed_days as (
    select * from {{ ref('int_changed_days') }}
),

days as (
    select * from {{ ref('int_days') }}
),

comparisons as (
    select * from {{ ref('stg_comparisons') }}
),

-- What changes before the day that is compared changes every board since.
with_changed_past as (
    select distinct
        comparisons.*,
        changed_days.indicator_id
    from comparisons
    inner join changed_days
        on
            comparisons.campaign_id = changed_days.campaign_id
            and comparisons.since > changed_days.as_of_date
            and comparisons.before_from - 1 <= changed_days.as_of_date
),

boards as (
    select
        with_changed_past.*,
        days.as_of_date
    from with_changed_past
    inner join days
        on with_changed_past.campaign_id = days.campaign_id and with_changed_past.since <= days.as_of_date

    union distinct

    select
        comparisons.*,
        changed_days.indicator_id,
        changed_days.as_of_date
    from comparisons
    inner join changed_days
        on comparisons.campaign_id = changed_days.campaign_id and comparisons.since <= changed_days.as_of_date
)

select * from boards
