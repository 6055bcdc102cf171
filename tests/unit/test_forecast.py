"""The forecast's SQL against answers worked out by hand, and the backtest's own counting."""

from __future__ import annotations

from math import exp
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from bench.forecast import backtest, panels, report

LIFT = exp(0.3 * 0.05)  # of a series whose weeks are all alike


def curves(series: dict[str, tuple[list[float | None], float | None, int | None]], order: str = "series_id") -> dict[str, dict[str, Any]]:
    """{name: (weeks newest first, aim, days to it)}, all of them peers -> {name: row of forecast_curves}."""
    names = sorted(series)
    with duckdb.connect() as connection:
        connection.execute("create table given (series_id int, group_id int, weeks double[], aim_value double, aim_days int)")
        for number, name in enumerate(names):
            weeks, aim, days = series[name]
            connection.execute("insert into given values (?, 1, ?, ?, ?)", [number, [*weeks, *[None] * (9 - len(weeks))], aim, days])
        query = f"with histories as (select * from given order by {order}), {backtest.macros().forecast()} select * from forecast_curves"
        rows = connection.execute(query).df().to_dict("records")
    return {names[row["series_id"]]: row for row in rows}


def steady(pace: float, weeks: int = 9) -> list[float | None]:
    return [1000.0 - pace * n for n in range(weeks)]


def days(row: dict[str, Any], gap: float, side: str = "middle") -> float | None:
    columns = ", ".join(f"{value!r}::double as {name}" for name, value in row.items() if isinstance(value, float))
    with duckdb.connect() as connection:
        [(found,)] = connection.execute(f"select {backtest.macros().forecast_days(repr(gap), side)} from (select {columns})").fetchall()
    return found


def test_what_grew_by_70_a_week_for_eight_weeks_goes_on_so() -> None:
    row = curves({"steady": (steady(70), None, None)})["steady"]
    assert row["method"] == "combined"
    assert [row[f"growth_{week}"] for week in (1, 2, 3, 4)] == pytest.approx([70 * week * LIFT for week in (1, 2, 3, 4)])
    # No past forecast was off, less the lift; that counts for 4 of 14 past weeks, and what is usual of such series for 10.
    assert row["low_1"] == pytest.approx((4 * -0.3 * 0.05 - 10 * (0.1 + 3 * 0.05)) / 14)
    assert row["high_1"] == pytest.approx((4 * -0.3 * 0.05 + 10 * (0.03 + 0.05)) / 14)


def test_a_date_lies_where_the_curve_passes_and_its_interval_where_the_outer_curves_do() -> None:
    row = curves({"steady": (steady(70), None, None)})["steady"]
    assert days(row, 70 * LIFT) == pytest.approx(7)
    assert days(row, 105 * LIFT) == pytest.approx(10.5)
    assert days(row, 560 * LIFT) == pytest.approx(56)  # after four weeks it goes on as in the fourth
    early, late = days(row, 70 * LIFT, "high"), days(row, 70 * LIFT, "low")
    assert early is not None and late is not None
    assert early == pytest.approx(7 / exp(row["high_1"])) and early < 7 < late
    assert days(row, 0) == 0


def test_a_series_without_growth_never_gets_there() -> None:
    row = curves({"idle": (steady(0), None, None)})["idle"]
    assert row["growth_4"] == 0 and days(row, 1.0) is None


def test_without_a_full_week_there_is_no_curve() -> None:
    assert curves({"new": ([5.0], None, None)}) == {}
    assert curves({"gap": ([5.0, None, 3.0], None, None)}) == {}
    assert set(curves({"old enough": ([5.0, 3.0], None, None)})) == {"old enough"}


def test_near_its_end_a_unit_makes_up_a_part_of_what_is_missing_to_its_aim() -> None:
    # 70 a week; 7 days are left for 210. The pull in that week is 35 % of (1 - 3.5 / 21), of the 140 that 70 leaves open.
    row = curves({"late": (steady(70, 2), 1210.0, 7)})["late"]
    assert row["method"] == "catch_up"
    lift = exp(0.3 * 0.5)  # one week tells nothing of restlessness: 0.5 is taken
    assert row["growth_1"] == pytest.approx((70 + 0.35 * (1 - 3.5 / 21) * 140) * lift)
    assert row["growth_2"] - row["growth_1"] == pytest.approx(70 * lift)  # the day has passed


def test_weeks_that_differ_make_the_interval_wide() -> None:
    calm = curves({"series": (steady(70), None, None)})["series"]
    wild = curves({"series": ([1000.0, 900.0, 890.0, 750.0, 730.0, 500.0, 480.0, 300.0, 290.0], None, None)})["series"]
    assert wild["low_2"] < 3 * calm["low_2"] and wild["high_2"] > 3 * calm["high_2"]


def test_the_order_of_rows_changes_no_bit() -> None:
    rng = np.random.default_rng(1)
    series = {f"u{n}": (list(1000 - np.cumsum(rng.uniform(1, 30, 9)).round(3)), 1100.0, 9) for n in range(200)}
    assert curves(series) == curves(series, "series_id desc")


def test_the_chance_is_90_per_cent_where_the_low_curve_is_and_10_where_the_high_one_is() -> None:
    row = curves({"steady": (steady(70), None, None)})["steady"]
    columns = ", ".join(f"{value!r}::double as {name}" for name, value in row.items() if isinstance(value, float))
    gaps = [row["growth_2"] * exp(row["low_2"]), row["growth_2"], row["growth_2"] * exp(row["high_2"]), 0.0]
    with duckdb.connect() as connection:
        found = [
            connection.execute(f"select {backtest.macros().forecast_probability(repr(gap), '14')} from (select {columns})").fetchall()[0][0]
            for gap in gaps
        ]
    assert found == pytest.approx([0.9, 0.5, 0.1, 1.0], abs=2e-4)


def ramp() -> panels.Series:
    """One unit: 10 a day for 20 days, then 20 a day for 20."""
    values = np.cumsum(np.r_[np.full(20, 10.0), np.full(20, 20.0)])[None, :]
    return panels.Series("trial", "c", "done", ["a"], values, ["report"])


def test_the_references_do_what_a_pencil_would() -> None:
    dates = backtest.run([ramp()]).dates.set_index(["board_date", "horizon"])
    # On day 19 ten a day have gone; 14 days later 280 have come, which at ten a day take 28 days.
    row = dates.loc[(19, 14)]
    assert [row["naive pace"], row["linear trend"], row["same as last week"]] == [28, 28, 28]
    # On day 22 three of the last seven days had 20 and four 10: 100 a week; the 140 of the next 7 days take 9.8 days.
    row = dates.loc[(22, 7)]
    assert row["naive pace"] == 10
    assert row["same as last week"] == 11  # 100 after a week, then four days of ten
    assert (dates.index.get_level_values("board_date") >= 7).all()


def test_a_date_eight_weeks_late_or_none_counts_as_eight_weeks() -> None:
    found = backtest.error(pd.Series([9.0, 5.0, np.nan, 900.0]), pd.Series([7, 7, 14, 28]))
    assert found.tolist() == [2, 2, 56, 56]


def test_a_goal_is_missed_where_a_reference_is_better_or_the_interval_holds_too_much() -> None:
    row = {"group": "all", "n": 10, "tiendo": 2.0, "before": 0.1, "days_early": 1.0, "days_late": 9.0}
    good = dict(zip(backtest.REFERENCES, (3.0, 3.0, 3.0), strict=True))
    dates = pd.DataFrame(
        [
            {**row, **good, "horizon": 7, "held": 0.80},
            {**row, **good, "naive pace": 1.9, "horizon": 14, "held": 0.80},
            {**row, **good, "horizon": 28, "held": 0.86},
        ]
    )
    chances = pd.DataFrame({"said": [0.1] * 5, "has_come": [0.1] * 5})
    missed = [goal.what for goal in report.goals(report.Scores("p", "report", dates, chances, 0.1, 0.2, {})) if not goal.is_met]
    assert missed == ["14 days: error below that of naive pace, 1.90 days", "28 days: 80 % interval holds 75 to 85 %"]


def test_the_simulated_campaigns_are_the_same_for_the_same_seed() -> None:
    first, again, other = (panels.simulation(2, seed) for seed in (1, 1, 2))
    assert all((a.values == b.values).all() for a, b in zip(first, again, strict=True))
    assert first[0].values.shape != other[0].values.shape or (first[0].values != other[0].values).any()
    assert {half for found in first for half in found.halves} == {"tune", "report"}
