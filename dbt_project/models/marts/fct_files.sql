{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

with batches as (
    select * from {{ ref('stg_batches') }}
),

files as (
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
        is_simulated
    from batches
    where
        status <> 'acts'
        {% if is_incremental() %}
            and loaded_in = '{{ invocation_id }}'
        {% endif %}
)

select * from files
