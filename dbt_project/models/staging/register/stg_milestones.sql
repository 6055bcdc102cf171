with source as (
    select * from {{ source('register', 'milestones') }}
),

renamed as (
    select
        campaign_id,
        milestone_id,
        name_vi,
        name_en,
        indicator_id,
        level,
        threshold_pct,
        threshold_value,
        due_at,
        due_date,
        consequence_vi,
        consequence_en
    from source
)

select * from renamed
