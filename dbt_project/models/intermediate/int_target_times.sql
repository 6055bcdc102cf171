{{ config(materialized='view') }}

with given as (
    select * from {{ ref('stg_targets') }}
),

spans as (
    select * from {{ ref('int_unit_spans') }}
),

-- A target is of the time of its unit in which it was given, and of a unit that opens later of its first time.
of_times as (
    select
        given.*,
        coalesce(spans.first_on, date '0001-01-01') as first_on,
        coalesce(spans.last_on, date '9999-12-31') as last_on
    from given
    left join spans
        on
            given.campaign_id = spans.campaign_id
            and given.unit_code = spans.unit_code
            and given.valid_from <= spans.last_on
            and (given.valid_from >= spans.first_on or spans.is_first)
    where
        spans.unit_code is not null
        or (given.campaign_id, given.unit_code) not in (select (s.campaign_id, s.unit_code) from spans as s)
)

select * from of_times
