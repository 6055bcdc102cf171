{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_changed_submissions', ['submission_id']) }}",
) }}

with submissions as (
    select * from {{ ref('int_changed_submissions') }}
),

files as (
    select * from {{ ref('stg_batches') }}
),

units as (
    select
        campaign_id,
        unit_code,
        level,
        coalesce(opened_on, date '0001-01-01') as open_from,
        coalesce(closed_on, date '9999-12-31') as open_until
    from {{ ref('stg_units') }}
    where kind = 'unit'
),

slots as (
    select * from {{ ref('stg_slots') }}
),

exempt_days as (
    select * from {{ ref('int_exempt_days') }}
),

with_status as (
    select
        submissions.submission_id,
        submissions.campaign_id,
        submissions.source_id,
        submissions.batch_id,
        submissions.file_id,
        files.file_name,
        files.sha256,
        submissions.unit_code,
        submissions.slot_id,
        submissions.version,
        submissions.as_of,
        submissions.received_at,
        submissions.sender,
        submissions.sender_role,
        submissions.lane,
        submissions.is_valid,
        case
            when slots.slot_id is null or exempt_days.exempt_date is not null then 'unsolicited'
            when submissions.received_at <= slots.closes_at then 'on_time'
            else 'late'
        end as on_time_status,
        {{ minutes_late('submissions.received_at', 'slots.cutoff_at') }} as minutes_late,
        submissions.rows_received,
        submissions.rows_accepted,
        submissions.rows_held,
        submissions.rows_rejected,
        submissions.rows_duplicate,
        submissions.figure_count,
        submissions.finding_count
    from submissions
    left join files
        on submissions.batch_id = files.batch_id and submissions.file_id = files.file_id
    left join units
        on
            submissions.campaign_id = units.campaign_id
            and submissions.unit_code = units.unit_code
    left join slots
        on
            submissions.campaign_id = slots.campaign_id
            and submissions.slot_id = slots.slot_id
            and units.level = slots.level
            and slots.slot_date >= units.open_from
            and slots.slot_date <= units.open_until
    left join exempt_days
        on
            submissions.campaign_id = exempt_days.campaign_id
            and submissions.unit_code = exempt_days.unit_code
            and slots.slot_date = exempt_days.exempt_date
)

select * from with_status
