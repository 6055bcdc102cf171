with recursive spans as (
    select
        spans.*,
        now_dates.units_on
    from {{ ref('int_unit_spans') }} as spans
    inner join {{ ref('int_now_dates') }} as now_dates
        on spans.campaign_id = now_dates.campaign_id and spans.first_on <= now_dates.units_on
),

crosswalk as (
    select
        crosswalk.*,
        case crosswalk.weight_basis when 'largest' then 3 when 'equal' then 2 when 'given' then 1 else 0 end as doubt
    from {{ ref('stg_crosswalk') }} as crosswalk
    inner join {{ ref('int_now_dates') }} as now_dates
        on crosswalk.campaign_id = now_dates.campaign_id and crosswalk.valid_from <= now_dates.units_on
),

steps as (
    select
        campaign_id,
        unit_code as from_code,
        first_on,
        last_on,
        unit_code,
        last_on as reached_to,
        cast(1 as double) as weight,
        0 as doubt
    from spans

    union all

    select
        steps.campaign_id,
        steps.from_code,
        steps.first_on,
        steps.last_on,
        crosswalk.new_code as unit_code,
        next_spans.last_on as reached_to,
        steps.weight * crosswalk.weight as weight,
        greatest(steps.doubt, crosswalk.doubt) as doubt
    from steps
    inner join crosswalk
        on
            steps.campaign_id = crosswalk.campaign_id
            and steps.unit_code = crosswalk.old_code
            and steps.reached_to = crosswalk.valid_from - 1
    inner join spans as next_spans
        on
            crosswalk.campaign_id = next_spans.campaign_id
            and crosswalk.new_code = next_spans.unit_code
            and crosswalk.valid_from = next_spans.first_on
),

arrived as (
    select steps.*
    from steps
    anti join crosswalk
        on
            steps.campaign_id = crosswalk.campaign_id
            and steps.unit_code = crosswalk.old_code
            and steps.reached_to = crosswalk.valid_from - 1
),

weights as (
    select
        campaign_id,
        from_code,
        first_on,
        last_on,
        unit_code,
        sum(weight) as weight,
        case max(doubt) when 3 then 'largest' when 2 then 'equal' when 1 then 'given' else 'whole' end as weight_basis
    from arrived
    group by campaign_id, from_code, first_on, last_on, unit_code
)

select * from weights
