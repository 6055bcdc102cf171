with pairs as (
    select * from {{ ref('int_board_pairs') }}
),

events as (
    select * from {{ ref('int_known_events') }}
),

submissions as (
    select * from {{ ref('fct_submissions') }} where released_at is not null
),

late as (
    select
        pairs.*,
        events.indicator_id,
        events.unit_code,
        events.kind,
        case when submissions.released_at = events.received_at then 'release' else events.reason end as reason,
        events.received_at <= pairs.new_known_at as is_between
    from pairs
    inner join events
        on
            pairs.campaign_id = events.campaign_id
            and pairs.since_date >= events.as_of_date
            and pairs.old_known_at < events.received_at
    left join submissions on events.submission_id = submissions.submission_id
),

affected as (
    select
        campaign_id,
        as_of_date,
        since,
        since_date,
        old_known_at,
        new_known_at,
        indicator_id,
        unit_code,
        kind,
        count(*) filter (where is_between) as figures_restated,
        string_agg(distinct reason, ', ' order by reason) filter (where is_between) as reasons
    from late
    group by
        campaign_id, as_of_date, since, since_date, old_known_at, new_known_at, indicator_id, unit_code, kind
),

moments as (
    select
        *,
        unnest(['now', 'new', 'old']) as known_when,
        unnest([timestamptz '9999-12-31 00:00:00+00', new_known_at, old_known_at]) as known_at
    from affected
),

-- Each figure as it is known now, as it was when the newer board was shown, and when the older one was.
versions as (
    select
        moments.*,
        events.as_of,
        events.value
    from moments
    inner join events
        on
            moments.campaign_id = events.campaign_id
            and moments.indicator_id = events.indicator_id
            and moments.unit_code = events.unit_code
            and moments.since_date >= events.as_of_date
            and moments.known_at >= events.received_at
    qualify row_number() over (
        partition by
            moments.campaign_id, moments.as_of_date, moments.since, moments.indicator_id, moments.unit_code,
            moments.known_when, events.as_of
        order by events.received_at desc
    ) = 1
)

select * from versions
