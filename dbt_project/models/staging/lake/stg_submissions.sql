-- depends_on: {{ source('lake', 'submissions') }}
-- depends_on: {{ ref('stg_batches') }}
with source as (
    select * from {{ lake_rows('submissions') }}
),

renamed as (
    select
        batch_id,
        campaign_id,
        source_id,
        file_id,
        submission_id,
        unit_code,
        slot_id,
        as_of,
        received_at,
        sender,
        sender_role,
        lane,
        is_valid,
        rows_received,
        rows_accepted,
        rows_held,
        rows_rejected,
        rows_duplicate,
        figure_count,
        finding_count,
        checks_applied
    from source
)

select * from renamed
