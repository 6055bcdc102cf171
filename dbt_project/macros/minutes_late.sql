{# Whole minutes begun since the cutoff; 0 before it, null where either is unknown. #}
{% macro minutes_late(moment, cutoff) -%}
    case
        when {{ moment }} <= {{ cutoff }} then 0
        else cast(ceil(epoch({{ moment }} - {{ cutoff }}) / 60) as bigint)
    end
{%- endmacro %}
