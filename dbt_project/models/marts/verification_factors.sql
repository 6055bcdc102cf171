with recounts as (
    select * from {{ ref('recounts') }} where is_newest and reported_value is not null
),

ancestors as (
    select * from {{ ref('int_unit_ancestors') }}
),

above_recounted as (
    select
        ancestors.campaign_id,
        recounts.indicator_id,
        ancestors.ancestor_code
    from ancestors
    inner join recounts
        on ancestors.campaign_id = recounts.campaign_id and ancestors.unit_code = recounts.unit_code
),

-- Where units below were recounted too, those are what a parent is judged by, not both.
standing as (
    select recounts.*
    from recounts
    anti join above_recounted
        on
            recounts.campaign_id = above_recounted.campaign_id
            and recounts.indicator_id = above_recounted.indicator_id
            and recounts.unit_code = above_recounted.ancestor_code
),

own_and_below as (
    select * from standing

    union all

    select standing.* replace (ancestors.ancestor_code as unit_code)
    from standing
    inner join ancestors
        on standing.campaign_id = ancestors.campaign_id and standing.unit_code = ancestors.unit_code
),

added as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        count(*) as units_recounted,
        round(sum(reported_value), 6) as reported_value,
        round(sum(recounted_value), 6) as recounted_value,
        max(recounted_on) as last_recounted_on
    from own_and_below
    group by campaign_id, indicator_id, unit_code
),

with_factor as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        units_recounted,
        reported_value,
        recounted_value,
        recounted_value / nullif(reported_value, 0) as verification_factor,
        last_recounted_on
    from added
)

select * from with_factor
