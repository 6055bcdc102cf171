{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_changed_meetings', ['campaign_id', 'meeting_id']) }}",
) }}

with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

slot_status as (
    select * from {{ ref('fct_slot_status') }} where is_owed
),

slots as (
    select distinct
        campaign_id,
        slot_id,
        closes_at
    from {{ ref('dim_slot') }}
),

-- The first meeting after a slot closed is the one that hears of it.
slots_of_meetings as (
    select
        slots.campaign_id,
        slots.slot_id,
        meetings.meeting_id,
        meetings.held_at
    from slots
    inner join meetings
        on
            slots.campaign_id = meetings.campaign_id
            and slots.closes_at > meetings.since_at
            and slots.closes_at <= meetings.held_at
),

owed as (
    select
        slot_status.*,
        slots_of_meetings.meeting_id,
        slots_of_meetings.held_at,
        coalesce(slot_status.first_valid_at <= slots_of_meetings.held_at, false) as is_heard
    from slot_status
    inner join slots_of_meetings
        on slot_status.campaign_id = slots_of_meetings.campaign_id and slot_status.slot_id = slots_of_meetings.slot_id
),

counted as (
    select
        campaign_id,
        meeting_id,
        held_at,
        unit_code,
        max(level) as level,
        count(*) as owed,
        count(*) filter (where is_heard and first_valid_at <= closes_at) as on_time,
        count(*) filter (where is_heard and first_valid_at > closes_at) as late,
        count(*) filter (where not is_heard) as silent,
        max_by(slot_id, closes_at) as newest_slot_id,
        max(closes_at) as newest_closes_at,
        max(owed_number) as newest_number,
        max(owed_number) filter (where is_heard) as heard_number
    from owed
    group by campaign_id, meeting_id, held_at, unit_code
),

-- Of those that are silent at the newest slot: the last one that was answered, however long ago.
last_heard as (
    select
        counted.campaign_id,
        counted.meeting_id,
        counted.unit_code,
        max(slot_status.owed_number) as heard_number
    from counted
    inner join slot_status
        on
            counted.campaign_id = slot_status.campaign_id
            and counted.unit_code = slot_status.unit_code
            and counted.held_at >= slot_status.first_valid_at
            and counted.newest_number > slot_status.owed_number
    where counted.newest_number is distinct from counted.heard_number
    group by counted.campaign_id, counted.meeting_id, counted.unit_code
),

with_run as (
    select
        counted.* exclude (heard_number, held_at),
        case
            when counted.newest_number = counted.heard_number then 0
            else counted.newest_number - coalesce(last_heard.heard_number, 0)
        end as slots_silent
    from counted
    left join last_heard
        on
            counted.campaign_id = last_heard.campaign_id
            and counted.meeting_id = last_heard.meeting_id
            and counted.unit_code = last_heard.unit_code
)

select * from with_run
