-- depends_on: {{ source('lake', 'figures') }}
-- depends_on: {{ ref('stg_batches') }}
with source as (
    select * from {{ lake_rows('figures') }}
),

renamed as (
    select
        batch_id,
        campaign_id,
        source_id,
        file_id,
        submission_id,
        unit_code,
        indicator_id,
        as_of,
        as_of_date,
        slot_id,
        value,
        cell,
        lane,
        is_correction,
        is_total_row,
        row_count,
        priority,
        received_at
    from source
)

select * from renamed
