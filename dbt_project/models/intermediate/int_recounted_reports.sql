{{ config(materialized='view') }}

with recounts as (
    select * from {{ ref('stg_recounts') }}
),

figures as (
    select * from {{ ref('stg_figures') }} where lane = 'accepted'
),

indicators as (
    select * from {{ ref('stg_indicators') }}
),

versions as (
    select
        recounts.campaign_id,
        recounts.recount_id,
        indicators.kind,
        figures.as_of,
        figures.value,
        figures.received_at <= recounts.known_until as was_known,
        row_number() over (
            partition by recounts.campaign_id, recounts.recount_id, figures.as_of, figures.received_at <= recounts.known_until
            order by figures.received_at desc, figures.priority desc, figures.file_id desc, figures.submission_id desc
        ) as place
    from recounts
    inner join indicators
        on recounts.campaign_id = indicators.campaign_id and recounts.indicator_id = indicators.indicator_id
    inner join figures
        on
            recounts.campaign_id = figures.campaign_id
            and recounts.indicator_id = figures.indicator_id
            and recounts.unit_code = figures.unit_code
            and (
                figures.as_of_date = recounts.as_of_date
                or (indicators.kind = 'cumulative' and figures.as_of_date < recounts.as_of_date)
            )
),

-- A level stands until the next report; increments of the day add up.
reported as (
    select
        campaign_id,
        recount_id,
        case any_value(kind)
            when 'increment' then round(sum(value), 6)
            else arg_max(value, as_of)
        end as reported_value
    from versions
    where was_known and place = 1 and value is not null
    group by campaign_id, recount_id
)

select * from reported
