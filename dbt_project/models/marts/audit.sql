with acts as (
    select * from {{ ref('stg_acts') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

with_names as (
    select
        acts.act_id,
        acts.batch_id,
        acts.campaign_id,
        acts.kind,
        acts.hold_id,
        acts.submission_id,
        acts.file_id,
        acts.unit_code,
        units.unit_name,
        acts.indicator_id,
        acts.as_of,
        acts.slot_id,
        acts.rule_id,
        acts.old_value,
        acts.value,
        acts.until,
        acts.figure_count,
        acts.is_valid,
        acts.entry_id,
        acts.reason,
        acts.author,
        acts.source,
        acts.acted_at
    from acts
    left join units on acts.campaign_id = units.campaign_id and acts.unit_code = units.unit_code
)

select * from with_names
