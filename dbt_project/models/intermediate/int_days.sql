{{ config(materialized='incremental', incremental_strategy='append') }}

with campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

figures as (
    select * from {{ ref('fct_figures') }}
),

reported as (
    select
        campaign_id,
        min(as_of_date) as first_date,
        max(as_of_date) as last_date
    from figures
    group by campaign_id
),

days as (
    select
        campaigns.campaign_id,
        reported.first_date
        + cast(
            unnest(
                range(
                    date_diff(
                        'day',
                        reported.first_date,
                        greatest(reported.last_date, least(campaigns.horizon_date, campaigns.ends_on))
                    )
                    + 1
                )
            ) as integer
        ) as as_of_date,
        '{{ invocation_id }}' as added_in
    from campaigns
    inner join reported on campaigns.campaign_id = reported.campaign_id
)

select days.*
from days
{% if is_incremental() %}
    anti join {{ this }} as known
        on days.campaign_id = known.campaign_id and days.as_of_date = known.as_of_date
{% endif %}
