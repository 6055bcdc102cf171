-- A slot owed is in exactly one status: a rate over 100 % is a defect of ours, and the run fails instead of clipping it.
select *
from {{ ref('reporting') }}
where
    slots_owed <> on_time + late + invalid + missing
    or late_extended > late
    or rate_pct > 100
