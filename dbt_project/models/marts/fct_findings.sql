with gate_findings as (
    select
        *,
        'gate' as place
    from {{ ref('stg_findings') }}
),

warehouse_findings as (
    select
        *,
        'warehouse' as place
    from {{ ref('int_warehouse_findings') }}
),

holds as (
    select * from {{ ref('int_holds') }}
),

files as (
    select * from {{ ref('stg_batches') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

findings as (
    select * from gate_findings
    union all by name
    select * from warehouse_findings
),

with_names as (
    select
        findings.finding_id,
        findings.batch_id,
        findings.campaign_id,
        findings.source_id,
        findings.file_id,
        findings.submission_id,
        findings.rule_id,
        findings.dimension,
        findings.severity,
        findings.effect,
        findings.effect_reason,
        findings.rule_version,
        findings.responsibility,
        findings.unit_code,
        findings.indicator_id,
        findings.as_of,
        findings.slot_id,
        findings.sheet,
        findings.row_number,
        findings.column_name,
        findings.raw_text,
        findings.value,
        findings.expected,
        findings.score,
        findings.message_vi,
        findings.message_en,
        findings.remedy_vi,
        findings.remedy_en,
        findings.found_at,
        findings.place,
        case when findings.effect = 'hold' then holds.status end as hold_status,
        files.file_name,
        units.unit_name
    from findings
    left join holds on findings.campaign_id = holds.campaign_id and findings.submission_id = holds.submission_id
    left join files on findings.batch_id = files.batch_id and findings.file_id = files.file_id
    left join units on findings.campaign_id = units.campaign_id and findings.unit_code = units.unit_code
)

select * from with_names
