{# Before a model appends what changed: the rows whose `keys` are in `changed` go. Nothing on a full build. #}
{% macro forget(changed, keys) %}
    {% if is_incremental() %}
        delete from {{ this }}
        where ({{ keys | join(', ') }}) in (select {{ keys | join(', ') }} from {{ ref(changed) }})
    {% endif %}
{% endmacro %}
