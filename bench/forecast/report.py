"""Scores, goals and tables of the backtest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bench.forecast.backtest import HORIZONS, REFERENCES, Backtest, error

MARKS = ("<!-- results: written by python -m bench.forecast --update-docs -->", "<!-- end of results -->")
COVERED_PCT = (75, 85)
BINS = ("0-20", "20-40", "40-60", "60-80", "80-100")


@dataclass
class Scores:
    """Of one panel and half. `dates`: one row per group (the panel whole first) and horizon. `chances`: said and come, by fifths."""

    panel: str
    half: str
    dates: pd.DataFrame
    chances: pd.DataFrame
    brier: float
    brier_yes_or_no: float
    methods: dict[str, float]


@dataclass(frozen=True)
class Goal:
    panel: str
    what: str
    found: str
    is_met: bool


def scores(panel: str, backtest: Backtest, half: str) -> Scores:
    """Mean errors in days, and how often the 80 % interval held the true date, for the units of one half (or all)."""
    dates = backtest.dates if half == "all" else backtest.dates[backtest.dates["half"] == half]
    late = dates["days_late"].fillna(np.inf)
    found = pd.DataFrame(
        {
            "group": np.where(panel == "simulation", dates["campaign_id"].str[:6], dates["indicator_id"]),
            "horizon": dates["horizon"],
            "tiendo": error(dates["days"], dates["horizon"]),
            **{name: error(dates[name], dates["horizon"]) for name in REFERENCES},
            "held": (dates["days_early"] <= dates["horizon"]) & (late >= dates["horizon"]),
            "before": dates["days_early"] > dates["horizon"],
            "days_early": dates["days_early"],
            "days_late": late,
        }
    )
    parts = []
    for name, part in [("all", found), *found.groupby("group")]:
        grouped = part.groupby("horizon")
        table = grouped[["tiendo", *REFERENCES, "held", "before"]].mean()
        table[["days_early", "days_late"]] = grouped[["days_early", "days_late"]].median()
        parts.append(table.assign(group=name, n=grouped.size()).reset_index())
    chances = backtest.chances if half == "all" else backtest.chances[backtest.chances["half"] == half]
    fifth = np.minimum(chances["said"] * 5, 4.99).astype(int)
    by_fifth = chances.assign(fifth=fifth).groupby("fifth")[["said", "has_come"]].mean().reindex(range(5))
    yes_or_no = ((chances["share"] <= 1) != chances["has_come"]).mean()
    brier = ((chances["said"] - chances["has_come"]) ** 2).mean()
    methods = dates.drop_duplicates(["campaign_id", "indicator_id", "unit_code", "board_date"])["method"].value_counts(normalize=True)
    return Scores(
        panel,
        half,
        pd.concat(parts),
        by_fifth,
        float(brier),
        float(yes_or_no),
        {str(name): float(share) for name, share in methods.items()},
    )


def goals(found: Scores) -> list[Goal]:
    """What is needed of a panel: every reference beaten at every horizon, intervals that hold 75 to 85 %, chances better than yes or no."""
    rows = found.dates[found.dates["group"] == "all"].set_index("horizon")
    out = []
    for horizon in HORIZONS:
        row = rows.loc[horizon]
        for name in REFERENCES:
            out.append(
                Goal(
                    found.panel, f"{horizon} days: error below that of {name}, {row[name]:.2f} days", f"{row['tiendo']:.2f}",
                    bool(row["tiendo"] < row[name]),
                )
            )  # fmt: skip
        held = 100 * row["held"]
        is_met = COVERED_PCT[0] <= held <= COVERED_PCT[1]
        out.append(Goal(found.panel, f"{horizon} days: 80 % interval holds 75 to 85 %", f"{held:.1f}", bool(is_met)))
    what = f"chances: Brier score below that of a naive yes or no, {found.brier_yes_or_no:.3f}"
    out.append(Goal(found.panel, what, f"{found.brier:.3f}", found.brier < found.brier_yes_or_no))
    return out


def markdown(results: list[Scores], met: list[Goal], day: str) -> str:
    """Goals and tables as the docs show them."""
    missed = [f"- {goal.panel}: {goal.what}: {goal.found}" for goal in met if not goal.is_met]
    lines = [f"Measured on {day}: {len(met) - len(missed)} of {len(met)} goals met."]
    lines += ["", "Missed:", "", *missed] if missed else []
    return "\n".join([*lines, *[line for found in results for line in ("", *table(found))]]) + "\n"


def table(found: Scores) -> list[str]:
    """Lines of Markdown for one panel."""
    heads = ["series", "days", "forecasts", "tiendo", *REFERENCES, "interval holds, %", "came before it, %", "median interval, days"]
    lines = [f"### {found.panel}, half {found.half}: mean error of the date in days", "", "| " + " | ".join(heads) + " |"]
    lines.append("|---|" + "--:|" * (len(heads) - 1))
    for row in found.dates.to_dict("records"):
        late = "never" if np.isinf(row["days_late"]) else f"{row['days_late']:.0f}"
        errors = [f"**{row['tiendo']:.2f}**", *[f"{row[name]:.2f}" for name in REFERENCES]]
        held = [f"{100 * row['held']:.1f}", f"{100 * row['before']:.1f}", f"{row['days_early']:.0f} to {late}"]
        lines.append("| " + " | ".join([row["group"], str(row["horizon"]), f"{row['n']:,}", *errors, *held]) + " |")
    said = " | ".join(f"{100 * chance:.0f}" for chance in found.chances["said"])
    came = " | ".join(f"{100 * chance:.0f}" for chance in found.chances["has_come"])
    lines += [
        "",
        "| chance said, % | " + " | ".join(BINS) + " |",
        "|---|" + "--:|" * 5,
        f"| mean said | {said} |",
        f"| came | {came} |",
        "",
    ]
    methods = ", ".join(f"{name} {100 * share:.0f} %" for name, share in sorted(found.methods.items()))
    lines.append(f"Brier score {found.brier:.3f}; of a yes or no by the naive pace {found.brier_yes_or_no:.3f}. Methods: {methods}.")
    return lines


def update(document: Path, text: str) -> None:
    """Put the results into a document, between its two markers."""
    before, rest = document.read_text(encoding="utf-8").split(MARKS[0])
    document.write_text(f"{before}{MARKS[0]}\n{text}{MARKS[1]}{rest.split(MARKS[1])[1]}", encoding="utf-8")
