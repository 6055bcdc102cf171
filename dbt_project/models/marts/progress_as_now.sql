with now_days as (
    select * from {{ ref('int_now_days') }}
),

now_dates as (
    select * from {{ ref('int_now_dates') }}
),

targets as (
    select * from {{ ref('int_now_targets') }}
),

with_target as (
    select
        now_days.campaign_id,
        now_days.indicator_id,
        now_days.unit_code,
        now_days.as_of_date,
        now_days.level,
        now_days.value,
        now_days.value_accepted,
        now_days.last_as_of_date,
        date_diff('day', now_days.last_as_of_date, now_days.as_of_date) as age_days,
        now_days.is_provisional,
        targets.target,
        100 * now_days.value / targets.target as attained_pct,
        targets.target - now_days.value as gap,
        now_days.value - lag(now_days.value, 1) over series as increment_1d,
        now_days.value - lag(now_days.value, 7) over series as increment_7d,
        now_days.source_units,
        now_days.is_estimated,
        now_dates.units_on
    from now_days
    inner join now_dates on now_days.campaign_id = now_dates.campaign_id
    left join targets
        on
            now_days.campaign_id = targets.campaign_id
            and now_days.indicator_id = targets.indicator_id
            and now_days.unit_code = targets.unit_code
            and now_days.as_of_date >= targets.valid_from
            and now_days.as_of_date < targets.valid_until
    window series as (
        partition by now_days.unit_code, now_days.indicator_id, now_days.campaign_id order by now_days.as_of_date
    )
),

progress_as_now as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of_date,
        level,
        value,
        value_accepted,
        last_as_of_date,
        age_days,
        is_provisional,
        target,
        attained_pct,
        gap,
        increment_1d,
        increment_7d,
        increment_7d / 7 as actual_pace,
        source_units,
        is_estimated,
        units_on
    from with_target
)

select * from progress_as_now
