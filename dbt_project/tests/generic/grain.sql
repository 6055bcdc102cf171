{# One row per combination of columns, none of them null. `changed`: look only at what this run wrote. #}
{% test grain(model, columns, changed=none, changed_columns=none) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    {% if changed %}
        {% set keys = (changed_columns or columns) | join(', ') %}
        where ({{ keys }}) in (select {{ keys }} from {{ changed }})
    {% endif %}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns %} or {{ column }} is null {% endfor %}
{% endtest %}
