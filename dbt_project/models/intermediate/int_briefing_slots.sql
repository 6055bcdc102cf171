-- One row per meeting and unit that owed slots since the last one, with what was known of them when the meeting began.
with meetings as (
    select * from {{ ref('int_briefing_meetings') }}
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
        min_by(meetings.meeting_id, (meetings.held_at, meetings.meeting_id)) as meeting_id,
        min(meetings.held_at) as held_at
    from slots
    inner join meetings on slots.campaign_id = meetings.campaign_id and slots.closes_at <= meetings.held_at
    group by slots.campaign_id, slots.slot_id
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

-- What came only after that meeting has been heard of by the next one.
heard_later as (
    select
        owed.campaign_id,
        owed.unit_code,
        owed.slot_id,
        owed.owed_number,
        min_by(meetings.meeting_id, (meetings.held_at, meetings.meeting_id)) as meeting_id,
        min(meetings.held_at) as held_at
    from owed
    inner join meetings on owed.campaign_id = meetings.campaign_id and owed.first_valid_at <= meetings.held_at
    where not owed.is_heard
    group by owed.campaign_id, owed.unit_code, owed.slot_id, owed.owed_number
),

told as (
    select
        campaign_id,
        meeting_id,
        held_at,
        unit_code,
        level,
        slot_id,
        closes_at,
        owed_number,
        case when is_heard then owed_number end as heard_number,
        is_heard and first_valid_at <= closes_at as is_on_time,
        is_heard and first_valid_at > closes_at as is_late,
        not is_heard as is_silent
    from owed

    union all by name

    select
        campaign_id,
        meeting_id,
        held_at,
        unit_code,
        owed_number as heard_number
    from heard_later
),

counted as (
    select
        campaign_id,
        meeting_id,
        held_at,
        unit_code,
        max(level) as level,
        count(slot_id) as owed,
        count(*) filter (where is_on_time) as on_time,
        count(*) filter (where is_late) as late,
        count(*) filter (where is_silent) as silent,
        max_by(slot_id, closes_at) as newest_slot_id,
        max(closes_at) as newest_closes_at,
        max(owed_number) as newest_number,
        max(heard_number) as heard_number
    from told
    group by campaign_id, meeting_id, held_at, unit_code
),

with_run as (
    select
        * exclude (heard_number, held_at),
        newest_number - coalesce(
            max(heard_number) over (partition by campaign_id, unit_code order by held_at, meeting_id), 0
        ) as slots_silent
    from counted
)

select * from with_run where owed > 0
