with submissions as (
    select
        *,
        coalesce(unit_code, submission_id) as unit_key,
        coalesce(slot_id, cast(as_of as varchar), '') as slot_key
    from {{ ref('int_submissions') }}
),

new_keys as (
    select distinct
        submissions.campaign_id,
        submissions.unit_key,
        submissions.slot_key
    from submissions
    where submissions.is_changed
),

numbered as (
    select
        submissions.* exclude (unit_key, slot_key),
        row_number() over (
            partition by submissions.campaign_id, submissions.unit_key, submissions.slot_key
            order by submissions.received_at, submissions.file_id, submissions.submission_id
        ) as version
    from submissions
    where (submissions.campaign_id, submissions.unit_key, submissions.slot_key) in (
        select (new_keys.campaign_id, new_keys.unit_key, new_keys.slot_key) from new_keys
    )
)

select * from numbered
