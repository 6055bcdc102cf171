with closed_slots as (
    select * from {{ ref('int_closed_slots') }}
),

submissions as (
    select * from {{ ref('int_submissions') }}
),

changed as (
    select *
    from closed_slots
    where
        closed_in = '{{ invocation_id }}'
        or (campaign_id, slot_id) in (
            select (submissions.campaign_id, submissions.slot_id)
            from submissions
            where submissions.is_changed
        )
)

select * from changed
