{{ config(materialized='view') }}

with missing_units as (
    select * from {{ ref('silent') }} where reason = 'missing' and parent_code is not null
),

-- Few slots have somebody missing below a parent: only there the siblings are looked at.
suspect_groups as (
    select distinct
        campaign_id,
        slot_id,
        parent_code
    from missing_units
),

siblings as (
    select
        slot_status.campaign_id,
        slot_status.slot_id,
        units.parent_code,
        slot_status.unit_code
    from {{ ref('fct_slot_status') }} as slot_status
    inner join {{ ref('stg_units') }} as units
        on slot_status.campaign_id = units.campaign_id and slot_status.unit_code = units.unit_code
    inner join suspect_groups
        on
            slot_status.campaign_id = suspect_groups.campaign_id
            and slot_status.slot_id = suspect_groups.slot_id
            and units.parent_code = suspect_groups.parent_code
    where slot_status.is_owed
),

owing as (
    select
        campaign_id,
        slot_id,
        parent_code,
        count(*) as units_owing
    from siblings
    group by campaign_id, slot_id, parent_code
),

in_files as (
    select
        siblings.campaign_id,
        siblings.slot_id,
        siblings.parent_code,
        submissions.file_id,
        any_value(submissions.file_name) as file_name,
        count(distinct siblings.unit_code) as units_in_file
    from siblings
    inner join {{ ref('fct_submissions') }} as submissions
        on
            siblings.campaign_id = submissions.campaign_id
            and siblings.slot_id = submissions.slot_id
            and siblings.unit_code = submissions.unit_code
    group by siblings.campaign_id, siblings.slot_id, siblings.parent_code, submissions.file_id
),

-- The file that brought most of them.
fullest as (
    select
        campaign_id,
        slot_id,
        parent_code,
        arg_max(file_name, (units_in_file, file_id)) as file_name,
        max(units_in_file) as units_in_file
    from in_files
    group by campaign_id, slot_id, parent_code
),

checked as (
    select
        missing_units.campaign_id,
        missing_units.unit_code,
        missing_units.slot_id,
        missing_units.parent_code,
        fullest.file_name,
        fullest.units_in_file,
        owing.units_owing,
        cast(null as varchar) as indicator_id,
        cast(null as timestamp) as as_of,
        cast(null as double) as value,
        cast(null as double) as expected,
        missing_units.slot_date as judged_on,
        missing_units.closes_at as found_at
    from missing_units
    inner join fullest
        on
            missing_units.campaign_id = fullest.campaign_id
            and missing_units.slot_id = fullest.slot_id
            and missing_units.parent_code = fullest.parent_code
    inner join owing
        on
            missing_units.campaign_id = owing.campaign_id
            and missing_units.slot_id = owing.slot_id
            and missing_units.parent_code = owing.parent_code
)

select * from checked
