-- Units that a period scores, as far as it has come, and the day up to which it has.
with periods as (
    select * from {{ ref('stg_emulation_periods') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

units as (
    select * from {{ ref('stg_units') }} where kind = 'unit'
),

closed as (
    select * from {{ ref('int_emulation_signed') }}
),

begun as (
    select
        periods.*,
        least(periods.last_on, campaigns.horizon_date, campaigns.ends_on) as as_of_date
    from periods
    inner join campaigns on periods.campaign_id = campaigns.campaign_id and periods.first_on <= campaigns.horizon_date
    anti join closed on periods.campaign_id = closed.campaign_id and periods.period_id = closed.period_id
),

scored as (
    select
        begun.campaign_id,
        begun.period_id,
        units.unit_code,
        begun.level,
        begun.indicator_id,
        begun.first_on,
        begun.as_of_date
    from begun
    inner join units
        on
            begun.campaign_id = units.campaign_id
            and begun.level = units.level
            and begun.as_of_date >= coalesce(units.opened_on, begun.as_of_date)
            and begun.as_of_date <= coalesce(units.closed_on, begun.as_of_date)
)

select * from scored
