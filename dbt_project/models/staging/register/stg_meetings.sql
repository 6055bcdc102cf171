with source as (
    select * from {{ source('register', 'meetings') }}
),

renamed as (
    select
        campaign_id,
        meeting_id,
        meeting_name,
        name_vi,
        name_en,
        meeting_date,
        held_at,
        board_date
    from source
)

select * from renamed
