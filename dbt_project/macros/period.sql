{# Every row twice: in its ISO week, and in the whole campaign. #}
{% macro periods(date_column) -%}
    unnest(['week', 'campaign']) as period_kind,
    unnest([strftime({{ date_column }}, '%G-W%V'), 'all']) as period
{%- endmacro %}
