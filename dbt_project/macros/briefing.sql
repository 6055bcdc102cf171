{# Rows of one statement out of `relation`: up to four numbers, in the order in which the statement's query gives them. #}
{% macro briefing_rows(
    relation, statement, values, listed='null', listed_en='null', only='true', sort='0', unit_code='null', indicator_id='null',
    level='null', item_id='null'
) %}
    select
        campaign_id,
        meeting_id,
        '{{ statement }}' as statement,
        cast({{ sort }} as double) as sort,
        cast({{ unit_code }} as varchar) as unit_code,
        cast({{ indicator_id }} as varchar) as indicator_id,
        cast({{ level }} as varchar) as level,
        cast({{ item_id }} as varchar) as item_id,
        {% for place in range(4) -%}
            cast({{ values[place] if place < values | length else 'null' }} as double) as value{{ '_' ~ (place + 1) if place }},
        {% endfor -%}
        cast({{ listed }} as varchar) as listed,
        cast({{ listed_en }} as varchar) as listed_en
    from {{ relation }}
    where {{ only }}
{% endmacro %}

{# Names in order, as long as anybody would read them out: none where there are more than 30. #}
{% macro short_list(name, in_order, which='true') -%}
    case
        when count(*) filter (where {{ which }}) <= 30
            then string_agg({{ name }}, ', ' order by {{ in_order }}) filter (where {{ which }})
    end
{%- endmacro %}

{# A template with its placeholders filled, those that come last in `columns` last: what people wrote keeps its braces. #}
{% macro filled(template, columns) -%}
    {{ 'replace(' * columns | length }}{{ template }}
    {%- for name, text in columns.items() %}, '{{ '{' ~ name ~ '}' }}', {{ text }}){% endfor %}
{%- endmacro %}

{# What a number of a briefing reads like: at most two decimals. #}
{% macro briefing_number(number, language) -%}
    {{ number_text('round(' ~ number ~ ', 2)', language) }}
{%- endmacro %}

{# The statements of a briefing in their order: one row per statement with its section, words and query. #}
{% macro briefing_templates() %}
    {%- for statement, said in briefing_statements().items() %}
    select
        '{{ statement }}' as statement,
        '{{ said.section }}' as section,
        {{ loop.index }} as statement_number,
        '{{ said.vi }}' as template_vi,
        '{{ said.en }}' as template_en,
        '{{ said.query.split() | join(' ') | replace("'", "''") }}' as template_query
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{% endmacro %}

{# The sentence of a statement; what is not known is a dash. #}
{% macro briefing_text(language) -%}
    {%- set columns = {} -%}
    {%- for column in ['value', 'value_2', 'value_3', 'value_4'] -%}
        {%- do columns.update({loop.index | string: briefing_number(column, language)}) -%}
    {%- endfor -%}
    {%- for name in ['indicator', 'level', 'milestone', 'due', 'tier', 'since'] -%}
        {%- do columns.update({name: name ~ '_' ~ language}) -%}
    {%- endfor -%}
    {%- do columns.update({
        'item': 'item_id', 'unit': 'unit'
    }) -%}
    {%- set known = {} -%}
    {%- for name, column in columns.items() -%} {%- do known.update({name: "coalesce(" ~ column ~ ", '–')"}) -%} {%- endfor -%}
    {%- set names = 'listed' if language == 'vi' else 'coalesce(listed_en, listed)' -%}
    {%- do known.update({'list': "coalesce(': ' || " ~ names ~ ", '')"}) -%}
    {{ filled('template_' ~ language, known) }}
{%- endmacro %}

{# The query of a statement, with what it is about as literals of SQL. #}
{% macro briefing_query() -%}
    {%- set columns = {
        'campaign': 'campaign_id', 'unit': 'unit_code', 'indicator': 'indicator_id', 'level': 'level', 'item': 'item_id',
        'board_level': 'board_level',
    } -%}
    {%- set literals = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do literals.update({name: "replace(coalesce(" ~ column ~ ", ''), chr(39), chr(39) || chr(39))"}) -%}
    {%- endfor -%}
    {%- for name in ['board_date', 'since_date'] -%}
        {%- do literals.update({name: "coalesce(cast(" ~ name ~ " as varchar), '0001-01-01')"}) -%}
    {%- endfor -%}
    {%- for name in ['held_at', 'since_at'] -%}
        {%- do literals.update({name: "strftime(" ~ name ~ ", '%Y-%m-%d %H:%M:%S+00')"}) -%}
    {%- endfor -%}
    {{ filled('template_query', literals) }}
{%- endmacro %}

{# Statements that belong together stand together: all of an indicator, of a milestone, of a unit. #}
{% macro briefing_order() -%}
    case
        when
            section in ('milestones', 'explain')
            or statement in ('headline_value', 'headline_attained', 'headline_reached', 'headline_growth', 'headline_pace')
            then 0
        else statement_number
    end,
    sort, tier_position, indicator_position, item_id, level_depth, statement_number, unit_code
{%- endmacro %}
