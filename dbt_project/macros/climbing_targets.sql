{#
    The recursive CTE `climbed`: a target climbs to the units above, up to the first that has one of its own. Needs the CTEs own_targets
    (campaign_id, indicator_id, valid_from, unit_code, target) and parents (campaign_id, unit_code, parent_code, valid_from, valid_to).
#}
{% macro climbing_targets() -%}
    climbed as (
        select
            campaign_id,
            indicator_id,
            valid_from,
            unit_code,
            target
        from own_targets

        union all

        select
            climbed.campaign_id,
            climbed.indicator_id,
            climbed.valid_from,
            parents.parent_code as unit_code,
            climbed.target
        from climbed
        inner join parents
            on
                climbed.campaign_id = parents.campaign_id
                and climbed.unit_code = parents.unit_code
                and climbed.valid_from >= parents.valid_from
                and climbed.valid_from <= parents.valid_to
        left join own_targets as of_parent
            on
                climbed.campaign_id = of_parent.campaign_id
                and climbed.indicator_id = of_parent.indicator_id
                and climbed.valid_from = of_parent.valid_from
                and parents.parent_code = of_parent.unit_code
        where parents.parent_code is not null and of_parent.unit_code is null
    ),

    added_up as (
        select
            campaign_id,
            indicator_id,
            valid_from,
            unit_code,
            round(sum(target), 6) as target
        from climbed
        group by campaign_id, indicator_id, valid_from, unit_code
    ),

    validity as (
        select
            campaign_id,
            indicator_id,
            valid_from,
            lead(valid_from, 1, date '9999-12-31') over (
                partition by campaign_id, indicator_id order by valid_from
            ) as valid_until
        from (select distinct campaign_id, indicator_id, valid_from from own_targets) as changes
    ),

    -- Nobody can reach a share of nothing: a target of 0 is none, and ends the one before it.
    with_validity as (
        select
            added_up.campaign_id,
            added_up.indicator_id,
            added_up.unit_code,
            nullif(added_up.target, 0) as target,
            added_up.valid_from,
            validity.valid_until
        from added_up
        inner join validity
            on
                added_up.campaign_id = validity.campaign_id
                and added_up.indicator_id = validity.indicator_id
                and added_up.valid_from = validity.valid_from
    )
{%- endmacro %}
