{% set parts = ['findings', 'size', 'growth', 'jump', 'changes', 'age', 'factor'] %}
with candidates as (
    select * from {{ ref('int_recount_candidates') }}
),

history as (
    select * from {{ ref('int_recount_history') }}
),

weighed as (
    select
        *,
        row_number() over (partition by campaign_id, unit_code order by points desc, name asc) as place
    from {{ ref('int_recount_parts') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

shares as (
    select
        campaign_id,
        max(weight) as audit_pct
    from {{ ref('stg_recount_weights') }}
    where kind = 'audit_pct'
    group by campaign_id
),

scores as (
    select
        campaign_id,
        unit_code,
        round(sum(points), 6) as score,
        {% for part in parts -%}
            round(max(points) filter (where name = '{{ part }}'), 6) as {{ part }}_points,
        {% endfor %}
        string_agg(reason_vi, '; ' order by place) filter (where place <= 3 and points > 0) as reasons_vi,
        string_agg(reason_en, '; ' order by place) filter (where place <= 3 and points > 0) as reasons_en
    from weighed
    group by campaign_id, unit_code
),

-- The lot is drawn anew every week: the first hexadecimal digits of a digest, as a share of what they can be.
drawn as (
    select
        candidates.*,
        units.unit_name,
        strftime(candidates.as_of_date, '%G-W%V') as week,
        cast('0x' || left(md5(concat_ws(
            '|', candidates.campaign_id, candidates.unit_code, strftime(candidates.as_of_date, '%G-W%V')
        )), 8) as bigint) / 4294967296 as lot,
        shares.audit_pct
    from candidates
    inner join units
        on candidates.campaign_id = units.campaign_id and candidates.unit_code = units.unit_code
    left join shares on candidates.campaign_id = shares.campaign_id
),

ranked as (
    select
        drawn.*,
        scores.* exclude (campaign_id, unit_code),
        row_number() over (partition by drawn.campaign_id order by scores.score desc, drawn.unit_code asc) as risk_place,
        row_number() over (partition by drawn.campaign_id order by drawn.lot, drawn.unit_code) as lot_place
    from drawn
    left join scores on drawn.campaign_id = scores.campaign_id and drawn.unit_code = scores.unit_code
),

-- With audit_pct 10 the first by lot stands tenth at the latest, the second twentieth.
with_turn as (
    select
        *,
        coalesce(lot_place * 100 / nullif(audit_pct, 0) - 0.5 < risk_place, false) as is_by_lot,
        least(risk_place, coalesce(lot_place * 100 / nullif(audit_pct, 0) - 0.5, risk_place)) as turn
    from ranked
),

queue as (
    select
        with_turn.campaign_id,
        with_turn.unit_code,
        with_turn.unit_name,
        with_turn.level,
        with_turn.peer_group,
        with_turn.indicator_id,
        with_turn.as_of_date,
        row_number() over (
            partition by with_turn.campaign_id order by with_turn.turn, with_turn.risk_place
        ) as position,
        with_turn.score,
        {% for part in parts -%}
            with_turn.{{ part }}_points,
        {% endfor %}
        with_turn.value,
        with_turn.growth as growth_7d,
        history.findings,
        history.holds,
        history.restatements,
        with_turn.jump_due_date,
        with_turn.jump_increment,
        with_turn.jump_expected,
        history.last_recounted_on,
        history.days_since_recount,
        history.verification_factor,
        with_turn.lot,
        with_turn.is_by_lot,
        case when with_turn.is_by_lot then 'rút thăm tuần ' || with_turn.week || '; ' else '' end
        || with_turn.reasons_vi as reasons_vi,
        case when with_turn.is_by_lot then 'drawn by lot in ' || with_turn.week || '; ' else '' end
        || with_turn.reasons_en as reasons_en
    from with_turn
    inner join history
        on with_turn.campaign_id = history.campaign_id and with_turn.unit_code = history.unit_code
)

select * from queue
