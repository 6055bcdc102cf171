{{ config(materialized='view') }}

-- Rules of the catalogue (place: warehouse) over the models int_checked_<relation>; dbt_project.yml lists the relations.
{% set relations = var('warehouse_relations') %}

with
{% for relation in relations %}
    failing_{{ relation }} as (
        {{ failing(relation, ref('int_checked_' ~ relation)) }}
    ),
{% endfor %}

failures as (
    {% for relation in relations %}
        select * from failing_{{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

rules as (
    select * from {{ ref('stg_rules') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

waivers as (
    select * from {{ ref('int_waivers') }}
),

with_rule as (
    select
        md5(concat_ws(
            '|', 'warehouse', rules.rule_id, failures.campaign_id, failures.unit_code, failures.indicator_id,
            failures.as_of, failures.slot_id
        )) as finding_id,
        failures.*,
        rules.rule_id,
        rules.dimension,
        rules.severity,
        rules.is_shadow,
        rules.rule_version,
        rules.responsibility,
        rules.message_vi,
        rules.message_en,
        rules.remedy_vi,
        rules.remedy_en,
        campaigns.time_zone
    from failures
    inner join rules on failures.campaign_id = rules.campaign_id and failures.edition = rules.edition
    inner join campaigns on failures.campaign_id = campaigns.campaign_id
),

-- As at the gate a waiver goes by when a failure came up, and never covers what rejects.
waived as (
    select distinct with_rule.finding_id
    from with_rule
    inner join waivers
        on
            with_rule.campaign_id = waivers.campaign_id
            and with_rule.unit_code = waivers.unit_code
            and with_rule.rule_id = waivers.rule_id
            and with_rule.found_at >= waivers.given_at
            and with_rule.found_at < waivers.ends_at
    where with_rule.severity <> 'reject'
),

with_waiver as (
    select
        with_rule.*,
        waived.finding_id is not null as is_waived
    from with_rule
    left join waived on with_rule.finding_id = waived.finding_id
)

select * from with_waiver
