with recursive given as (
    select * from {{ ref('int_own_targets') }}
),

now_dates as (
    select * from {{ ref('int_now_dates') }}
),

weights as (
    select * from {{ ref('int_now_weights') }}
),

parents as (
    select
        periods.campaign_id,
        periods.unit_code,
        periods.parent_code,
        date '0001-01-01' as valid_from,
        date '9999-12-31' as valid_to
    from {{ ref('stg_unit_periods') }} as periods
    inner join now_dates
        on
            periods.campaign_id = now_dates.campaign_id
            and now_dates.units_on >= periods.valid_from
            and now_dates.units_on <= periods.valid_to
),

own_targets as (
    select
        given.campaign_id,
        given.indicator_id,
        given.valid_from,
        coalesce(weights.unit_code, given.unit_code) as unit_code,
        {{ sum_of_shares('given.target * coalesce(weights.weight, 1)') }} as target
    from given
    inner join now_dates on given.campaign_id = now_dates.campaign_id and given.valid_from <= now_dates.last_date
    left join weights
        on
            given.campaign_id = weights.campaign_id
            and given.unit_code = weights.from_code
            and given.valid_from >= weights.first_on
            and given.valid_from <= weights.last_on
    group by given.campaign_id, given.indicator_id, given.valid_from, coalesce(weights.unit_code, given.unit_code)
),

{{ climbing_targets() }}

select * from with_validity
