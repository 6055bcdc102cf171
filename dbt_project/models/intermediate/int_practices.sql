-- What units reported doing between two boards, their own words and those of the units below them.
with boards as (
    select * from {{ ref('int_practice_boards') }}
),

practices as (
    select * from {{ ref('int_remarks') }} where kind = 'practice' and coalesce(code, raw_text) is not null
),

codes as (
    select * from {{ ref('stg_remark_codes') }} where kind = 'practice' and code <> 'unknown'
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

worded as (
    select
        practices.campaign_id,
        practices.unit_code,
        practices.as_of_date,
        coalesce(codes.code_name_vi, practices.raw_text) as practice_vi,
        coalesce(codes.code_name_en, practices.raw_text) as practice_en
    from practices
    left join codes
        on
            practices.campaign_id = codes.campaign_id
            and practices.remark_id = codes.remark_id
            and practices.code = codes.code
),

own_and_below as (
    select * from worded

    union all

    select worded.* replace (ancestors.ancestor_code as unit_code)
    from worded
    inner join ancestors
        on worded.campaign_id = ancestors.campaign_id and worded.unit_code = ancestors.unit_code
),

between_boards as (
    select
        boards.campaign_id,
        boards.as_of_date,
        own_and_below.unit_code,
        count(*) as practices_reported,
        string_agg(distinct own_and_below.practice_vi, '; ' order by own_and_below.practice_vi) as practices_vi,
        string_agg(distinct own_and_below.practice_en, '; ' order by own_and_below.practice_en) as practices_en
    from boards
    inner join own_and_below
        on
            boards.campaign_id = own_and_below.campaign_id
            and boards.as_of_date >= own_and_below.as_of_date
            and coalesce(boards.previous_date, date '0001-01-01') < own_and_below.as_of_date
    group by boards.campaign_id, boards.as_of_date, own_and_below.unit_code
)

select * from between_boards
