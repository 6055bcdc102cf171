with unit_days as (
    select * from {{ ref('int_reinforcement_days') }}
),

units as (
    select * from {{ ref('stg_units') }} where kind = 'unit'
),

bottlenecks as (
    select * from {{ ref('bottlenecks') }}
),

open_reasons as (
    select
        unit_days.campaign_id,
        unit_days.unit_code,
        unit_days.as_of_date,
        string_agg(distinct bottlenecks.code, ', ' order by bottlenecks.code) as bottlenecks
    from unit_days
    inner join bottlenecks
        on
            unit_days.campaign_id = bottlenecks.campaign_id
            and unit_days.unit_code = bottlenecks.unit_code
            and unit_days.as_of_date >= cast(bottlenecks.opened_at as date)
            and unit_days.as_of_date < coalesce(cast(bottlenecks.closed_at as date), date '9999-12-31')
    group by unit_days.campaign_id, unit_days.unit_code, unit_days.as_of_date
),

with_productivity as (
    select
        *,
        greatest(milestone_value - value, 0) as gap,
        value + coalesce(actual_pace, 0) * days_left as value_at_due,
        least(coalesce(own_per_head, level_per_head, norm), norm) as productivity,
        case
            when coalesce(own_per_head, level_per_head) > norm then 'norm'
            when own_per_head is not null then 'own'
            when level_per_head is not null then 'level'
            when norm is not null then 'norm'
        end as productivity_basis
    from unit_days
),

with_need as (
    select
        *,
        greatest(milestone_value - greatest(value_at_due, value), 0) as shortfall,
        gap / productivity as people_days
    from with_productivity
),

with_gain as (
    select
        *,
        least(shortfall, productivity * days_left) as gain_per_person,
        cast(ceil(round(shortfall / (productivity * days_left), 9)) as bigint) as people_needed
    from with_need
),

ranked as (
    select
        with_gain.campaign_id,
        with_gain.indicator_id,
        with_gain.level,
        with_gain.as_of_date,
        with_gain.unit_code,
        units.unit_name,
        units.parent_code,
        with_gain.milestone_id,
        with_gain.due_date,
        with_gain.days_left,
        with_gain.value,
        with_gain.milestone_value,
        with_gain.gap,
        with_gain.actual_pace,
        with_gain.value_at_due,
        with_gain.shortfall,
        with_gain.heads,
        with_gain.heads_basis,
        with_gain.own_per_head,
        with_gain.level_per_head,
        with_gain.norm,
        with_gain.productivity,
        with_gain.productivity_basis,
        with_gain.people_days,
        with_gain.gain_per_person,
        with_gain.people_needed,
        open_reasons.bottlenecks,
        case
            when with_gain.people_days is not null
                then row_number() over (
                    partition by with_gain.campaign_id, with_gain.level, with_gain.as_of_date
                    order by with_gain.people_days desc nulls last, with_gain.unit_code asc
                )
        end as position
    from with_gain
    inner join units on with_gain.campaign_id = units.campaign_id and with_gain.unit_code = units.unit_code
    left join open_reasons
        on
            with_gain.campaign_id = open_reasons.campaign_id
            and with_gain.unit_code = open_reasons.unit_code
            and with_gain.as_of_date = open_reasons.as_of_date
)

select * from ranked
