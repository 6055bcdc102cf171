with recursive own_targets as (
    select * from {{ ref('int_own_targets') }}
),

parents as (
    select * from {{ ref('stg_unit_periods') }}
),

{{ climbing_targets() }}

select * from with_validity
