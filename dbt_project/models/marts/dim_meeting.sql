with meetings as (
    select * from {{ ref('stg_meetings') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

final as (
    select
        meetings.campaign_id,
        meetings.meeting_id,
        meetings.meeting_name,
        meetings.name_vi,
        meetings.name_en,
        meetings.meeting_date,
        meetings.held_at,
        meetings.board_date,
        meetings.held_at <= campaigns.horizon_at as is_held,
        lag(meetings.meeting_id) over in_order as previous_meeting_id,
        lag(meetings.board_date) over in_order as previous_board_date
    from meetings
    inner join campaigns on meetings.campaign_id = campaigns.campaign_id
    window in_order as (partition by meetings.campaign_id order by meetings.held_at, meetings.meeting_id)
)

select * from final
