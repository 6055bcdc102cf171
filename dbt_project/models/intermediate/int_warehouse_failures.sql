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
)

select * from with_rule
