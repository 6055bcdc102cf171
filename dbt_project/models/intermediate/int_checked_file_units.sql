{{ config(materialized='view') }}

with missing_units as (
    select * from {{ ref('silent') }} where reason = 'missing' and parent_code is not null
),

siblings as (
    select * from {{ ref('int_missing_siblings') }}
),

submissions as (
    select * from {{ ref('fct_submissions') }}
),

sender_units as (
    select * from {{ ref('int_sender_units') }}
),

listed_senders as (
    select distinct
        campaign_id,
        sender_key
    from sender_units
),

sent as (
    select
        siblings.*,
        submissions.file_id,
        submissions.file_name,
        {{ folded('submissions.sender') }} as sender_key
    from siblings
    inner join submissions
        on
            siblings.campaign_id = submissions.campaign_id
            and siblings.slot_id = submissions.slot_id
            and siblings.unit_code = submissions.unit_code
),

-- What one sender put into one file; where senders.csv does not list the sender, all signers of the file are one.
in_files as (
    select
        sent.campaign_id,
        sent.slot_id,
        sent.parent_code,
        sent.file_id,
        listed_senders.sender_key,
        any_value(sent.file_name) as file_name,
        count(distinct sent.unit_code) as units_in_file
    from sent
    left join listed_senders
        on sent.campaign_id = listed_senders.campaign_id and sent.sender_key = listed_senders.sender_key
    group by sent.campaign_id, sent.slot_id, sent.parent_code, sent.file_id, listed_senders.sender_key
    having count(distinct sent.unit_code) >= 2
),

-- The units that each such file could have brought: only those that its sender may report.
reportable as (
    select
        in_files.*,
        siblings.unit_code
    from in_files
    inner join siblings
        on
            in_files.campaign_id = siblings.campaign_id
            and in_files.slot_id = siblings.slot_id
            and in_files.parent_code = siblings.parent_code
    left join sender_units
        on
            siblings.campaign_id = sender_units.campaign_id
            and siblings.unit_code = sender_units.unit_code
            and in_files.sender_key = sender_units.sender_key
    where in_files.sender_key is null or sender_units.unit_code is not null
),

counted as (
    select
        *,
        count(*) over (partition by campaign_id, slot_id, parent_code, file_id, sender_key) as units_owing
    from reportable
),

-- The file that brought most of them.
fullest as (
    select *
    from counted
    qualify
        row_number() over (
            partition by campaign_id, slot_id, unit_code order by units_in_file desc, file_id desc, sender_key asc
        ) = 1
),

checked as (
    select
        missing_units.campaign_id,
        missing_units.unit_code,
        missing_units.slot_id,
        missing_units.parent_code,
        fullest.file_name,
        fullest.units_in_file,
        fullest.units_owing,
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
            and missing_units.unit_code = fullest.unit_code
)

select * from checked
