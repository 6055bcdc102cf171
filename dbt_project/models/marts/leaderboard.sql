{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget('int_changed_boards', ['campaign_id', 'indicator_id', 'as_of_date']) }}",
    post_hook="{{ regrade() }}",
) }}

-- depends_on: {{ ref('int_changed_boards') }}
-- depends_on: {{ ref('int_looked_back_on') }}
with places as (
    select * from {{ ref('int_board_places') }}
),

grades as (
    select * from {{ ref('data_quality') }} where period_kind = 'campaign'
),

-- Boards that are looked back on: those of this build, and of earlier ones where they stand.
earlier_boards as (
    select
        campaign_id,
        indicator_id,
        level,
        as_of_date,
        unit_code,
        rank
    from places
    {% if is_incremental() %}
        union all
        select
            campaign_id,
            indicator_id,
            level,
            as_of_date,
            unit_code,
            rank
        from {{ this }}
        where (campaign_id, as_of_date) in (
            select (looked_back_on.campaign_id, looked_back_on.as_of_date) from {{ ref('int_looked_back_on') }} as looked_back_on
        )
    {% endif %}
),

-- A unit that changed in between is another one, and is not compared.
boards as (
    select
        places.campaign_id,
        places.indicator_id,
        places.level,
        places.as_of_date,
        places.unit_code,
        places.unit_name,
        places.parent_code,
        places.peer_group,
        places.value,
        places.target,
        places.attained_pct,
        places.rank,
        places.ranked_count,
        places.rank_low,
        places.rank_high,
        previous.as_of_date as previous_board_date,
        previous.rank as previous_rank,
        previous.rank - places.rank as rank_change,
        places.last_meeting_id,
        places.last_meeting_date,
        last_meeting.rank as last_meeting_rank,
        last_meeting.rank - places.rank as meeting_rank_change,
        places.improvement_pct,
        places.improvement_rank,
        places.tier,
        places.tier_name_vi,
        places.tier_name_en,
        places.is_provisional,
        places.provisional_reason,
        places.last_as_of_date,
        places.age_days,
        grades.quality_grade,
        places.unranked_reason,
        places.position
    from places
    left join grades
        on places.campaign_id = grades.campaign_id and places.unit_code = grades.unit_code
    left join earlier_boards as previous
        on
            places.previous_campaign_id = previous.campaign_id
            and places.indicator_id = previous.indicator_id
            and places.level = previous.level
            and places.unit_code = previous.unit_code
            and places.previous_board_date = previous.as_of_date
            and places.unit_since <= previous.as_of_date
    left join earlier_boards as last_meeting
        on
            places.campaign_id = last_meeting.campaign_id
            and places.indicator_id = last_meeting.indicator_id
            and places.level = last_meeting.level
            and places.unit_code = last_meeting.unit_code
            and places.last_meeting_date = last_meeting.as_of_date
            and places.unit_since <= last_meeting.as_of_date
)

select * from boards
