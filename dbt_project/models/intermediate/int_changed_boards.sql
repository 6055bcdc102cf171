with changed_days as (
    select * from {{ ref('int_changed_days') }}
),

days as (
    select * from {{ ref('int_days') }}
),

board_dates as (
    select * from {{ ref('int_board_dates') }}
),

-- A board looks back one day (what moved) and seven (pace, improvement), on the board before it and on that of the last meeting.
looked_back_on as (
    select
        campaign_id,
        indicator_id,
        as_of_date + unnest([0, 1, 7]) as as_of_date
    from changed_days

    union distinct

    select
        board_dates.campaign_id,
        changed_days.indicator_id,
        board_dates.as_of_date
    from changed_days
    inner join board_dates
        on
            changed_days.campaign_id = board_dates.previous_campaign_id
            and changed_days.as_of_date = board_dates.previous_board_date

    union distinct

    select
        board_dates.campaign_id,
        changed_days.indicator_id,
        board_dates.as_of_date
    from changed_days
    inner join board_dates
        on
            changed_days.campaign_id = board_dates.campaign_id
            and changed_days.as_of_date = board_dates.last_meeting_date
),

boards as (
    select
        looked_back_on.campaign_id,
        looked_back_on.indicator_id,
        looked_back_on.as_of_date
    from looked_back_on
    inner join days
        on looked_back_on.campaign_id = days.campaign_id and looked_back_on.as_of_date = days.as_of_date
)

select * from boards
