{# What the run before left in a model that is made later in this run; none on a full build. Not `ref`: that would be a circle. #}
{% macro left_by_run_before(model) %}
    {% set relation = none %}
    {% if execute and not flags.FULL_REFRESH %}
        {% set relation = adapter.get_relation(this.database, this.schema, model) %}
    {% endif %}
    {{ return(relation) }}
{% endmacro %}
