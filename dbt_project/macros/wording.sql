{# Numbers as the gate words them: 1.167.685 in Vietnamese, 1,167,685 in English, at most six decimals. #}
{% macro number_text(number, language) -%}
    {%- set text -%}
        case
            when {{ number }} = floor({{ number }}) then format('{:,}', cast({{ number }} as bigint))
            else rtrim(format('{:,.6f}', {{ number }}), '0')
        end
    {%- endset -%}
    {%- if language == 'vi' -%} translate({{ text }}, ',.', '.,') {%- else -%} {{ text }} {%- endif -%}
{%- endmacro %}

{#
    A template of the catalogue with its placeholders filled; tiendo rules lint knows these placeholders.
    What a sender wrote is put in last, so that braces in it stay as they are.
#}
{% macro worded(template, language) -%}
    {%- set words = {
        'unit': 'unit_text', 'slot': 'slot_' ~ language, 'cutoff': 'cutoff_' ~ language, 'indicator': 'indicator_' ~ language,
        'value': number_text('value', language), 'expected': number_text('expected', language),
        'previous': number_text('previous', language), 'score': number_text('score', language),
        'minutes': number_text('minutes', language), 'raw': 'raw',
    } -%}
    {{ 'replace(' * words | length }}{{ template }}
    {%- for name, text in words.items() %}, '{{ '{' ~ name ~ '}' }}', coalesce({{ text }}, '–')){% endfor %}
{%- endmacro %}
