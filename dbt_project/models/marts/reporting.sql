with slot_status as (
    select * from {{ ref('fct_slot_status') }}
),

by_week as (
    select
        campaign_id,
        unit_code,
        any_value(level) as level,
        date_trunc('week', slot_date) as week_start,
        min(slot_date) as first_date,
        max(slot_date) as last_date,
        count(*) filter (where is_owed) as slots_owed,
        count(*) filter (where status = 'on_time') as on_time,
        count(*) filter (where status = 'late') as late,
        count(*) filter (where is_extended) as late_extended,
        count(*) filter (where status = 'invalid') as invalid,
        count(*) filter (where status = 'missing') as missing,
        count(*) filter (where status = 'exempt') as exempt,
        count(*) filter (where status = 'unsolicited') as unsolicited
    from slot_status
    group by campaign_id, unit_code, date_trunc('week', slot_date)
),

by_week_and_period as (
    select
        *,
        {{ periods('week_start') }}
    from by_week
),

by_period as (
    select
        campaign_id,
        unit_code,
        period_kind,
        period,
        any_value(level) as level,
        min(first_date) as first_date,
        max(last_date) as last_date,
        cast(sum(slots_owed) as bigint) as slots_owed,
        cast(sum(on_time) as bigint) as on_time,
        cast(sum(late) as bigint) as late,
        cast(sum(late_extended) as bigint) as late_extended,
        cast(sum(invalid) as bigint) as invalid,
        cast(sum(missing) as bigint) as missing,
        cast(sum(exempt) as bigint) as exempt,
        cast(sum(unsolicited) as bigint) as unsolicited
    from by_week_and_period
    group by campaign_id, unit_code, period_kind, period
),

with_rate as (
    select
        *,
        100.0 * on_time / nullif(slots_owed, 0) as rate_pct
    from by_period
)

select * from with_rate
