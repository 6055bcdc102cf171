-- depends_on: {{ source('lake', 'findings') }}
-- depends_on: {{ ref('stg_batches') }}
with source as (
    select * from {{ lake_rows('findings') }}
),

renamed as (
    select
        finding_id,
        batch_id,
        campaign_id,
        source_id,
        file_id,
        submission_id,
        rule_id,
        dimension,
        severity,
        effect,
        effect_reason,
        rule_version,
        responsibility,
        unit_code,
        indicator_id,
        as_of,
        slot_id,
        sheet,
        row_number,
        column_name,
        raw_text,
        value,
        expected,
        score,
        message_vi,
        message_en,
        remedy_vi,
        remedy_en,
        found_at
    from source
)

select * from renamed
