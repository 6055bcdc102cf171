-- Each part of the score lies in [0, 1]. Five weighted findings, five held or restated reports, 90 days without a recount and
-- a verification factor 0.2 away from 1 are each a whole part; size and growth are measured by the largest of the peer group.
with candidates as (
    select * from {{ ref('int_recount_candidates') }}
),

history as (
    select * from {{ ref('int_recount_history') }}
),

weights as (
    select * from {{ ref('stg_recount_weights') }} where kind = 'part'
),

inputs as (
    select
        candidates.*,
        history.* exclude (campaign_id, unit_code),
        candidates.value / nullif(max(candidates.value) over peers, 0) as size_part,
        candidates.growth / nullif(max(candidates.growth) over peers, 0) as growth_part,
        round(100 * candidates.value / nullif(sum(candidates.value) over peers, 0), 1) as size_pct,
        round(100 * candidates.growth / nullif(sum(candidates.growth) over peers, 0), 1) as growth_pct
    from candidates
    inner join history
        on candidates.campaign_id = history.campaign_id and candidates.unit_code = history.unit_code
    window peers as (partition by candidates.campaign_id, candidates.peer_group, candidates.level)
),

parts as (
    select
        campaign_id,
        unit_code,
        'findings' as name,
        findings_weight / 5 as part,
        findings || ' phát hiện về tính đúng và sống trong 28 ngày' as reason_vi,
        findings || ' findings on correct and live in 28 days' as reason_en
    from inputs
    union all
    select
        campaign_id,
        unit_code,
        'size' as name,
        size_part as part,
        'chiếm ' || {{ number_text('size_pct', 'vi') }} || chr(160) || '% số liệu của nhóm so sánh' as reason_vi,
        {{ number_text('size_pct', 'en') }} || chr(160) || '% of the figures of its peer group' as reason_en
    from inputs
    union all
    select
        campaign_id,
        unit_code,
        'growth' as name,
        growth_part as part,
        'chiếm ' || {{ number_text('growth_pct', 'vi') }} || chr(160) || '% mức tăng 7 ngày của nhóm so sánh' as reason_vi,
        {{ number_text('growth_pct', 'en') }} || chr(160) || '% of the 7-day growth of its peer group' as reason_en
    from inputs
    union all
    select
        campaign_id,
        unit_code,
        'jump' as name,
        (jump_increment - jump_expected) / jump_increment as part,
        'tăng ' || {{ number_text('jump_increment', 'vi') }} || ' trong 3 ngày đến hạn '
        || strftime(jump_due_date, '%d/%m/%Y') || ', theo nhịp trước đó là '
        || {{ number_text('round(jump_expected)', 'vi') }} as reason_vi,
        'grew by ' || {{ number_text('jump_increment', 'en') }} || ' in the 3 days to the due day '
        || strftime(jump_due_date, '%Y-%m-%d') || ', at the pace before it '
        || {{ number_text('round(jump_expected)', 'en') }} as reason_en
    from inputs
    union all
    select
        campaign_id,
        unit_code,
        'changes' as name,
        (holds + restatements) / 5 as part,
        holds || ' lần báo cáo bị treo, ' || restatements || ' lần điều chỉnh trong 28 ngày' as reason_vi,
        holds || ' reports held, ' || restatements || ' figures restated in 28 days' as reason_en
    from inputs
    union all
    select
        campaign_id,
        unit_code,
        'age' as name,
        coalesce(days_since_recount / 90, 1) as part,
        coalesce('kiểm đếm lại lần gần nhất cách đây ' || days_since_recount || ' ngày', 'chưa được kiểm đếm lại lần nào')
            as reason_vi,
        coalesce('last recounted ' || days_since_recount || ' days ago', 'never recounted') as reason_en
    from inputs
    union all
    select
        campaign_id,
        unit_code,
        'factor' as name,
        abs(1 - verification_factor) / 0.2 as part,
        'hệ số kiểm chứng lần trước là ' || {{ number_text('round(verification_factor, 2)', 'vi') }} as reason_vi,
        'verification factor of the last recount ' || {{ number_text('round(verification_factor, 2)', 'en') }} as reason_en
    from inputs
),

weighed as (
    select
        parts.campaign_id,
        parts.unit_code,
        parts.name,
        100 * weights.weight * least(greatest(coalesce(parts.part, 0), 0), 1)
        / nullif(sum(weights.weight) over (partition by parts.campaign_id, parts.unit_code), 0) as points,
        parts.reason_vi,
        parts.reason_en
    from parts
    inner join weights on parts.campaign_id = weights.campaign_id and parts.name = weights.name
)

select * from weighed
