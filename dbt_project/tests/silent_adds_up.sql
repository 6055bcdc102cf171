-- Who is silent is the same as what reporting counts as missing or invalid.
with listed as (
    select
        campaign_id,
        unit_code,
        count(*) as slots
    from {{ ref('silent') }}
    group by campaign_id, unit_code
),

counted as (
    select
        campaign_id,
        unit_code,
        missing + invalid as slots
    from {{ ref('reporting') }}
    where period_kind = 'campaign' and missing + invalid > 0
)

select coalesce(listed.unit_code, counted.unit_code) as unit_code
from listed
full outer join counted on listed.campaign_id = counted.campaign_id and listed.unit_code = counted.unit_code
where listed.slots is distinct from counted.slots
