-- The scores of the open periods: places, classes, and who answers for the unit.
with points as (
    select * from {{ ref('int_emulation_points') }}
),

classes as (
    select * from {{ ref('stg_emulation_classes') }}
),

contacts as (
    select * from {{ ref('int_unit_contacts') }}
),

added as (
    select
        campaign_id,
        period_id,
        unit_code,
        level,
        as_of_date,
        round(sum(points), 6) as points,
        sum(weight) filter (where is_assessed) as weight_assessed
    from points
    group by campaign_id, period_id, unit_code, level, as_of_date
),

with_score as (
    select
        *,
        round(100 * points / weight_assessed, 6) as score
    from added
),

with_place as (
    select
        *,
        case
            when score is not null
                then rank() over (partition by campaign_id, period_id, level order by score desc nulls last)
        end as rank,
        count(score) over (partition by campaign_id, period_id, level) as ranked_count
    from with_score
),

bands as (
    select
        *,
        lead(min_score) over (partition by campaign_id order by min_score) as next_min_score
    from classes
),

with_class as (
    select
        with_place.*,
        bands.class_id,
        bands.name_vi as class_name_vi,
        bands.name_en as class_name_en,
        contacts.sender,
        contacts.sender_name
    from with_place
    left join bands
        on
            with_place.campaign_id = bands.campaign_id
            and with_place.score >= bands.min_score
            and with_place.score < coalesce(bands.next_min_score, cast('infinity' as double))
    left join contacts
        on with_place.campaign_id = contacts.campaign_id and with_place.unit_code = contacts.unit_code
)

select * from with_class
