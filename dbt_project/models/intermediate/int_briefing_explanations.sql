{{ config(materialized='view') }}

with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

boards as (
    select * from {{ ref('int_briefing_boards') }}
),

on_boards as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        boards.* exclude (campaign_id)
    from meetings
    inner join boards
        on meetings.campaign_id = boards.campaign_id and meetings.board_date = boards.as_of_date and boards.is_on_board
),

missed as (
    select * from {{ ref('int_briefing_missed') }}
),

below as (
    select * from {{ ref('int_briefing_below') }}
),

-- The lowest of at least two tiers.
lowest_tiers as (
    select
        campaign_id,
        min_by(tier_id, min_pct) as tier
    from {{ ref('dim_tier') }}
    group by campaign_id
    having count(*) > 1
),

-- Half of the places or better need not explain a tier that nearly all are in.
low as (
    select on_boards.*
    from on_boards
    inner join lowest_tiers
        on on_boards.campaign_id = lowest_tiers.campaign_id and on_boards.tier = lowest_tiers.tier
    where 2 * on_boards.rank > on_boards.ranked_count
),

reasons as (
    {{ briefing_rows(
        'on_boards', 'explain_behind', ['actual_pace', 'required_pace', 'days_left'], unit_code='unit_code',
        indicator_id='indicator_id', only="schedule_status = 'behind' and days_left > 0"
    ) }}
    union all
    {{ briefing_rows(
        'missed', 'explain_missed', ['attained_pct', 'value', 'threshold_value'], unit_code='unit_code', indicator_id='indicator_id',
        item_id='milestone_id'
    ) }}
    union all
    {{ briefing_rows(
        'low', 'explain_low', ['attained_pct', 'rank', 'ranked_count'], unit_code='unit_code', indicator_id='indicator_id', item_id='tier'
    ) }}
    {% for reason in ['late', 'silent'] -%}
        union all
        {{ briefing_rows('below', 'explain_' ~ reason, [reason, 'owed'], unit_code='unit_code', only=reason ~ ' > 0') }}
    {% endfor -%}
    union all
    {{ briefing_rows('below', 'explain_holds', ['holds'], unit_code='unit_code', only='holds > 0') }}
),

places as (
    select
        campaign_id,
        meeting_id,
        unit_code,
        position
    from on_boards
),

-- Who has most to explain comes first, then who stands lowest.
weighed as (
    select
        reasons.*,
        count(*) over (partition by reasons.campaign_id, reasons.meeting_id, reasons.unit_code) as reason_count,
        coalesce(places.position, 0) as position
    from reasons
    left join places
        on
            reasons.campaign_id = places.campaign_id
            and reasons.meeting_id = places.meeting_id
            and reasons.unit_code = places.unit_code
),

turned as (
    select
        * exclude (reason_count, position) replace (
            cast(dense_rank() over (
                partition by campaign_id, meeting_id order by reason_count desc, position desc, unit_code asc
            ) as double) as sort
        )
    from weighed
)

select * from turned where sort <= 30
