with asked as (
    select * from {{ ref('int_asked_milestones') }}
),

ancestors as (
    select * from {{ ref('int_ancestor_periods') }}
),

now_dates as (
    select * from {{ ref('int_now_dates') }}
),

first_figures as (
    select * from {{ ref('int_first_figures') }}
),

asked_or_below as (
    select
        campaign_id,
        indicator_id,
        unit_code
    from asked

    union distinct

    select
        asked.campaign_id,
        asked.indicator_id,
        ancestors.unit_code
    from asked
    inner join ancestors
        on asked.campaign_id = ancestors.campaign_id and asked.unit_code = ancestors.ancestor_code

    union distinct

    -- what others handed on counts too
    select
        first_figures.campaign_id,
        first_figures.indicator_id,
        first_figures.unit_code
    from first_figures
    semi join now_dates on first_figures.campaign_id = now_dates.campaign_id
)

select * from asked_or_below
