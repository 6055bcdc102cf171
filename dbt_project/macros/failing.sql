{#
    Rows of `checked` (a model int_checked_X) that fail, by the rules over `relation` that the campaigns have on: the catalogue's own
    conditions, read from the register when the model is compiled. Campaigns whose condition is the same share one scan. What a
    finding shows is as the rule `shows` it, else as here.
#}
{% macro failing(relation, checked) %}
    {%- set shown = {
        'value': ['double', 'value'], 'expected': ['double', 'expected'], 'previous': ['double', 'null'], 'score': ['double', 'null'],
        'minutes': ['bigint', 'null'], 'raw': ['varchar', 'null'],
    } -%}
    {%- set rules = conditions_over(relation) if execute else [] -%}
    {%- for rule in rules %}
    select
        '{{ rule.edition }}' as edition,
        campaign_id,
        unit_code,
        indicator_id,
        as_of,
        slot_id,
        judged_on,
        found_at,
        {% for name, kind in shown.items() -%}
            cast({{ rule.shows.get(name, kind[1]) }} as {{ kind[0] }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ checked }}
    where campaign_id in ({{ rule.campaigns }}) and ({{ rule.condition }})
    union all
    {%- endfor %}
    select
        cast(null as varchar) as edition,
        campaign_id,
        unit_code,
        indicator_id,
        as_of,
        slot_id,
        judged_on,
        found_at,
        {% for name, kind in shown.items() -%}
            cast(null as {{ kind[0] }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ checked }}
    where false
{% endmacro %}

{# [{edition, condition, shows, campaigns}] of the rules over a relation. #}
{% macro conditions_over(relation) %}
    {% set query %}
        select
            edition,
            condition,
            shows,
            '''' || string_agg(campaign_id, ''', ''' order by campaign_id) || '''' as campaigns
        from {{ ref('stg_rules') }}
        where is_on and place = 'warehouse' and relation = '{{ relation }}'
        group by edition, condition, shows
        order by edition, condition, shows
    {% endset %}
    {% set found = [] %}
    {% for row in run_query(query).rows %}
        {% do found.append({'edition': row[0], 'condition': row[1], 'shows': fromjson(row[2]), 'campaigns': row[3]}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
