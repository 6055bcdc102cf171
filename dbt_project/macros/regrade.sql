{# The quality grade is of the whole campaign as known now, so it moves on boards that did not change otherwise. #}
{% macro regrade() %}
    {% if is_incremental() %}
        update {{ this }}
        set quality_grade = grades.quality_grade
        from {{ ref('data_quality') }} as grades
        where
            grades.period_kind = 'campaign'
            and {{ this }}.campaign_id = grades.campaign_id
            and {{ this }}.unit_code = grades.unit_code
            and {{ this }}.quality_grade is distinct from grades.quality_grade
    {% endif %}
{% endmacro %}
