with totals as (
    select * from {{ ref('int_emulation_totals') }}
),

closed as (
    select * from {{ ref('int_emulation_signed') }}
),

signed as (
    select * from {{ ref('stg_signed_scores') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

of_closed_periods as (
    select distinct
        signed.campaign_id,
        signed.period_id,
        signed.unit_code,
        signed.level,
        signed.as_of_date,
        signed.points_total as points,
        signed.weight_assessed,
        signed.score,
        signed.rank,
        signed.ranked_count,
        signed.class_id,
        signed.class_name_vi,
        signed.class_name_en,
        signed.sender,
        signed.sender_name,
        closed.acted_at as closed_at,
        closed.author as closed_by,
        closed.reason as close_reason
    from signed
    inner join closed on signed.campaign_id = closed.campaign_id and signed.act_id = closed.act_id
),

all_periods as (
    select * from totals
    union all by name
    select * from of_closed_periods
),

scores as (
    select
        all_periods.campaign_id,
        all_periods.period_id,
        all_periods.unit_code,
        all_periods.level,
        units.unit_name,
        all_periods.as_of_date,
        all_periods.score,
        all_periods.points,
        all_periods.weight_assessed,
        all_periods.class_id,
        all_periods.class_name_vi,
        all_periods.class_name_en,
        all_periods.rank,
        all_periods.ranked_count,
        all_periods.sender,
        all_periods.sender_name,
        all_periods.closed_at is not null as is_closed,
        all_periods.closed_at,
        all_periods.closed_by,
        all_periods.close_reason
    from all_periods
    left join units
        on all_periods.campaign_id = units.campaign_id and all_periods.unit_code = units.unit_code
)

select * from scores
