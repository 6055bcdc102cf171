with days_left as (
    select * from {{ ref('int_days_left') }}
),

milestones as (
    select * from {{ ref('stg_milestones') }}
),

next_due as (
    select
        milestones.campaign_id,
        milestones.indicator_id,
        milestones.level,
        days_left.as_of_date,
        milestones.milestone_id,
        milestones.threshold_pct,
        milestones.threshold_value,
        days_left.days_left
    from milestones
    inner join days_left
        on milestones.campaign_id = days_left.campaign_id and milestones.due_date = days_left.due_date
    qualify row_number() over (
        partition by milestones.campaign_id, milestones.indicator_id, milestones.level, days_left.as_of_date
        -- on a due day nothing is left to report for it, so the one after it is next, if there is one
        order by days_left.as_of_date = milestones.due_date, milestones.due_at, milestones.milestone_id
    ) = 1
)

select * from next_due
