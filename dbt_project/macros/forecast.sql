{#
    Forecasts of series that grow, from what a series and its peers have done so far. docs/forecast.md says how, and how well. The numbers
    were chosen on one half of bench/forecast, which renders these very macros; so nothing here may need dbt (no ref, no query).

    `forecast()` gives CTEs that follow a CTE `histories`, one row per series and board: series_id, group_id (one for all series of an
    indicator, level and board: peers), `weeks` DOUBLE[] (the value of the board's day, of a week before, of two weeks before ...: nine or more, null before the
    series begins), aim_value and aim_days (what is to be reached, in how many days; null without an aim). The last CTE is
    `forecast_curves`, one row per series_id: growth_1 to growth_4 (of one to four weeks from the board's day on), low_1, low_2, low_4, high_1, high_2, high_4
    (ln of what the growth may be divided or multiplied by, 80 % between the two) and `method`.
#}
{% macro forecast(settings={}) -%}
    {%- set given = dict({
        'origins': 5, 'steepest': 0.5, 'bends': [0.75, 1.05, 1.23, 1.338], 'pull': 0.35, 'pull_days': 21, 'group_weight': 2,
        'fall_back': 0.7, 'typical': 10, 'restless': 0.5, 'peer_weeks': 1, 'lift': 0.3,
        'low': {1: [0.1, 3.0], 2: [0.03, 3.6], 4: [0.05, 2.2]}, 'high': {1: [0.03, 1.0], 2: [0.02, 1.12], 4: [0.04, 1.5]},
    }, **settings) -%}
    {{ forecast_origins(given) }},
    {{ forecast_growths(given) }},
    {{ forecast_choice(given) }},
    {{ forecast_spread(given) }}
{%- endmacro %}

{# Days to forecast from: the board's (age 0), and for judging the methods the days 1, 2, ... weeks before it. Growth is per week. #}
{% macro forecast_origins(given) -%}
    origins as (
        select
            series_id,
            group_id,
            age,
            weeks[age + 1] - weeks[age + 2] as pace_1,
            weeks[age + 2] - weeks[age + 3] as pace_2,
            coalesce(
                (weeks[age + 1] - weeks[age + 5]) / 4,
                (weeks[age + 1] - weeks[age + 4]) / 3,
                (weeks[age + 1] - weeks[age + 3]) / 2,
                weeks[age + 1] - weeks[age + 2]
            ) as pace_4,
            case when age >= 1 then weeks[age] - weeks[age + 1] end as grown_1,
            case when age >= 2 then weeks[age - 1] - weeks[age + 1] end as grown_2,
            case when age >= 4 then weeks[age - 3] - weeks[age + 1] end as grown_4,
            aim_value - weeks[age + 1] as aim_gap,
            aim_days + 7 * age as aim_days
        from (
            select
                *,
                unnest(range({{ given.origins }})) as age
            from histories
        ) as by_age
        where weeks[age + 2] is not null
    ),

    -- What a week was to the week before it, over all series of a level.
    peers as (
        select
            group_id,
            age,
            ln(round(sum(pace_1), 6) / round(sum(pace_2), 6)) as peer_steepness
        from origins
        where pace_1 >= 0 and pace_2 >= 0
        group by group_id, age
        having round(sum(pace_1), 6) > 0 and round(sum(pace_2), 6) > 0
    )
{%- endmacro %}

{# What the methods say that the next weeks bring: pace_k is the last week's, plain_k the combination's, pulled_k that of the aim too. #}
{% macro forecast_growths(given) -%}
    steepened as (
        select
            origins.*,
            (
                {{ bounded('case when pace_1 > 0 and pace_2 > 0 then ln(pace_1 / pace_2) end', given.steepest) }}
                + {{ bounded('peers.peer_steepness', given.steepest) }}
            ) / 2 as steepness,
            coalesce((pace_1 + pace_2) / 2, pace_1) as pace_12
        from origins
        left join peers using (group_id, age)
    ),

    growths as (
        select
            *,
            0 as plain_0,
            0 as pulled_0,
            {% for week in [1, 2, 3, 4] -%}
                {{ week }} * pace_1 as last_{{ week }},
                plain_{{ week - 1 }}
                + (pace_1 + pace_4 + pace_12 * exp(steepness * {{ given.bends[week - 1] }})) / 3 as plain_{{ week }},
                aim_days - {{ 7 * (week - 1) }} as left_{{ week }},
                pulled_{{ week - 1 }} + plain_{{ week }} - plain_{{ week - 1 }} + coalesce(
                    case
                        when left_{{ week }} > 0 and aim_gap > pulled_{{ week - 1 }}
                            then
                                {{ given.pull }}
                                * least(1, greatest(0, 1 - (left_{{ week }} - 3.5) / {{ given.pull_days }}))
                                * greatest(
                                    0,
                                    (aim_gap - pulled_{{ week - 1 }}) * least(1, 7.0 / left_{{ week }})
                                    - (plain_{{ week }} - plain_{{ week - 1 }})
                                )
                    end,
                    0
                ) as pulled_{{ week }}{{ ',' if not loop.last }}
            {% endfor %}
        from steepened
    )
{%- endmacro %}

{# The method of each series: the one that was nearest to what came, over past forecasts of its own and, for steadiness, of its peers. #}
{% macro forecast_choice(given) -%}
    errors as (
        select
            series_id,
            group_id,
            {% for method in ['last', 'plain', 'pulled'] -%}
                sum(
                    {%- for week in [1, 2, 4] %}
                    coalesce({{ missed_by('grown_%d' % week, '%s_%d' % (method, week)) }}, 0){{ ' +' if not loop.last }}
                    {%- endfor %}
                ) as {{ method }}_error,
            {% endfor -%}
            count(grown_1) + count(grown_2) + count(grown_4) as judged,
            sum({{ missed_by('pace_1', 'pace_2') }}) as own_unrest,
            count(pace_2) as own_weeks,
            min(aim_days) as aim_days
        from growths
        group by series_id, group_id
    ),

    scores as (
        select
            *,
            {% for method in ['last', 'plain', 'pulled'] -%}
                {{ method }}_error
                + {{ given.group_weight }} * sum({{ method }}_error) over peers / nullif(sum(judged) over peers, 0)
                as {{ method }}_score,
            {% endfor -%}
            sum(own_unrest) over peers / nullif(sum(own_weeks) over peers, 0) as peer_unrest
        from errors
        window peers as (partition by group_id)
    ),

    choices as (
        select
            series_id,
            case
                when last_score < {{ given.fall_back }} * least(plain_score, pulled_score) then 'pace'
                when coalesce(aim_days, 0) <= 0 or plain_score < pulled_score then 'combined'
                else 'catch_up'
            end as method,
            greatest(0.05, coalesce(
                (coalesce(own_unrest, 0) + {{ given.peer_weeks }} * peer_unrest) / (own_weeks + {{ given.peer_weeks }}), {{ given.restless }}
            )) as restlessness
        from scores
    ),

    chosen as (
        select
            growths.* exclude (last_1, last_2, last_3, last_4),
            method,
            restlessness,
            {% for week in [1, 2, 3, 4] -%}
                case method
                    when 'pace' then last_{{ week }} when 'combined' then plain_{{ week }} else pulled_{{ week }}
                end as growth_{{ week }}{{ ',' if not loop.last }}
            {% endfor %}
        from growths
        inner join choices using (series_id)
    )
{%- endmacro %}

{#
    How far off the chosen forecasts of a level were before, per restlessness of their series, mixed with how far off such forecasts are
    where weeks are as restless. The lift makes up for what is common: where weeks differ much, more comes than went before.
#}
{% macro forecast_spread(given) -%}
    spreads as (
        select
            group_id,
            {% for week in [1, 2, 4] -%}
                {%- set off = log_error('grown_%d' % week, 'growth_%d' % week) ~ ' / restlessness - %s' % given.lift -%}
                coalesce(quantile_cont({{ off }}, 0.1), 0) as found_low_{{ week }},
                coalesce(quantile_cont({{ off }}, 0.9), 0) as found_high_{{ week }},
                count(distinct case when grown_{{ week }} is not null then age end) as judged_{{ week }}{{ ',' if not loop.last }}
            {% endfor %}
        from chosen
        group by group_id
    ),

    forecast_curves as (
        select
            chosen.series_id,
            chosen.method,
            {% for growths in ['growth_1', 'growth_1, growth_2', 'growth_1, growth_2, growth_3', 'growth_1, growth_2, growth_3, growth_4'] -%}
                exp({{ given.lift }} * restlessness) * greatest(0, {{ growths }}) as growth_{{ loop.index }},
            {% endfor -%}
            {% for week in [1, 2, 4] -%}
                least(-0.02, (
                    judged_{{ week }} * found_low_{{ week }} * restlessness
                    - {{ given.typical }} * ({{ given.low[week][0] }} + {{ given.low[week][1] }} * restlessness)
                ) / (judged_{{ week }} + {{ given.typical }})) as low_{{ week }},
                greatest(0.02, (
                    judged_{{ week }} * found_high_{{ week }} * restlessness
                    + {{ given.typical }} * ({{ given.high[week][0] }} + {{ given.high[week][1] }} * restlessness)
                ) / (judged_{{ week }} + {{ given.typical }})) as high_{{ week }},
            {% endfor -%}
            restlessness
        from chosen
        inner join spreads using (group_id)
        where chosen.age = 0
    )
{%- endmacro %}

{# Between -limit and limit; unknown is 0. #}
{% macro bounded(number, limit) -%}
    greatest(-{{ limit }}, least({{ limit }}, coalesce({{ number }}, 0)))
{%- endmacro %}

{# ln of what came over what was forecast, where the last unit or the last fiftieth of it does not count. #}
{% macro log_error(came, forecast) -%}
    case
        when {{ came }} + {{ forecast }} is not null
            then ln(
                (greatest({{ came }}, 0) + greatest(1, 0.02 * {{ came }}))
                / (greatest({{ forecast }}, 0) + greatest(1, 0.02 * {{ came }}))
            )
    end
{%- endmacro %}

{# The same without its sign, two at most, as a decimal: sums of it are the same in every order. #}
{% macro missed_by(came, forecast) -%}
    case
        when {{ came }} + {{ forecast }} is not null
            then cast(least(2, abs({{ log_error(came, forecast) }})) as decimal(18, 9))
    end
{%- endmacro %}

{# Days until the growth of a row of forecast_curves is `gap`, null if never. `side`: middle, low (whoever grows so is late) or high (early). #}
{% macro forecast_days(gap, side='middle') -%}
    {%- set grown = {} -%}
    {%- for week in [1, 2, 3, 4] -%}
        {%- set factor = {3: '(' ~ side ~ '_2 + ' ~ side ~ '_4) / 2'}.get(week, side ~ '_' ~ week) -%}
        {%- do grown.update({week: 'growth_%d' % week if side == 'middle' else 'growth_%d * exp(%s)' % (week, factor)}) -%}
    {%- endfor -%}
    case
        when {{ gap }} <= 0 then 0
        when {{ grown[1] }} >= {{ gap }} then 7 * {{ gap }} / ({{ grown[1] }})
        {%- for week in [2, 3, 4] %}
        when {{ grown[week] }} >= {{ gap }}
            then {{ 7 * (week - 1) }} + 7 * ({{ gap }} - {{ grown[week - 1] }}) / ({{ grown[week] }} - {{ grown[week - 1] }})
        {%- endfor %}
        when growth_4 > growth_3
            then 28 + 7 * ({{ gap }} - {{ grown[4] }}) / ((growth_4 - growth_3){{ ' * exp(' ~ side ~ '_4)' if side != 'middle' }})
    end
{%- endmacro %}

{# The chance that a row of forecast_curves has grown by `gap` after `days`: the interval's 10 % and 90 % as those of a normal ln, by halves. #}
{% macro forecast_probability(gap, days) -%}
    {%- set growth = forecast_at(days, 0, 'growth_1', 'growth_2', 'growth_3', 'growth_4') -%}
    {%- set low = forecast_at(days, 'low_1', 'low_1', 'low_2', '(low_2 + low_4) / 2', 'low_4') -%}
    {%- set high = forecast_at(days, 'high_1', 'high_1', 'high_2', '(high_2 + high_4) / 2', 'high_4') -%}
    case
        when {{ gap }} <= 0 then 1
        when {{ days }} <= 0 or {{ growth }} <= 0 then 0
        when {{ growth }} >= {{ gap }} then {{ normal_tail('ln(' ~ gap ~ ' / ' ~ growth ~ ') / -' ~ low) }}
        when {{ growth }} < {{ gap }} then {{ normal_tail('ln(' ~ gap ~ ' / ' ~ growth ~ ') / ' ~ high) }}
    end
{%- endmacro %}

{# Straight lines through what holds after 0, 1, 2, 3 and 4 weeks; after that growth goes on as in the fourth, and spreads stay. #}
{% macro forecast_at(days, after_0, after_1, after_2, after_3, after_4) -%}
    (case
        {%- for week, since, until in [(1, after_0, after_1), (2, after_1, after_2), (3, after_2, after_3), (4, after_3, after_4)] %}
        when {{ days }} <= {{ 7 * week }} then {{ since }} + ({{ until }} - {{ since }}) * ({{ days }} - {{ 7 * (week - 1) }}) / 7.0
        {%- endfor %}
        else {{ after_4 }}{{ ' + (growth_4 - growth_3) * (' ~ days ~ ' - 28) / 7.0' if after_1 == 'growth_1' }}
    end)
{%- endmacro %}

{# The share of a normal distribution above `deciles` (1 = where 10 % are above); off by less than 0.0002 (Page, 1977). #}
{% macro normal_tail(deciles) -%}
    1 / (1 + exp(greatest(-30, least(30, 1.5976 * 1.28155 * ({{ deciles }}) + 0.070566 * power(1.28155 * ({{ deciles }}), 3)))))
{%- endmacro %}
