with weights as (
    select * from {{ ref('int_now_weights') }}
),

now_dates as (
    select * from {{ ref('int_now_dates') }}
),

final as (
    select
        weights.campaign_id,
        weights.unit_code,
        weights.from_code,
        weights.first_on,
        weights.last_on,
        weights.weight,
        weights.weight_basis,
        now_dates.units_on
    from weights
    inner join now_dates on weights.campaign_id = now_dates.campaign_id
)

select * from final
