{{ config(materialized='view') }}

with meetings as (
    select * from {{ ref('int_changed_meetings') }}
),

recounts as (
    select * from {{ ref('recounts') }}
),

restatements as (
    select * from {{ ref('board_restatements') }} where since = 'meeting'
),

-- The newest recount of a figure that was known when the meeting began.
known_recounts as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        recounts.* exclude (campaign_id)
    from meetings
    inner join recounts
        on meetings.campaign_id = recounts.campaign_id and meetings.held_at >= recounts.known_until
    qualify row_number() over (
        partition by meetings.campaign_id, meetings.meeting_id, recounts.indicator_id, recounts.unit_code
        order by recounts.recounted_on desc, recounts.as_of_date desc
    ) = 1
),

changed as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        restatements.* exclude (campaign_id, meeting_id)
    from meetings
    inner join restatements
        on
            meetings.campaign_id = restatements.campaign_id
            and meetings.board_date = restatements.as_of_date
            and meetings.board_indicator_id = restatements.indicator_id
            and meetings.board_level = restatements.level
),

counts as (
    select
        campaign_id,
        meeting_id,
        indicator_id,
        count(*) filter (where old_value is distinct from new_value) as values_changed,
        count(*) filter (where old_rank is distinct from new_rank) as ranks_changed
    from changed
    group by campaign_id, meeting_id, indicator_id
),

turned as (
    select
        *,
        row_number() over (
            partition by campaign_id, meeting_id order by abs(change) desc, abs(coalesce(rank_change, 0)) desc, unit_code asc
        ) as turn
    from changed
),

statements as (
    {{ briefing_rows(
        'known_recounts', 'recount_open', ['reported_value', 'recounted_value', 'difference'], sort='-abs(difference)',
        unit_code='unit_code', indicator_id='indicator_id', item_id='recount_id',
        only='difference != 0 and value_now = reported_value'
    ) }}
    union all
    {{ briefing_rows('counts', 'change_count', ['values_changed', 'ranks_changed'], indicator_id='indicator_id') }}
    union all
    {{ briefing_rows(
        'turned', 'change_unit', ['old_value', 'new_value', 'old_rank', 'new_rank'], sort='turn', unit_code='unit_code',
        indicator_id='indicator_id', only='turn <= 10'
    ) }}
)

select * from statements
