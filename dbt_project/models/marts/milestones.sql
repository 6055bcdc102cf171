with thresholds as (
    select * from {{ ref('int_milestone_thresholds') }}
),

reached as (
    select * from {{ ref('int_milestones_reached') }}
),

first_known as (
    select * from {{ ref('int_first_known') }}
),

days_left as (
    select * from {{ ref('int_days_left') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

latest as (
    select * from {{ ref('int_milestone_values') }}
),

with_facts as (
    select
        thresholds.*,
        first_known.first_known_at,
        reached.reached_on,
        date_diff('day', reached.reached_on, thresholds.due_date) as days_early,
        latest.value,
        latest.target,
        latest.attained_pct,
        coalesce(thresholds.due_at <= campaigns.horizon_at, false) as is_due,
        coalesce(latest.actual_pace, latest.pace_as_now, latest.increment_1d)
        >= (thresholds.threshold_value - latest.value) / nullif(days_left.days_left, 0) as is_on_pace
    from thresholds
    inner join campaigns on thresholds.campaign_id = campaigns.campaign_id
    left join first_known
        on
            thresholds.campaign_id = first_known.campaign_id
            and thresholds.milestone_id = first_known.milestone_id
            and thresholds.unit_code = first_known.unit_code
    left join reached
        on
            thresholds.campaign_id = reached.campaign_id
            and thresholds.milestone_id = reached.milestone_id
            and thresholds.unit_code = reached.unit_code
    left join latest
        on
            thresholds.campaign_id = latest.campaign_id
            and thresholds.milestone_id = latest.milestone_id
            and thresholds.unit_code = latest.unit_code
    left join days_left
        on
            latest.campaign_id = days_left.campaign_id
            and latest.as_of_date = days_left.as_of_date
            and thresholds.due_date = days_left.due_date
),

with_status as (
    select
        campaign_id,
        milestone_id,
        unit_code,
        level,
        indicator_id,
        threshold_pct,
        threshold_value,
        due_at,
        first_known_at,
        reached_on,
        case
            when threshold_value is null then 'no_target'
            when days_early > 0 then 'reached_early'
            when days_early < 0 then 'reached_late'
            when reached_on is not null then 'reached_on_time'
            when is_due then 'missed'
            when due_at is null or is_on_pace then 'on_track'
            else 'at_risk'
        end as status,
        days_early,
        value,
        target,
        attained_pct,
        consequence_vi,
        consequence_en
    from with_facts
)

select * from with_status
