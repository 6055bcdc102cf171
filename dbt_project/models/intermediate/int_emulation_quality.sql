-- Slots and checks over a period, the unit's own and those of all below it: the measures timeliness and quality.
{% set counts = [
    'rows_received', 'rows_rejected', 'rows_duplicate', 'rows_conflicting', 'cells_owed', 'cells_present', 'slots_owed',
    'slots_on_time', 'checks_applied',
] %}
with scored as (
    select * from {{ ref('int_emulation_units') }}
),

counts as (
    select * from {{ ref('int_quality_counts') }}
    where campaign_id in (select scored.campaign_id from scored)
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

own_and_below as (
    select * from counts

    union all

    select counts.* replace (ancestors.ancestor_code as unit_code)
    from counts
    inner join ancestors on counts.campaign_id = ancestors.campaign_id and counts.unit_code = ancestors.unit_code
),

added as (
    select
        scored.campaign_id,
        scored.period_id,
        scored.unit_code,
        coalesce(sum(own_and_below.checks_failed), 0) as checks_failed,
    {% for count in counts -%}
        coalesce(sum(own_and_below.{{ count }}), 0) as {{ count }}{{ ',' if not loop.last }}
    {% endfor %}
    from scored
    inner join own_and_below
        on
            scored.campaign_id = own_and_below.campaign_id
            and scored.unit_code = own_and_below.unit_code
            and own_and_below.day between scored.first_on and scored.as_of_date
    group by scored.campaign_id, scored.period_id, scored.unit_code
),

measures as (
    select
        campaign_id,
        period_id,
        unit_code,
        'timeliness' as part_id,
        100 * slots_on_time / nullif(slots_owed, 0) as measure,
        slots_owed as measure_count
    from added

    union all

    select
        campaign_id,
        period_id,
        unit_code,
        'quality' as part_id,
        100 * least(
            case when checks_applied > 0 then greatest(0, 1 - checks_failed / checks_applied) end,
            cells_present / nullif(cells_owed, 0),
            case
                when rows_received > 0
                    then greatest(0, 1 - (rows_rejected + rows_duplicate + rows_conflicting) / rows_received)
            end
        ) as measure,
        checks_applied as measure_count
    from added
)

select * from measures
