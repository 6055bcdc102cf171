{{ config(materialized='view') }}

with submissions as (
    select * from {{ ref('stg_submissions') }}
),

batches as (
    select * from {{ ref('stg_batches') }}
),

decisions as (
    select * from {{ ref('int_decisions') }}
),

-- A report that was doubted and released is valid from its arrival: its own time is not touched.
as_they_stand as (
    select
        submissions.* exclude (lane, is_valid),
        submissions.lane as gate_lane,
        case
            when submissions.lane = 'held' and decisions.decision = 'released' then 'accepted'
            when submissions.lane = 'held' and decisions.decision = 'discarded' then 'discarded'
            else submissions.lane
        end as lane,
        submissions.is_valid or coalesce(decisions.decision = 'released' and decisions.is_valid, false) as is_valid,
        case when decisions.decision = 'released' then decisions.acted_at end as released_at,
        coalesce(decisions.loaded_in = '{{ invocation_id }}', false)
        or submissions.batch_id in (select batches.batch_id from batches where batches.loaded_in = '{{ invocation_id }}')
            as is_changed
    from submissions
    left join decisions
        on submissions.campaign_id = decisions.campaign_id and submissions.submission_id = decisions.submission_id
)

select * from as_they_stand
