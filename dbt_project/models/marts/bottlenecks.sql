with remarks as (
    select * from {{ ref('int_remarks') }} where kind = 'bottleneck'
),

codes as (
    select * from {{ ref('stg_remark_codes') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

reports as (
    select distinct
        campaign_id,
        remark_id,
        unit_code,
        as_of,
        dense_rank() over (partition by campaign_id, remark_id, unit_code order by as_of) as report_no
    from remarks
),

said as (
    select distinct
        remarks.campaign_id,
        remarks.remark_id,
        remarks.unit_code,
        remarks.code,
        remarks.as_of,
        reports.report_no
    from remarks
    inner join reports
        on
            remarks.campaign_id = reports.campaign_id
            and remarks.remark_id = reports.remark_id
            and remarks.unit_code = reports.unit_code
            and remarks.as_of = reports.as_of
    where remarks.code is not null
),

-- Reports that name a reason without a break are one spell; the first report without it closes it.
numbered as (
    select
        *,
        report_no - row_number() over (
            partition by campaign_id, remark_id, unit_code, code order by report_no
        ) as spell
    from said
),

spells as (
    select
        campaign_id,
        remark_id,
        unit_code,
        code,
        min(as_of) as opened_at,
        max(as_of) as last_said_at,
        max(report_no) as last_report_no,
        count(*) as reports
    from numbered
    group by campaign_id, remark_id, unit_code, code, spell
),

with_end as (
    select
        spells.campaign_id,
        spells.remark_id,
        spells.unit_code,
        spells.code,
        spells.opened_at,
        codes.code_name_vi,
        codes.code_name_en,
        units.unit_name,
        units.level,
        units.parent_code,
        spells.last_said_at,
        reports.as_of as closed_at,
        reports.as_of is null as is_open,
        date_diff(
            'day', cast(spells.opened_at as date), coalesce(cast(reports.as_of as date), campaigns.horizon_date)
        ) as days_open,
        spells.reports
    from spells
    inner join campaigns on spells.campaign_id = campaigns.campaign_id
    inner join units on spells.campaign_id = units.campaign_id and spells.unit_code = units.unit_code
    left join reports
        on
            spells.campaign_id = reports.campaign_id
            and spells.remark_id = reports.remark_id
            and spells.unit_code = reports.unit_code
            and spells.last_report_no + 1 = reports.report_no
    left join codes
        on
            spells.campaign_id = codes.campaign_id
            and spells.remark_id = codes.remark_id
            and spells.code = codes.code
)

select * from with_end
