{{ config(materialized='view') }}

with all_progress_days as (
    select * from {{ ref('int_progress_days') }}
),

units as (
    select * from {{ ref('int_unit_places') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

targets as (
    select * from {{ ref('int_targets') }}
),

progress_days as (
    select all_progress_days.*
    from all_progress_days
    inner join campaigns on all_progress_days.campaign_id = campaigns.campaign_id
    where campaigns.boards_from is null or all_progress_days.as_of_date >= campaigns.boards_from
),

boards as (
    select distinct
        campaign_id,
        indicator_id,
        level,
        as_of_date
    from progress_days
),

without_figure as (
    select
        boards.campaign_id,
        boards.indicator_id,
        boards.level,
        boards.as_of_date,
        units.unit_code,
        targets.target
    from boards
    inner join units
        on
            boards.campaign_id = units.campaign_id
            and boards.level = units.level
            and boards.as_of_date >= units.first_on
            and boards.as_of_date <= units.last_on
    left join targets
        on
            boards.campaign_id = targets.campaign_id
            and boards.indicator_id = targets.indicator_id
            and units.unit_code = targets.unit_code
            and boards.as_of_date >= targets.valid_from
            and boards.as_of_date < targets.valid_until
    anti join progress_days
        on
            units.unit_code = progress_days.unit_code
            and boards.as_of_date = progress_days.as_of_date
            and boards.indicator_id = progress_days.indicator_id
            and boards.campaign_id = progress_days.campaign_id
),

members as (
    select
        campaign_id,
        indicator_id,
        level,
        as_of_date,
        unit_code,
        value,
        target,
        attained_pct,
        attained_pct_7d_ago,
        is_provisional,
        provisional_reason,
        last_as_of_date
    from progress_days

    union all by name

    select * from without_figure
),

with_reason as (
    select
        members.*,
        units.unit_name,
        units.parent_code,
        units.peer_group,
        case
            when units.kind = 'placeholder' then 'placeholder'
            when members.as_of_date < units.opened_on or members.as_of_date > units.closed_on then 'closed'
            when campaigns.rank_by = 'attained_pct' and members.target is null then 'no_target'
            when members.value is null then 'no_figure'
        end as unranked_reason,
        case campaigns.rank_by when 'value' then members.value else members.attained_pct end as score,
        campaigns.rank_by,
        case
            when members.attained_pct < 100 and members.attained_pct_7d_ago < 100
                then
                    100 * (members.attained_pct - members.attained_pct_7d_ago)
                    / (100 - members.attained_pct_7d_ago)
        end as improvement_pct
    from members
    inner join units
        on
            members.campaign_id = units.campaign_id
            and members.unit_code = units.unit_code
            and members.as_of_date >= units.first_on
            and members.as_of_date <= units.last_on
    inner join campaigns on members.campaign_id = campaigns.campaign_id
)

select * from with_reason
