with crosswalk as (
    select * from {{ ref('stg_crosswalk') }}
),

handed as (
    select
        campaign_id,
        old_code as unit_code,
        valid_from,
        true as hands_on,
        false as takes_in
    from crosswalk

    union all

    select
        campaign_id,
        new_code as unit_code,
        valid_from,
        false as hands_on,
        true as takes_in
    from crosswalk
),

breaks as (
    select
        campaign_id,
        unit_code,
        valid_from,
        bool_or(hands_on) as hands_on,
        bool_or(takes_in) as takes_in
    from handed
    group by campaign_id, unit_code, valid_from
),

numbered as (
    select
        *,
        row_number() over series as number,
        lead(valid_from) over series as next_from
    from breaks
    window series as (partition by campaign_id, unit_code order by valid_from)
),

spans as (
    select
        campaign_id,
        unit_code,
        date '0001-01-01' as first_on,
        valid_from - 1 as last_on,
        true as is_first
    from numbered
    where number = 1 and hands_on

    union all

    select
        campaign_id,
        unit_code,
        valid_from as first_on,
        coalesce(next_from - 1, date '9999-12-31') as last_on,
        number = 1 and not hands_on as is_first
    from numbered
    where takes_in
)

select * from spans
