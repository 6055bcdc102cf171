-- depends_on: {{ source('lake', 'remarks') }}
-- depends_on: {{ ref('stg_batches') }}
with source as (
    select * from {{ lake_rows('remarks') }}
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
        as_of_date,
        remark_id,
        code,
        raw_text,
        lane,
        received_at
    from source
)

select * from renamed
