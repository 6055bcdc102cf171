-- The periods that are closed: the last act about a period closed it and did not open it again.
with acts as (
    select * from {{ ref('stg_acts') }} where kind in ('emulation_close', 'emulation_reopen')
),

newest as (
    select
        campaign_id,
        entry_id as period_id,
        kind,
        act_id,
        author,
        reason,
        acted_at
    from acts
    qualify row_number() over (partition by campaign_id, entry_id order by acted_at desc, act_id desc) = 1
),

closed as (
    select * exclude (kind)
    from newest
    where kind = 'emulation_close'
)

select * from closed
