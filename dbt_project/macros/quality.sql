{# The grade of a unit by its worst score. #}
{% macro grade_of(score) -%}
    case
        when {{ score }} >= 0.95 then 'A'
        when {{ score }} >= 0.85 then 'B'
        when {{ score }} >= 0.7 then 'C'
        when {{ score }} is not null then 'D'
    end
{%- endmacro %}

{# Sums of counts under their own names; nothing counted is 0. #}
{% macro summed(counts) -%}
    {% for count in counts -%}
        cast(coalesce(sum({{ count }}), 0) as bigint) as {{ count }}{{ ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
