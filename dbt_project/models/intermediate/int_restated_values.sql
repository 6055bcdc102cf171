with versions as (
    select * from {{ ref('int_restated_versions') }}
),

ancestors as (
    select * from {{ ref('int_ancestor_periods') }}
),

as_known as (
    select
        campaign_id,
        as_of_date,
        since,
        since_date,
        indicator_id,
        unit_code,
        known_when,
        figures_restated,
        reasons,
        case kind
            when 'increment' then sum(value)
            else arg_max(value, as_of) filter (where value is not null)
        end as value
    from versions
    group by
        campaign_id, as_of_date, since, since_date, indicator_id, unit_code, known_when, figures_restated, reasons, kind
),

own as (
    select
        campaign_id,
        as_of_date,
        since,
        since_date,
        indicator_id,
        unit_code,
        figures_restated,
        reasons,
        max(value) filter (where known_when = 'now') as now_value,
        max(value) filter (where known_when = 'new') as new_value,
        max(value) filter (where known_when = 'old') as old_value
    from as_known
    group by campaign_id, as_of_date, since, since_date, indicator_id, unit_code, figures_restated, reasons
),

of_units as (
    select
        *,
        unit_code as restated_unit,
        new_value is null as is_new_missing,
        old_value is null as is_old_missing
    from own

    union all by name

    select
        own.* exclude (unit_code),
        ancestors.ancestor_code as unit_code,
        own.unit_code as restated_unit,
        false as is_new_missing,
        false as is_old_missing
    from own
    inner join ancestors
        on
            own.campaign_id = ancestors.campaign_id
            and own.unit_code = ancestors.unit_code
            and own.since_date >= ancestors.valid_from
            and own.since_date <= ancestors.valid_to
),

restated as (
    select
        campaign_id,
        as_of_date,
        since,
        since_date,
        indicator_id,
        unit_code,
        round(sum(coalesce(now_value, 0) - coalesce(new_value, 0)), 6) as changed_after_new,
        round(sum(coalesce(now_value, 0) - coalesce(old_value, 0)), 6) as changed_after_old,
        bool_or(is_new_missing) as is_new_missing,
        bool_or(is_old_missing) as is_old_missing,
        cast(sum(figures_restated) as bigint) as figures_restated,
        cast(count(*) filter (where figures_restated > 0) as bigint) as units_restated,
        string_agg(distinct reasons, ', ' order by reasons) as reasons
    from of_units
    group by campaign_id, as_of_date, since, since_date, indicator_id, unit_code
)

select * from restated
