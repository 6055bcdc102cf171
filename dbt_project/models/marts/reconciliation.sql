with files as (
    select * from {{ ref('stg_batches') }}
),

batches as (
    select
        batch_id,
        campaign_id,
        count(*) as files,
        count(*) filter (where status = 'unreadable') as files_unreadable,
        count(*) filter (where status = 'duplicate') as files_duplicate,
        cast(coalesce(sum(rows_received), 0) as bigint) as rows_received,
        cast(coalesce(sum(rows_accepted), 0) as bigint) as rows_accepted,
        cast(coalesce(sum(rows_held), 0) as bigint) as rows_held,
        cast(coalesce(sum(rows_rejected), 0) as bigint) as rows_rejected,
        cast(coalesce(sum(rows_duplicate), 0) as bigint) as rows_duplicate,
        -- Counted by file: a surplus in one never hides a deficit in another.
        cast(
            coalesce(sum(abs(rows_received - rows_accepted - rows_held - rows_rejected - rows_duplicate)), 0) as bigint
        ) as difference,
        min(received_at) as first_received_at,
        max(received_at) as last_received_at
    from files
    group by batch_id, campaign_id
),

with_balance as (
    select
        batch_id,
        campaign_id,
        files,
        files_unreadable,
        files_duplicate,
        rows_received,
        rows_accepted,
        rows_held,
        rows_rejected,
        rows_duplicate,
        difference,
        difference = 0 as is_balanced,
        first_received_at,
        last_received_at
    from batches
)

select * from with_balance
