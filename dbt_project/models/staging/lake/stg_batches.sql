-- depends_on: {{ source('lake', 'batches') }}
with source as (
    select * from {{ lake_rows('batches') }}
),

renamed as (
    select
        batch_id,
        campaign_id,
        source_id,
        file_id,
        file_name,
        container_name,
        sha256,
        size_bytes,
        received_at,
        received_by,
        landed_at,
        sender,
        format,
        encoding,
        delimiter,
        sheet,
        header_row,
        status,
        rows_received,
        rows_accepted,
        rows_held,
        rows_rejected,
        rows_duplicate,
        is_simulated,
        '{{ invocation_id }}' as loaded_in
    from source
)

select * from renamed
