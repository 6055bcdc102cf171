{{ config(materialized='view') }}

with changed_boards as (
    select distinct
        campaign_id,
        as_of_date
    from {{ ref('int_changed_boards') }}
),

board_dates as (
    select * from {{ ref('int_board_dates') }}
),

looked_back_on as (
    select
        board_dates.previous_campaign_id as campaign_id,
        board_dates.previous_board_date as as_of_date
    from changed_boards
    inner join board_dates
        on
            changed_boards.campaign_id = board_dates.campaign_id
            and changed_boards.as_of_date = board_dates.as_of_date

    union distinct

    select
        board_dates.campaign_id,
        board_dates.last_meeting_date as as_of_date
    from changed_boards
    inner join board_dates
        on
            changed_boards.campaign_id = board_dates.campaign_id
            and changed_boards.as_of_date = board_dates.as_of_date
)

select * from looked_back_on
