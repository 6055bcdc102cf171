with closed_slots as (
    select * from {{ ref('int_closed_slots') }}
),

submissions as (
    select * from {{ ref('stg_submissions') }}
),

batches as (
    select * from {{ ref('stg_batches') }}
),

changed as (
    select *
    from closed_slots
    where
        closed_in = '{{ invocation_id }}'
        or (campaign_id, slot_id) in (
            select (submissions.campaign_id, submissions.slot_id)
            from submissions
            where submissions.batch_id in (
                select batches.batch_id from batches where batches.loaded_in = '{{ invocation_id }}'
            )
        )
)

select * from changed
