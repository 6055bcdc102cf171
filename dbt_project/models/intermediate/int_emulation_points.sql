-- Every part of every unit's score in the periods that are open, with the formula as it is now.
with scored as (
    select * from {{ ref('int_emulation_units') }}
),

parts as (
    select * from {{ ref('stg_emulation_parts') }}
),

measures as (
    select * from {{ ref('int_emulation_measures') }}
),

with_measure as (
    select
        scored.campaign_id,
        scored.period_id,
        scored.unit_code,
        scored.level,
        scored.as_of_date,
        parts.part_id,
        parts.position,
        measures.measure,
        cast(coalesce(measures.measure_count, 0) as bigint) as measure_count,
        parts.zero_at,
        parts.full_at,
        parts.weight,
        measures.measure is not null as is_assessed,
        least(greatest((measures.measure - parts.zero_at) / (parts.full_at - parts.zero_at), 0), 1) as share
    from scored
    inner join parts on scored.campaign_id = parts.campaign_id
    left join measures
        on
            scored.campaign_id = measures.campaign_id
            and scored.period_id = measures.period_id
            and scored.unit_code = measures.unit_code
            and parts.part_id = measures.part_id
),

with_points as (
    select
        * exclude (share),
        case when is_assessed then round(share, 9) end as normalised,
        case when is_assessed then round(weight * round(share, 9), 6) end as points
    from with_measure
)

select * from with_points
