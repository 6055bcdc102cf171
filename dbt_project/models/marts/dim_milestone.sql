with milestones as (
    select * from {{ ref('stg_milestones') }}
),

final as (
    select
        campaign_id,
        milestone_id,
        level,
        name_vi,
        name_en,
        indicator_id,
        threshold_pct,
        threshold_value,
        due_at,
        due_date,
        consequence_vi,
        consequence_en
    from milestones
)

select * from final
