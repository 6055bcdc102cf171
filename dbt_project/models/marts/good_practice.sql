with boards as (
    select * from {{ ref('int_practice_boards') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

units as (
    select * from {{ ref('stg_units') }} where kind = 'unit'
),

of_boards as (
    select
        progress.campaign_id,
        progress.indicator_id,
        progress.level,
        boards.period_kind,
        boards.period,
        boards.as_of_date,
        boards.previous_date,
        progress.unit_code,
        progress.attained_pct
    from {{ ref('progress') }} as progress
    inner join campaigns
        on progress.campaign_id = campaigns.campaign_id and progress.indicator_id = campaigns.board_indicator_id
    inner join boards on progress.campaign_id = boards.campaign_id and progress.as_of_date = boards.as_of_date
),

practices as (
    select * from {{ ref('int_practices') }}
),

compared as (
    select
        *,
        case
            when lag(as_of_date) over series = previous_date then lag(attained_pct) over series
        end as attained_pct_before
    from of_boards
    window series as (partition by unit_code, campaign_id order by as_of_date)
),

-- A gap that is closed already cannot be closed further: such a unit is complete and has no share.
improved as (
    select
        *,
        case
            when attained_pct_before < 100
                then round(100 * (attained_pct - attained_pct_before) / (100 - attained_pct_before), 9)
        end as closed_gap_pct
    from compared
),

ranked as (
    select
        improved.campaign_id,
        improved.indicator_id,
        improved.level,
        improved.period_kind,
        improved.period,
        improved.unit_code,
        units.unit_name,
        improved.as_of_date,
        improved.previous_date,
        improved.attained_pct_before,
        improved.attained_pct,
        improved.closed_gap_pct,
        case
            when improved.closed_gap_pct is not null
                then rank() over (
                    partition by improved.campaign_id, improved.level, improved.as_of_date
                    order by improved.closed_gap_pct desc nulls last
                )
        end as improvement_rank,
        coalesce(practices.practices_reported, 0) as practices_reported,
        practices.practices_vi,
        practices.practices_en
    from improved
    inner join units on improved.campaign_id = units.campaign_id and improved.unit_code = units.unit_code
    left join practices
        on
            improved.campaign_id = practices.campaign_id
            and improved.unit_code = practices.unit_code
            and improved.as_of_date = practices.as_of_date
)

select * from ranked
