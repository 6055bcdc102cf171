with source as (
    select * from {{ source('register', 'campaigns') }}
),

renamed as (
    select
        campaign_id,
        name_vi,
        name_en,
        about_vi,
        about_en,
        time_zone,
        starts_on,
        ends_on,
        board_indicator_id,
        board_level,
        rank_by,
        peer_group_by,
        is_simulated,
        horizon_at,
        horizon_date,
        boards_from,
        follows
    from source
)

select * from renamed
