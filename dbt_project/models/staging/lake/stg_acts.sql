-- depends_on: {{ source('lake', 'acts') }}
-- depends_on: {{ ref('stg_batches') }}
with source as (
    select * from {{ lake_rows('acts') }}
),

renamed as (
    select
        act_id,
        batch_id,
        campaign_id,
        kind,
        hold_id,
        submission_id,
        file_id,
        unit_code,
        indicator_id,
        as_of,
        slot_id,
        rule_id,
        old_value,
        value,
        until,
        figure_count,
        is_valid,
        entry_id,
        reason,
        author,
        source,
        acted_at
    from source
)

select * from renamed
