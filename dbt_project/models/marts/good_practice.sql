with boards as (
    select * from {{ ref('int_practice_boards') }}
),

campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

units as (
    select * from {{ ref('stg_units') }} where kind = 'unit'
),

progress as (
    select progress.*
    from {{ ref('progress') }} as progress
    inner join campaigns
        on progress.campaign_id = campaigns.campaign_id and progress.indicator_id = campaigns.board_indicator_id
),

practices as (
    select * from {{ ref('int_practices') }}
),

compared as (
    select
        boards.campaign_id,
        progress.indicator_id,
        progress.level,
        boards.period_kind,
        boards.period,
        boards.as_of_date,
        boards.previous_date,
        progress.unit_code,
        earlier.attained_pct as attained_pct_before,
        progress.attained_pct
    from boards
    inner join progress on boards.campaign_id = progress.campaign_id and boards.as_of_date = progress.as_of_date
    left join progress as earlier
        on
            progress.campaign_id = earlier.campaign_id
            and progress.unit_code = earlier.unit_code
            and boards.previous_date = earlier.as_of_date
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
