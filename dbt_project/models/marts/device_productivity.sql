with indicators as (
    select * from {{ ref('stg_indicators') }} where devices_id is not null
),

progress as (
    select * from {{ ref('progress') }}
    where campaign_id in (select indicators.campaign_id from indicators)
),

beside_devices as (
    select
        progress.campaign_id,
        progress.indicator_id,
        progress.unit_code,
        progress.as_of_date,
        progress.level,
        devices.value as devices,
        progress.increment_1d,
        progress.increment_7d,
        indicators.device_norm as norm,
        sum(devices.value) over week as device_days_7d,
        count(devices.value) over week as days_with_devices
    from progress
    inner join indicators
        on progress.campaign_id = indicators.campaign_id and progress.indicator_id = indicators.indicator_id
    inner join progress as devices
        on
            progress.campaign_id = devices.campaign_id
            and indicators.devices_id = devices.indicator_id
            and progress.unit_code = devices.unit_code
            and progress.as_of_date = devices.as_of_date
    window week as (
        partition by progress.unit_code, progress.indicator_id, progress.campaign_id
        order by progress.as_of_date
        rows between 6 preceding and current row
    )
),

a_device_a_day as (
    select
        *,
        increment_1d / nullif(devices, 0) as per_device_1d,
        case when days_with_devices = 7 then increment_7d / nullif(device_days_7d, 0) end as per_device_7d
    from beside_devices
),

with_share as (
    select
        campaign_id,
        indicator_id,
        unit_code,
        as_of_date,
        level,
        devices,
        increment_1d,
        per_device_1d,
        100 * per_device_1d / norm as norm_pct_1d,
        case when days_with_devices = 7 then device_days_7d end as device_days_7d,
        increment_7d,
        per_device_7d,
        100 * per_device_7d / norm as norm_pct_7d,
        norm
    from a_device_a_day
)

select * from with_share
