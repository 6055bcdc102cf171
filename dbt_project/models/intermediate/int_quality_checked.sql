{{ config(materialized='view') }}

{% set relations = ['parent_sums', 'recounts'] %}
with rules as (
    select * from {{ ref('stg_rules') }}
    where is_on and not is_shadow and place = 'warehouse' and dimension = 'correct'
),

rows_checked as (
    {% for relation in relations %}
        select
            campaign_id,
            unit_code,
            judged_on as day,
            '{{ relation }}' as relation,
            count(*) as rows_checked
        from {{ ref('int_checked_' ~ relation) }}
        group by campaign_id, unit_code, judged_on
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

checked as (
    select
        rows_checked.campaign_id,
        rows_checked.unit_code,
        rows_checked.day,
        cast(sum(rows_checked.rows_checked) as bigint) as checks_applied
    from rows_checked
    inner join rules
        on
            rows_checked.campaign_id = rules.campaign_id
            and rows_checked.relation = rules.relation
            and rows_checked.day >= coalesce(rules.effective_from, rows_checked.day)
            and rows_checked.day <= coalesce(rules.effective_to, rows_checked.day)
    group by rows_checked.campaign_id, rows_checked.unit_code, rows_checked.day
)

select * from checked
