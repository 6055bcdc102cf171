{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_changed_boards', ['campaign_id', 'indicator_id', 'as_of_date']) }}",
) }}

-- depends_on: {{ ref('int_changed_boards') }}
with progress_days as (
    select * from {{ ref('int_progress_days') }}
),

next_milestones as (
    select * from {{ ref('int_next_milestones') }}
),

reporting_children as (
    select * from {{ ref('int_child_counts') }} where indicator_id is not null
),

children as (
    select * from {{ ref('int_child_counts') }} where indicator_id is null
),

with_milestone as (
    select
        progress_days.campaign_id,
        progress_days.indicator_id,
        progress_days.unit_code,
        progress_days.as_of_date,
        progress_days.level,
        progress_days.value,
        progress_days.value_basis,
        progress_days.value_accepted,
        cast(progress_days.units_in_value as bigint) as units_in_value,
        cast(progress_days.units_carried as bigint) as units_carried,
        progress_days.last_as_of_date,
        date_diff('day', progress_days.last_as_of_date, progress_days.as_of_date) as age_days,
        progress_days.is_provisional,
        progress_days.provisional_reason,
        progress_days.target,
        progress_days.attained_pct,
        progress_days.target - progress_days.value as gap,
        progress_days.increment_1d,
        progress_days.increment_7d,
        progress_days.increment_7d / 7 as actual_pace,
        next_milestones.milestone_id as next_milestone_id,
        next_milestones.days_left,
        coalesce(next_milestones.threshold_value, next_milestones.threshold_pct * progress_days.target / 100)
        - progress_days.value as gap_to_milestone,
        coalesce(children.children, 0) as children_count,
        coalesce(reporting_children.children, 0) as children_reporting
    from progress_days
    left join next_milestones
        on
            progress_days.campaign_id = next_milestones.campaign_id
            and progress_days.indicator_id = next_milestones.indicator_id
            and progress_days.level = next_milestones.level
            and progress_days.as_of_date = next_milestones.as_of_date
    left join children
        on
            progress_days.campaign_id = children.campaign_id
            and progress_days.unit_code = children.unit_code
            and progress_days.as_of_date >= children.first_on
            and progress_days.as_of_date < children.next_on
    left join reporting_children
        on
            progress_days.campaign_id = reporting_children.campaign_id
            and progress_days.indicator_id = reporting_children.indicator_id
            and progress_days.unit_code = reporting_children.unit_code
            and progress_days.as_of_date >= reporting_children.first_on
            and progress_days.as_of_date < reporting_children.next_on
),

progress as (
    select
        * exclude (gap_to_milestone, children_count, children_reporting),
        case when gap_to_milestone <= 0 then 0 else gap_to_milestone / nullif(days_left, 0) end as required_pace,
        case
            when gap_to_milestone <= 0 then 'complete'
            when days_left = 0 and gap_to_milestone is not null then 'behind'
            when actual_pace is null and gap_to_milestone is not null then 'insufficient'
            when actual_pace >= gap_to_milestone / days_left then 'on_schedule'
            when actual_pace < gap_to_milestone / days_left then 'behind'
        end as schedule_status,
        children_count,
        children_reporting
    from with_milestone
)

select * from progress
