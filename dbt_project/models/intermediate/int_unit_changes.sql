with crosswalk as (
    select * from {{ ref('stg_crosswalk') }}
),

periods as (
    select * from {{ ref('stg_unit_periods') }} where valid_from > date '0001-01-01'
),

ancestors as (
    select * from {{ ref('int_ancestor_periods') }}
),

-- What goes from one unit to another, or stays itself below another parent.
flows as (
    select
        campaign_id,
        old_code,
        new_code,
        valid_from as changed_on
    from crosswalk

    union distinct

    select
        campaign_id,
        unit_code as old_code,
        unit_code as new_code,
        valid_from as changed_on
    from periods
),

counted_in as (
    select
        *,
        old_code as unit_code,
        'before' as side
    from flows

    union all

    select
        *,
        new_code as unit_code,
        'after' as side
    from flows

    union all

    select
        flows.*,
        ancestors.ancestor_code as unit_code,
        'before' as side
    from flows
    inner join ancestors
        on
            flows.campaign_id = ancestors.campaign_id
            and flows.old_code = ancestors.unit_code
            and flows.changed_on - 1 >= ancestors.valid_from
            and flows.changed_on - 1 <= ancestors.valid_to

    union all

    select
        flows.*,
        ancestors.ancestor_code as unit_code,
        'after' as side
    from flows
    inner join ancestors
        on
            flows.campaign_id = ancestors.campaign_id
            and flows.new_code = ancestors.unit_code
            and flows.changed_on >= ancestors.valid_from
            and flows.changed_on <= ancestors.valid_to
),

gained_or_lost as (
    select
        campaign_id,
        unit_code,
        changed_on
    from counted_in
    group by campaign_id, old_code, new_code, unit_code, changed_on
    having count(distinct side) = 1
),

changes as (
    select distinct
        campaign_id,
        unit_code,
        changed_on
    from gained_or_lost
),

until_next as (
    select
        *,
        lead(changed_on, 1, date '9999-12-31') over (partition by campaign_id, unit_code order by changed_on) as next_on
    from changes
)

select * from until_next
