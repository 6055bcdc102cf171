with exemptions as (
    select * from {{ ref('stg_exemptions') }}
),

days as (
    select
        campaign_id,
        unit_code,
        first_on + cast(unnest(range(date_diff('day', first_on, last_on) + 1)) as integer) as exempt_date,
        reason
    from exemptions
),

one_reason_a_day as (
    select
        campaign_id,
        unit_code,
        exempt_date,
        string_agg(distinct reason, '; ' order by reason) as exempt_reason
    from days
    group by campaign_id, unit_code, exempt_date
)

select * from one_reason_a_day
