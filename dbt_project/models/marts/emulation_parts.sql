with points as (
    select * from {{ ref('int_emulation_points') }}
),

closed as (
    select * from {{ ref('int_emulation_signed') }}
),

signed as (
    select * from {{ ref('stg_signed_scores') }}
),

-- A period that was signed off stands as it was signed, whatever the formula and the figures say now.
of_closed_periods as (
    select signed.*
    from signed
    inner join closed on signed.campaign_id = closed.campaign_id and signed.act_id = closed.act_id
),

parts as (
    select
        campaign_id,
        period_id,
        unit_code,
        part_id,
        position,
        measure,
        measure_count,
        zero_at,
        full_at,
        normalised,
        weight,
        points,
        is_assessed,
        false as is_closed
    from points

    union all

    select
        campaign_id,
        period_id,
        unit_code,
        part_id,
        position,
        measure,
        measure_count,
        zero_at,
        full_at,
        normalised,
        weight,
        points,
        is_assessed,
        true as is_closed
    from of_closed_periods
)

select * from parts
