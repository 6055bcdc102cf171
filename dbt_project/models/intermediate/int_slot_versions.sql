{{ config(materialized='view') }}

with submissions as (
    select * from {{ ref('int_submissions') }}
),

-- Validity as known now: whatever makes a held version count later belongs here.
versions as (
    select
        campaign_id,
        unit_code,
        slot_id,
        submission_id,
        received_at,
        lane,
        is_valid
    from submissions
    where unit_code is not null and slot_id is not null
)

select * from versions
