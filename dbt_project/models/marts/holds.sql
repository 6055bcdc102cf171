with holds as (
    select * from {{ ref('int_holds') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

files as (
    select * from {{ ref('stg_batches') }}
),

with_names as (
    select
        holds.campaign_id,
        holds.hold_id,
        holds.submission_id,
        holds.source_id,
        holds.file_id,
        files.file_name,
        holds.batch_id,
        holds.unit_code,
        units.unit_name,
        holds.slot_id,
        holds.first_as_of,
        holds.last_as_of,
        holds.received_at,
        holds.sender,
        holds.rows_held,
        holds.held_figure_count as figure_count,
        holds.rules,
        holds.status,
        date_diff(
            'day',
            cast(holds.received_at at time zone campaigns.time_zone as date),
            coalesce(cast(holds.settled_at at time zone campaigns.time_zone as date), campaigns.horizon_date)
        ) as age_days,
        holds.settled_at,
        holds.decided_by,
        holds.reason
    from holds
    inner join campaigns on holds.campaign_id = campaigns.campaign_id
    left join units on holds.campaign_id = units.campaign_id and holds.unit_code = units.unit_code
    left join files on holds.batch_id = files.batch_id and holds.file_id = files.file_id
)

select * from with_names
