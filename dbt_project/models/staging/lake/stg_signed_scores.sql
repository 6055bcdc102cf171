-- depends_on: {{ source('lake', 'signed_scores') }}
-- depends_on: {{ ref('stg_batches') }}
with source as (
    select * from {{ lake_rows('signed_scores') }}
),

renamed as (
    select
        batch_id,
        campaign_id,
        act_id,
        period_id,
        unit_code,
        level,
        part_id,
        position,
        measure,
        measure_count,
        zero_at,
        full_at,
        normalised,
        weight,
        points,
        is_assessed,
        as_of_date,
        score,
        points_total,
        weight_assessed,
        class_id,
        class_name_vi,
        class_name_en,
        rank,
        ranked_count,
        sender,
        sender_name
    from source
)

select * from renamed
