with files as (
    select * from {{ ref('stg_batches') }} where status <> 'acts'
),

-- What became of the rows held, as decided since: beside the account of what was received, never in it.
settled as (
    select
        batch_id,
        campaign_id,
        cast(coalesce(sum(rows_held) filter (where status = 'released'), 0) as bigint) as rows_held_released,
        cast(coalesce(sum(rows_held) filter (where status = 'discarded'), 0) as bigint) as rows_held_discarded,
        cast(coalesce(sum(rows_held) filter (where status = 'corrected'), 0) as bigint) as rows_held_corrected
    from {{ ref('int_holds') }}
    group by batch_id, campaign_id
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
        batches.batch_id,
        batches.campaign_id,
        files,
        files_unreadable,
        files_duplicate,
        rows_received,
        rows_accepted,
        rows_held,
        rows_rejected,
        rows_duplicate,
        rows_held - coalesce(rows_held_released, 0) - coalesce(rows_held_discarded, 0) - coalesce(rows_held_corrected, 0)
            as rows_held_open,
        coalesce(rows_held_released, 0) as rows_held_released,
        coalesce(rows_held_discarded, 0) as rows_held_discarded,
        coalesce(rows_held_corrected, 0) as rows_held_corrected,
        difference,
        difference = 0 as is_balanced,
        first_received_at,
        last_received_at
    from batches
    left join settled on batches.batch_id = settled.batch_id and batches.campaign_id = settled.campaign_id
)

select * from with_balance
