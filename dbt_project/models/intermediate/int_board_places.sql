{{ config(materialized='view') }}

with ranks as (
    select * from {{ ref('int_ranks') }}
),

tiers as (
    select * from {{ ref('int_tier_bands') }}
),

unit_changes as (
    select * from {{ ref('int_unit_changes') }}
),

board_dates as (
    select * from {{ ref('int_board_dates') }}
),

places as (
    select
        ranks.*,
        tiers.tier_id as tier,
        tiers.name_vi as tier_name_vi,
        tiers.name_en as tier_name_en,
        date_diff('day', ranks.last_as_of_date, ranks.as_of_date) as age_days,
        board_dates.previous_campaign_id,
        board_dates.previous_board_date,
        board_dates.last_meeting_id,
        board_dates.last_meeting_date,
        coalesce(unit_changes.changed_on, date '0001-01-01') as unit_since,
        row_number() over (
            partition by ranks.as_of_date, ranks.level, ranks.indicator_id, ranks.campaign_id
            order by ranks.peer_group, ranks.rank nulls last, ranks.unit_code
        ) as position
    from ranks
    inner join board_dates
        on ranks.campaign_id = board_dates.campaign_id and ranks.as_of_date = board_dates.as_of_date
    left join tiers
        on
            ranks.campaign_id = tiers.campaign_id
            and ranks.attained_pct >= tiers.min_pct
            and ranks.attained_pct < tiers.next_min_pct
    left join unit_changes
        on
            ranks.campaign_id = unit_changes.campaign_id
            and ranks.unit_code = unit_changes.unit_code
            and ranks.as_of_date >= unit_changes.changed_on
            and ranks.as_of_date < unit_changes.next_on
)

select * from places
