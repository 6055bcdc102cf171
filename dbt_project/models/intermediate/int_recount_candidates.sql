with campaigns as (
    select * from {{ ref('stg_campaigns') }}
),

units as (
    select * from {{ ref('int_units') }} where kind = 'unit'
),

progress as (
    select progress.*
    from {{ ref('progress') }} as progress
    inner join campaigns
        on progress.campaign_id = campaigns.campaign_id and progress.indicator_id = campaigns.board_indicator_id
    where progress.as_of_date > campaigns.horizon_date - 50 and progress.value_basis = 'reported'
),

milestones as (
    select * from {{ ref('stg_milestones') }}
),

newest_days as (
    select
        campaign_id,
        max(as_of_date) as as_of_date
    from progress
    group by campaign_id
),

candidates as (
    select
        progress.campaign_id,
        progress.unit_code,
        units.peer_group,
        progress.level,
        progress.indicator_id,
        progress.as_of_date,
        progress.value,
        greatest(coalesce(progress.increment_7d, 0), 0) as growth
    from progress
    inner join newest_days
        on progress.campaign_id = newest_days.campaign_id and progress.as_of_date = newest_days.as_of_date
    inner join units
        on progress.campaign_id = units.campaign_id and progress.unit_code = units.unit_code
    where
        progress.as_of_date >= coalesce(units.opened_on, progress.as_of_date)
        and progress.as_of_date <= coalesce(units.closed_on, progress.as_of_date)
),

dues as (
    select distinct
        candidates.campaign_id,
        candidates.unit_code,
        milestones.due_date
    from candidates
    inner join milestones
        on
            candidates.campaign_id = milestones.campaign_id
            and candidates.indicator_id = milestones.indicator_id
            and candidates.level = milestones.level
            and candidates.as_of_date >= milestones.due_date
            and candidates.as_of_date < milestones.due_date + 28
),

-- Growth of the last three days before a due day's end, beside what two weeks before it would have led to expect.
around_dues as (
    select
        dues.campaign_id,
        dues.unit_code,
        dues.due_date,
        max(progress.value) filter (where progress.as_of_date = dues.due_date) as at_due,
        max(progress.value) filter (where progress.as_of_date = dues.due_date - 3) as three_before,
        max(progress.value) filter (where progress.as_of_date = dues.due_date - 17) as weeks_before
    from dues
    inner join progress
        on
            dues.campaign_id = progress.campaign_id
            and dues.unit_code = progress.unit_code
            and progress.as_of_date between dues.due_date - 17 and dues.due_date
    group by dues.campaign_id, dues.unit_code, dues.due_date
),

jumps as (
    select
        campaign_id,
        unit_code,
        due_date as jump_due_date,
        at_due - three_before as jump_increment,
        round((three_before - weeks_before) * 3 / 14, 6) as jump_expected
    from around_dues
    where weeks_before is not null and at_due > three_before
    qualify row_number() over (
        partition by campaign_id, unit_code
        order by (at_due - three_before) - (three_before - weeks_before) * 3 / 14 desc, due_date desc
    ) = 1
),

with_jumps as (
    select
        candidates.*,
        jumps.jump_due_date,
        jumps.jump_increment,
        jumps.jump_expected
    from candidates
    left join jumps
        on candidates.campaign_id = jumps.campaign_id and candidates.unit_code = jumps.unit_code
)

select * from with_jumps
