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

{# A template of the catalogue with its placeholders filled. #}
{% macro worded(template, language) -%}
    replace(replace(replace(replace(replace(replace(
        {{ template }},
        '{unit}', coalesce(unit_text, '–')),
        '{slot}', coalesce(slot_{{ language }}, '–')),
        '{cutoff}', coalesce(cutoff_{{ language }}, '–')),
        '{value}', coalesce({{ number_text('value', language) }}, '–')),
        '{expected}', coalesce({{ number_text('expected', language) }}, '–')),
        '{indicator}', coalesce(indicator_{{ language }}, '–'))
{%- endmacro %}
