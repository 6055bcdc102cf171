with histories as (
    select * from {{ ref('int_forecast_histories') }}
),

{{ forecast() }}

select * from forecast_curves
