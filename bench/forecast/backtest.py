"""Forecasts from every past day, by the warehouse's own macros and by three plain references, held against what came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb
import jinja2
import numpy as np
import pandas as pd

from bench.forecast.panels import Series
from bench.measure import ROOT

HORIZONS = (7, 14, 28)
REFERENCES = ("naive pace", "linear trend", "same as last week")
LATEST = 56  # days after the true one: a date later than that, or none, counts as so late
TREND_DAYS = 28
WEEKS = 9
KEYS = ["panel", "campaign_id", "indicator_id", "unit_code", "half", "board_date", "horizon"]

_SCORED = """
    with came as (
        select
            forecasts.*,
            horizon,
            later.value - now.value as gap
        from forecasts
        cross join unnest([7, 14, 28]) as horizons(horizon)
        inner join levels as now using (campaign_id, indicator_id, unit_code, board_date)
        inner join levels as later
            on
                forecasts.campaign_id = later.campaign_id
                and forecasts.indicator_id = later.indicator_id
                and forecasts.unit_code = later.unit_code
                and forecasts.board_date + horizon = later.board_date
        where later.value > now.value
    )

    select
        campaign_id, indicator_id, unit_code, board_date, horizon, gap, method,
        ceil(%(middle)s - 1e-9) as days,
        ceil(%(early)s - 1e-9) as days_early,
        ceil(%(late)s - 1e-9) as days_late
    from came
"""


@dataclass
class Backtest:
    """`dates`: one row per forecast and horizon, with the days each method says (NaN: never). `chances`: said and come, by threshold."""

    dates: pd.DataFrame
    chances: pd.DataFrame


def macros() -> Any:
    """The macros of the dbt project's forecast, as a module of functions that give SQL."""
    source = (ROOT / "dbt_project" / "macros" / "forecast.sql").read_text(encoding="utf-8")
    return jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined).from_string(source).module


def run(panel: Iterable[Series], settings: dict[str, Any] | None = None) -> Backtest:
    """Forecast all series from all days on which a unit has 7 slots behind it."""
    series = list(panel)
    sql = macros()
    with duckdb.connect() as connection:
        levels = pd.concat([_levels(found) for found in series])
        connection.register("given", levels)
        connection.execute("create table levels as select * replace (if(isnan(aim_value), null, aim_value) as aim_value) from given")
        connection.execute(
            f"""create table histories as
            select now.campaign_id, now.indicator_id, now.unit_code, now.board_date, now.aim_value, now.aim_days,
                list(past.value order by past.board_date desc) as weeks
            from levels as now inner join levels as past using (campaign_id, indicator_id, unit_code)
            where (now.board_date - past.board_date) % 7 = 0 and now.board_date - past.board_date between 0 and {7 * (WEEKS - 1)}
            group by all"""
        )
        connection.execute(
            """create table numbered as
            select *, row_number() over (order by campaign_id, indicator_id, unit_code, board_date) as series_id,
                dense_rank() over (order by campaign_id, indicator_id, board_date) as group_id
            from histories"""
        )
        connection.execute(
            f"""create table forecasts as with histories as (
                select * from numbered
            ), {sql.forecast(settings or {})}
            select * from forecast_curves inner join numbered using (series_id)"""
        )
        said = {"middle": sql.forecast_days("gap"), "early": sql.forecast_days("gap", "high"), "late": sql.forecast_days("gap", "low")}
        dates = connection.execute(_SCORED % said).df()
        chances = connection.execute(_chances(sql)).df()
    halves = levels[["panel", "campaign_id", "indicator_id", "unit_code", "half"]].drop_duplicates()
    dates = dates.merge(halves).merge(pd.concat([_references(found) for found in series]))
    chances = chances.merge(halves)
    return Backtest(dates.sort_values(KEYS).reset_index(drop=True), chances)


def error(days: pd.Series, horizon: pd.Series) -> pd.Series:
    """Days between the date that was forecast and the true one."""
    return (np.minimum(days.fillna(np.inf), horizon + LATEST) - horizon).abs()


def _levels(found: Series) -> pd.DataFrame:
    units, days = found.values.shape
    frame = pd.DataFrame(
        {
            "panel": found.panel, "campaign_id": found.campaign, "indicator_id": found.indicator,
            "unit_code": np.repeat(found.codes, days), "half": np.repeat(found.halves, days), "board_date": np.tile(np.arange(days), units),
            "value": found.values.ravel(), "aim_value": np.repeat(found.aims if found.aims is not None else np.full(units, np.nan), days),
        }
    )  # fmt: skip
    frame["aim_days"] = pd.array([None] * len(frame), dtype="Int64") if found.due is None else found.due - frame["board_date"]
    return frame.dropna(subset=["value"])


def _references(found: Series) -> pd.DataFrame:
    """Days until the level that was really reached, by what anybody would do with a pencil."""
    parts, levels = [], found.values
    for board in range(7, levels.shape[1]):
        week = np.diff(levels[:, board - 7 : board + 1], axis=1)
        pace = week.sum(axis=1) / 7
        past = levels[:, max(0, board - TREND_DAYS + 1) : board + 1]
        slope = np.array([_slope(row[~np.isnan(row)]) for row in past])
        repeated = np.maximum.accumulate(np.cumsum(np.tile(week, (1, 13)), axis=1), axis=1)
        for horizon in HORIZONS:
            if board + horizon >= levels.shape[1]:
                continue
            gap = levels[:, board + horizon] - levels[:, board]
            with np.errstate(divide="ignore", invalid="ignore"):
                naive = np.where(pace > 0, np.ceil(gap / pace - 1e-9), np.nan)
                trend = np.where(slope > 0, np.ceil(gap / slope - 1e-9), np.nan)
            reached = repeated >= gap[:, None] - 1e-9
            last_week = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1.0, np.nan)
            frame = pd.DataFrame({"unit_code": found.codes, **dict(zip(REFERENCES, (naive, trend, last_week), strict=True))})
            parts.append(frame.assign(board_date=board, horizon=horizon))
    return pd.concat(parts).assign(campaign_id=found.campaign, indicator_id=found.indicator)


def _slope(levels: np.ndarray) -> float:
    return float(np.polyfit(np.arange(len(levels)), levels, 1)[0]) if len(levels) > 1 else np.nan


def _chances(sql: Any) -> str:
    """For thresholds at 0.6 to 1.6 times what the naive pace would bring: the chance said, and whether it came."""
    return f"""
        with asked as (
            select
                forecasts.*,
                horizon,
                share,
                share * horizon / 7 * (now.value - before.value) as threshold,
                later.value - now.value as came
            from forecasts
            cross join unnest([7, 14, 28]) as horizons(horizon)
            cross join unnest([0.6, 0.8, 1.0, 1.2, 1.6]) as shares(share)
            inner join levels as now using (campaign_id, indicator_id, unit_code, board_date)
            inner join levels as before
                on forecasts.campaign_id = before.campaign_id and forecasts.indicator_id = before.indicator_id
                and forecasts.unit_code = before.unit_code and forecasts.board_date - 7 = before.board_date
            inner join levels as later
                on forecasts.campaign_id = later.campaign_id and forecasts.indicator_id = later.indicator_id
                and forecasts.unit_code = later.unit_code and forecasts.board_date + horizon = later.board_date
            where now.value > before.value
        )

        select campaign_id, indicator_id, unit_code, horizon, share, {sql.forecast_probability("threshold", "horizon")} as said,
            came >= threshold as has_come
        from asked
    """
