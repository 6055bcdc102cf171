{{ config(materialized='view') }}

with acts as (
    select * from {{ ref('stg_acts') }} where kind in ('waiver', 'waiver_end')
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

ended as (
    select
        campaign_id,
        source as act_id,
        min(acted_at) as ended_at
    from acts
    where kind = 'waiver_end'
    group by campaign_id, source
),

waivers as (
    select
        acts.campaign_id,
        acts.unit_code,
        acts.rule_id,
        acts.acted_at as given_at,
        least(
            cast(acts.until + 1 as timestamp) at time zone campaigns.time_zone,
            ended.ended_at
        ) as ends_at
    from acts
    inner join campaigns on acts.campaign_id = campaigns.campaign_id
    left join ended on acts.campaign_id = ended.campaign_id and acts.act_id = ended.act_id
    where acts.kind = 'waiver'
)

select * from waivers
