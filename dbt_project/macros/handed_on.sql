{#
    The recursive CTE `flows`: values of closed times of units (CTE `closings`: campaign_id, indicator_id, unit_code, first_on, last_on,
    value, known_on, passes_through) on their way through the crosswalk, one row per value and time of a unit that it comes to.
    A value goes on through a time that has none of its own, and if it `passes_through` also through those that have: what adds up is
    never replaced. Needs the CTEs crosswalk and spans.
#}
{% macro handed_on() -%}
    flows as (
        select
            closings.campaign_id,
            closings.indicator_id,
            crosswalk.new_code as unit_code,
            crosswalk.valid_from as first_on,
            crosswalk.weight,
            closings.value,
            closings.known_on,
            closings.passes_through
        from closings
        inner join crosswalk
            on
                closings.campaign_id = crosswalk.campaign_id
                and closings.unit_code = crosswalk.old_code
                and closings.last_on = crosswalk.valid_from - 1

        union all

        select
            flows.campaign_id,
            flows.indicator_id,
            crosswalk.new_code as unit_code,
            crosswalk.valid_from as first_on,
            flows.weight * crosswalk.weight as weight,
            flows.value,
            flows.known_on,
            flows.passes_through
        from flows
        inner join spans
            on
                flows.campaign_id = spans.campaign_id
                and flows.unit_code = spans.unit_code
                and flows.first_on = spans.first_on
        inner join crosswalk
            on
                flows.campaign_id = crosswalk.campaign_id
                and flows.unit_code = crosswalk.old_code
                and spans.last_on = crosswalk.valid_from - 1
        left join closings
            on
                flows.campaign_id = closings.campaign_id
                and flows.indicator_id = closings.indicator_id
                and flows.unit_code = closings.unit_code
                and flows.first_on = closings.first_on
        where flows.passes_through or closings.unit_code is null
    )
{%- endmacro %}

{# A sum of shares that is the same in every order of its rows. #}
{% macro sum_of_shares(share) -%}
    cast(sum(cast({{ share }} as decimal(28, 9))) as double)
{%- endmacro %}
