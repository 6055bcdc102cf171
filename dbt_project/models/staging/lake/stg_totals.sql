-- depends_on: {{ source('lake', 'totals') }}
-- depends_on: {{ ref('stg_batches') }}
with source as (
    select * from {{ lake_rows('totals') }}
),

renamed as (
    select
        batch_id,
        campaign_id,
        source_id,
        file_id,
        indicator_id,
        received_total,
        accepted_total,
        held_total,
        rejected_total,
        duplicate_total
    from source
)

select * from renamed
