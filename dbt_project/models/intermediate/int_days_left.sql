with days as (
    select * from {{ ref('int_days') }}
),

milestones as (
    select * from {{ ref('stg_milestones') }}
),

slot_days as (
    select * from {{ ref('int_slot_days') }}
),

-- Without slots every day is a reporting day.
reporting_days as (
    select distinct
        campaign_id,
        slot_date
    from slot_days

    union all

    select
        campaign_id,
        first_date + cast(unnest(range(date_diff('day', first_date, last_date) + 1)) as integer) as slot_date
    from (
        select
            days.campaign_id,
            min(days.as_of_date) as first_date,
            max(milestones.due_date) as last_date
        from days
        inner join milestones on days.campaign_id = milestones.campaign_id
        where days.campaign_id not in (select slot_days.campaign_id from slot_days)
        group by days.campaign_id
    ) as without_slots
),

days_before_due as (
    select distinct
        days.campaign_id,
        days.as_of_date,
        milestones.due_date
    from days
    inner join milestones
        on days.campaign_id = milestones.campaign_id and days.as_of_date <= milestones.due_date
),

counted as (
    select
        days_before_due.campaign_id,
        days_before_due.as_of_date,
        days_before_due.due_date,
        count(reporting_days.slot_date) as days_left
    from days_before_due
    left join reporting_days
        on
            days_before_due.campaign_id = reporting_days.campaign_id
            and days_before_due.as_of_date < reporting_days.slot_date
            and days_before_due.due_date >= reporting_days.slot_date
    group by days_before_due.campaign_id, days_before_due.as_of_date, days_before_due.due_date
)

select * from counted
