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

slots as (
    select distinct
        campaign_id,
        slot_id,
        slot_name,
        slot_date,
        cutoff_at,
        closes_at
    from {{ ref('stg_slots') }}
),

obligations as (
    select * from {{ ref('stg_obligations') }}
),

exempt_slots as (
    select * from {{ ref('int_exempt_slots') }}
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
        submissions.gate_lane,
        submissions.released_at,
        submissions.is_valid,
        case
            when obligations.unit_code is null or exempt_slots.slot_id is not null then 'unsolicited'
            when submissions.received_at <= slots.closes_at then 'on_time'
            else 'late'
        end as on_time_status,
        case
            when obligations.unit_code is not null and exempt_slots.slot_id is null
                then {{ minutes_late('submissions.received_at', 'slots.cutoff_at') }}
        end as minutes_late,
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
    left join slots
        on submissions.campaign_id = slots.campaign_id and submissions.slot_id = slots.slot_id
    left join obligations
        on
            submissions.campaign_id = obligations.campaign_id
            and submissions.unit_code = obligations.unit_code
            and slots.slot_name = obligations.slot_name
            and slots.slot_date >= obligations.first_on
            and slots.slot_date <= obligations.last_on
    left join exempt_slots
        on
            submissions.campaign_id = exempt_slots.campaign_id
            and submissions.unit_code = exempt_slots.unit_code
            and submissions.slot_id = exempt_slots.slot_id
)

select * from with_status
