{{ config(materialized='view') }}

-- What the rules of the warehouse were held against: the rows of the models int_checked_<relation>.
{% set relations = var('warehouse_relations') %}

with checks as (
    {% for relation in relations %}
        select
            '{{ relation }}' as relation,
            campaign_id,
            unit_code,
            slot_id,
            judged_on
        from {{ ref('int_checked_' ~ relation) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from checks
