with boards as (
    select * from {{ ref('int_changed_boards') }}
),

inputs as (
    select distinct
        campaign_id,
        indicator_id,
        as_of_date - unnest([0, 1, 2, 3, 4, 5, 6, 7]) as as_of_date
    from boards
)

select * from inputs
