with remarks as (
    select * from {{ ref('stg_remarks') }}
),

codes as (
    select distinct
        campaign_id,
        remark_id,
        kind
    from {{ ref('stg_remark_codes') }}
),

released as (
    select submission_id
    from {{ ref('fct_submissions') }}
    where released_at is not null
),

standing as (
    select
        remarks.*,
        codes.kind
    from remarks
    inner join codes on remarks.campaign_id = codes.campaign_id and remarks.remark_id = codes.remark_id
    where remarks.lane = 'accepted' or remarks.submission_id in (select released.submission_id from released)
),

-- Of several versions of one report the newest counts.
newest as (
    select
        campaign_id,
        remark_id,
        unit_code,
        as_of,
        max(received_at) as received_at
    from standing
    group by campaign_id, remark_id, unit_code, as_of
),

as_last_said as (
    select standing.*
    from standing
    inner join newest
        on
            standing.campaign_id = newest.campaign_id
            and standing.remark_id = newest.remark_id
            and standing.unit_code = newest.unit_code
            and standing.as_of = newest.as_of
            and standing.received_at = newest.received_at
)

select * from as_last_said
