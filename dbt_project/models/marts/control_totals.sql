with totals as (
    select * from {{ ref('stg_totals') }}
),

files as (
    select * from {{ ref('stg_batches') }}
),

with_file as (
    select
        totals.file_id,
        totals.batch_id,
        totals.indicator_id,
        totals.campaign_id,
        totals.source_id,
        files.file_name,
        totals.received_total,
        totals.accepted_total,
        totals.held_total,
        totals.rejected_total,
        totals.duplicate_total
    from totals
    left join files on totals.batch_id = files.batch_id and totals.file_id = files.file_id
)

select * from with_file
