-- depends_on: {{ source('lake', 'checks') }}
-- depends_on: {{ ref('stg_batches') }}
with source as (
    select * from {{ lake_rows('checks') }}
),

renamed as (
    select
        batch_id,
        campaign_id,
        rule_id,
        edition,
        rule_version,
        slot_id,
        checks_applied,
        reports_judged,
        checks_failed,
        reports_failed
    from source
)

select * from renamed
