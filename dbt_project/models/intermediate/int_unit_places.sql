with units as (
    select * from {{ ref('stg_units') }}
),

periods as (
    select * from {{ ref('stg_unit_periods') }}
),

spans as (
    select * from {{ ref('int_unit_spans') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

-- One row per unit and time in which it stands at one place of the tree; one that the crosswalk hands on stands nowhere from then on.
places as (
    select
        units.campaign_id,
        units.unit_code,
        periods.unit_name,
        periods.level,
        periods.parent_code,
        units.kind,
        case campaigns.peer_group_by
            when 'parent' then coalesce(periods.parent_code, 'level')
            when 'column' then coalesce(units.peer_group, 'level')
            else 'level'
        end as peer_group,
        units.opened_on,
        units.closed_on,
        greatest(periods.valid_from, coalesce(spans.first_on, periods.valid_from)) as first_on,
        least(periods.valid_to, coalesce(spans.last_on, periods.valid_to)) as last_on
    from units
    inner join campaigns on units.campaign_id = campaigns.campaign_id
    inner join periods on units.campaign_id = periods.campaign_id and units.unit_code = periods.unit_code
    left join spans
        on
            units.campaign_id = spans.campaign_id
            and units.unit_code = spans.unit_code
            and periods.valid_from <= spans.last_on
            and periods.valid_to >= spans.first_on
    where
        spans.unit_code is not null
        or (units.campaign_id, units.unit_code) not in (select (s.campaign_id, s.unit_code) from spans as s)
)

select * from places
