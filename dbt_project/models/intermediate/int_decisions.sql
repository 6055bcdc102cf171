with acts as (
    select * from {{ ref('stg_acts') }} where kind in ('release', 'discard')
),

batches as (
    select distinct
        batch_id,
        loaded_in
    from {{ ref('stg_batches') }}
),

last_decisions as (
    select
        acts.campaign_id,
        acts.submission_id,
        case acts.kind when 'release' then 'released' else 'discarded' end as decision,
        acts.is_valid,
        acts.author,
        acts.reason,
        acts.acted_at,
        batches.loaded_in
    from acts
    inner join batches on acts.batch_id = batches.batch_id
    qualify row_number() over (
        partition by acts.campaign_id, acts.submission_id order by acts.acted_at desc, acts.act_id desc
    ) = 1
)

select * from last_decisions
