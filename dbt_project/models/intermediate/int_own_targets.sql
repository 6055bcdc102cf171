with recursive given as (
    select * from {{ ref('stg_targets') }}
),

crosswalk as (
    select * from {{ ref('stg_crosswalk') }}
),

spans as (
    select * from {{ ref('int_unit_spans') }}
),

change_days as (
    select
        campaign_id,
        valid_from
    from crosswalk

    union distinct

    select
        campaign_id,
        valid_from
    from {{ ref('stg_unit_periods') }}
    where valid_from > date '0001-01-01'
),

changes as (
    select
        campaign_id,
        indicator_id,
        valid_from
    from given

    union distinct

    select
        given.campaign_id,
        given.indicator_id,
        change_days.valid_from
    from given
    inner join change_days on given.campaign_id = change_days.campaign_id
),

of_times as (
    select * from {{ ref('int_target_times') }}
),

closings as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        first_on,
        last_on,
        arg_max(target, valid_from) as value,
        max(valid_from) as known_on,
        false as passes_through
    from of_times
    group by campaign_id, indicator_id, unit_code, first_on, last_on
),

{{ handed_on() }},

carried as (
    select
        flows.campaign_id,
        flows.indicator_id,
        flows.unit_code,
        flows.first_on as valid_from,
        spans.first_on,
        spans.last_on,
        {{ sum_of_shares('flows.weight * flows.value') }} as target
    from flows
    inner join spans
        on
            flows.campaign_id = spans.campaign_id
            and flows.unit_code = spans.unit_code
            and flows.first_on = spans.first_on
    group by flows.campaign_id, flows.indicator_id, flows.unit_code, spans.first_on, spans.last_on, flows.first_on
),

candidates as (
    select
        *,
        true as is_given
    from of_times

    union all by name

    select
        *,
        false as is_given
    from carried
),

own_targets as (
    select
        changes.campaign_id,
        changes.indicator_id,
        changes.valid_from,
        candidates.unit_code,
        arg_max(candidates.target, (candidates.is_given, candidates.valid_from)) as target
    from changes
    inner join candidates
        on
            changes.campaign_id = candidates.campaign_id
            and changes.indicator_id = candidates.indicator_id
            and changes.valid_from >= candidates.valid_from
            and changes.valid_from >= candidates.first_on
            and changes.valid_from <= candidates.last_on
    group by changes.campaign_id, changes.indicator_id, changes.valid_from, candidates.unit_code
)

select * from own_targets
