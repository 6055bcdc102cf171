with recounts as (
    select * from {{ ref('stg_recounts') }}
),

reported as (
    select * from {{ ref('int_recounted_reports') }}
),

own_days as (
    select * from {{ ref('int_own_days') }}
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

compared as (
    select
        recounts.campaign_id,
        recounts.recount_id,
        recounts.indicator_id,
        recounts.unit_code,
        recounts.as_of_date,
        recounts.recounted_on,
        reported.reported_value,
        recounts.recounted_value,
        round(recounts.recounted_value - reported.reported_value, 6) as difference,
        recounts.recounted_value / nullif(reported.reported_value, 0) as verification_factor,
        case indicators.kind when 'increment' then own_days.day_value else own_days.own_value end as value_now,
        row_number() over (
            partition by recounts.campaign_id, recounts.indicator_id, recounts.unit_code
            order by recounts.recounted_on desc, recounts.as_of_date desc
        ) = 1 as is_newest,
        recounts.recounted_by,
        recounts.note,
        recounts.known_until
    from recounts
    inner join campaigns
        on recounts.campaign_id = campaigns.campaign_id and recounts.recounted_on <= campaigns.horizon_date
    inner join indicators
        on recounts.campaign_id = indicators.campaign_id and recounts.indicator_id = indicators.indicator_id
    left join reported
        on recounts.campaign_id = reported.campaign_id and recounts.recount_id = reported.recount_id
    left join own_days
        on
            recounts.campaign_id = own_days.campaign_id
            and recounts.indicator_id = own_days.indicator_id
            and recounts.unit_code = own_days.unit_code
            and recounts.as_of_date = own_days.as_of_date
)

select * from compared
