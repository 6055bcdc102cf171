-- Hands at work: devices where an indicator counts them, else people of the campaign's list, a parent's summed from below.
with indicators as (
    select * from {{ ref('stg_indicators') }} where is_reinforced
),

days as (
    select * from {{ ref('int_days') }}
),

productivity as (
    select * from {{ ref('device_productivity') }}
),

people as (
    select * from {{ ref('stg_people') }}
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

people_days as (
    select
        people.campaign_id,
        people.unit_code,
        days.as_of_date,
        people.people
    from people
    inner join days
        on
            people.campaign_id = days.campaign_id
            and people.first_on <= days.as_of_date
            and people.last_on >= days.as_of_date
),

own_and_below as (
    select
        *,
        true as is_own
    from people_days

    union all

    select
        people_days.* replace (ancestors.ancestor_code as unit_code),
        false as is_own
    from people_days
    inner join ancestors
        on people_days.campaign_id = ancestors.campaign_id and people_days.unit_code = ancestors.unit_code
),

people_at_work as (
    select
        campaign_id,
        unit_code,
        as_of_date,
        cast(coalesce(sum(people) filter (where is_own), sum(people)) as double) as people
    from own_and_below
    group by campaign_id, unit_code, as_of_date
),

with_week as (
    select
        *,
        sum(people) over week as person_days_7d,
        count(*) over week as days_in_week
    from people_at_work
    window week as (
        partition by unit_code, campaign_id
        order by as_of_date
        rows between 6 preceding and current row
    )
),

heads as (
    select
        productivity.campaign_id,
        productivity.indicator_id,
        productivity.unit_code,
        productivity.as_of_date,
        'devices' as heads_basis,
        productivity.devices as heads,
        productivity.device_days_7d as head_days_7d
    from productivity
    inner join indicators
        on
            productivity.campaign_id = indicators.campaign_id
            and productivity.indicator_id = indicators.indicator_id

    union all

    select
        with_week.campaign_id,
        indicators.indicator_id,
        with_week.unit_code,
        with_week.as_of_date,
        'people' as heads_basis,
        with_week.people as heads,
        case when with_week.days_in_week = 7 then with_week.person_days_7d end as head_days_7d
    from with_week
    inner join indicators
        on with_week.campaign_id = indicators.campaign_id and indicators.devices_id is null
)

select * from heads
