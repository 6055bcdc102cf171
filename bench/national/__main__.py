"""`python -m bench.national [--days 60] [--quick]`: the whole country, twice a day.

10,035 communes report five indicators twice a day. Days that are over are put straight into the lake; then measured, each in a process
of its own: the first full build, a night with one new day, a correction of one figure 50 days back, and beside them one script in DuckDB
and one in pandas. `--days 365` also measures the night on 60 days, so that the two can be compared. `--quick`: a twentieth of the country.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from bench.measure import CommandFailed, Measured, measure, tiendo
from bench.national.country import ID, INDICATORS, Country, make_day, now_on, write_campaign, write_inbox
from bench.national.history import write_history
from bench.national.models import Models, last_run
from tiendo.settings import Settings

BACK = 50  # days back that a figure is corrected
NIGHT_S, NIGHT_MB, MODELS_S, FULL_S = 60, 4000, 5, 90
FLOORS, GROWTH, CORRECTED = 3, 1.3, 1.5
console = Console(width=max(150, Console().width))


@dataclass
class Run:
    """A `tiendo run` and what dbt did in it."""

    what: str
    measured: Measured
    dbt: Models


@dataclass
class Found:
    """All that was measured on one length of history."""

    country: Country
    figures: int
    full: Run
    night: Run
    correction: Run
    floor: dict[str, float]
    floor_day: dict[str, float]
    pandas: dict[str, float]


def main() -> int:
    """Measure and print; 1 where a need is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=60, help="days of history (default 60)")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the country: to see that it runs, not how fast")
    options = parser.parse_args()
    lengths = [options.days] if options.days <= 60 or options.quick else [60, options.days]
    try:
        found = [measure_days(days, options.quick) for days in lengths]
    except CommandFailed as error:
        console.print(str(error), markup=False, style="red")
        return 1
    return _judge(found, options.quick)


def measure_days(days: int, quick: bool = False) -> Found:
    """Everything on one length of history, in a folder of its own that is gone afterwards."""
    country = Country(days, provinces=6, districts=36, communes=500) if quick else Country(days)
    if os.getloadavg()[0] > 0.5:
        console.print(f"The machine is busy (load {os.getloadavg()[0]:.1f}): compare seconds of CPU and ratios, not wall time")
    with tempfile.TemporaryDirectory(prefix="tiendo-national-") as folder:
        home, campaign = Path(folder) / "home", Path(folder) / "campaigns" / ID
        home.mkdir()
        started = time.perf_counter()
        with duckdb.connect(config={"threads": 2, "memory_limit": "2GB"}) as connection:
            write_campaign(connection, country, campaign)
            figures = write_history(connection, Settings(home, (campaign.parent,)), country, range(days))
            console.print(f"{days} days, {figures:,} figures made in {time.perf_counter() - started:.0f} s", highlight=False)
            full = _run(home, campaign, country, days - 1, f"{days} days: full build", "--full-refresh")
            floor, pandas = (_by_hand(how, home, campaign) for how in ("duckdb", "pandas"))
            if (floor["rows"], floor["sum"]) != (pandas["rows"], pandas["sum"]):
                raise CommandFailed(f"DuckDB and pandas give different answers: {floor}, {pandas}")
            write_inbox(connection, country, days, campaign / "inbox")
            night = _run(home, campaign, country, days, f"{days} days: a night with one new day")
            floor_day = _by_hand("duckdb", home, campaign, country.day(days).isoformat())
            _write_correction(connection, country, days, campaign / "inbox")
            correction = _run(home, campaign, country, days, f"{days} days: one figure of {min(BACK, days)} days back corrected")
        found = Found(country, figures, full, night, correction, floor, floor_day, pandas)
    _print_runs(found)
    return found


def _run(home: Path, campaign: Path, country: Country, day: int, what: str, *options: str) -> Run:
    on = country.day(day)
    measured = tiendo(
        home, "run", ID, "--to", on.isoformat(), *options, "--campaigns", str(campaign.parent), TIENDO_NOW=now_on(on), TIENDO_LANG="en"
    )
    return Run(what, measured, last_run(home))


def _by_hand(how: str, home: Path, campaign: Path, since: str = "") -> dict[str, float]:
    run = measure([sys.executable, "-m", "bench.national.floor", how, str(home / "lake"), str(campaign), *([since] if since else [])])
    return json.loads(run.output.splitlines()[-1]) | {"mb": run.peak_mb}


def _write_correction(connection: duckdb.DuckDBPyConnection, country: Country, days: int, inbox: Path) -> None:
    """A file of one report of some days back, with one figure more by one, where the next report still is above it."""
    on = country.day(max(0, days - BACK))
    columns = ", ".join(f"max(value) FILTER (indicator_id = '{name}') AS {name}" for name in INDICATORS)
    make_day(connection, country, max(0, days - BACK))
    stamp = f"{country.day(days):%Y%m%d}T193000"
    connection.execute(
        f"""COPY (
                SELECT unit_code, DATE '{on}' AS day, 'noon' AS slot,
                    * EXCLUDE (unit_code, next_one) REPLACE (cards_issued + 1 AS cards_issued)
                FROM (
                    SELECT unit_code, {columns}, any_value(evening) AS next_one
                    FROM said JOIN (SELECT i, value AS evening FROM said WHERE s = 1 AND indicator_id = 'cards_issued') USING (i)
                    WHERE s = 0 GROUP BY unit_code
                ) WHERE next_one > cards_issued + 1 ORDER BY unit_code LIMIT 1
            ) TO '{inbox / f"p01_noon_{stamp}.csv"}' (HEADER)"""
    )


def _print_runs(found: Found) -> None:
    table = Table(title=f"{found.country.days} days, {found.figures:,} figures", title_justify="left")
    for heading in ("what", "seconds", "of CPU", "peak MB", "x floor (CPU)"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for what, script in (
        ("by hand in DuckDB, all days", found.floor),
        ("by hand in pandas, all days", found.pandas),
        ("by hand in DuckDB, one new day", found.floor_day),
    ):
        cells = [f"{script['seconds']:.1f}", f"{script['cpu']:.1f}", f"{script['mb']:,.0f}", f"{script['cpu'] / found.floor['cpu']:.1f}"]
        table.add_row(what, *cells)
    for run in (found.full, found.night, found.correction):
        m = run.measured
        row = [f"{m.seconds:.1f}", f"{m.cpu_seconds:.1f}", f"{m.peak_mb:,.0f}", f"{m.cpu_seconds / found.floor['cpu']:.1f}"]
        table.add_row(run.what, *row)
    console.print(table)
    parts = Table(title="Where the time goes (wall seconds; statements of models and tests run on two threads)", title_justify="left")
    names = ("land", "read", "judge", "of it GX", "acts", "receipts", "register", "dbt", "publish", "start, checks")
    for heading in ("run", *names, "dbt's start", "models' SQL", "tests' SQL"):
        parts.add_column(heading, justify="left" if heading == "run" else "right")
    for run in (found.full, found.night, found.correction):
        steps = {**run.measured.steps, "of it GX": run.measured.steps.get("gx", 0.0)}
        told = sum(seconds for step, seconds in run.measured.steps.items() if step != "gx")
        steps["start, checks"] = run.measured.seconds - told
        cells = [f"{steps.get(name, 0):.1f}" for name in names]
        rest = [f"{steps.get('dbt', 0) - run.dbt.elapsed:.1f}", f"{run.dbt.models:.1f}", f"{run.dbt.tests:.1f}"]
        parts.add_row(run.what, *cells, *rest)
    console.print(parts)
    for run in (found.full, found.night, found.correction):
        slow = ", ".join(f"{name} {seconds:.2f}" for name, seconds in run.dbt.slowest())
        console.print(f"slowest models, {run.what}: {slow}", highlight=False)


def _judge(all_found: list[Found], quick: bool) -> int:
    """Print each need with what was found; 0 when all are met, or when the country was too small to tell."""
    lines: list[tuple[str, float, float]] = []
    for found in all_found:
        of, night, full = f"{found.country.days} days", found.night, found.full
        if found.country.days <= 60:
            lines += [
                (f"{of}: a night, seconds", night.measured.seconds, NIGHT_S),
                (f"{of}: a night, MB", night.measured.peak_mb, NIGHT_MB),
                (f"{of}: a night, models' own SQL, seconds", night.dbt.models, MODELS_S),
                (f"{of}: full build, seconds", full.measured.seconds, FULL_S),
                (
                    f"{of}: full build, models like the floor's, x floor",
                    full.dbt.like_the_floor / found.floor["seconds"],
                    FLOORS,
                ),
            ]
        lines.append((f"{of}: full build, MB", full.measured.peak_mb, NIGHT_MB))
        ratio = found.correction.measured.cpu_seconds / night.measured.cpu_seconds
        lines.append((f"{of}: a correction, x a night (CPU)", ratio, CORRECTED))
    if len(all_found) == 2:
        short, long = (found.night.measured.cpu_seconds for found in all_found)
        lines.append((f"a night on {all_found[1].country.days} days, x one on {all_found[0].country.days} (CPU)", long / short, GROWTH))
    table = Table(title="Needs", title_justify="left")
    for heading in ("what", "found", "needed", "met"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for what, value, need in lines:
        table.add_row(what, f"{value:,.1f}", f"{need:,.1f}", "yes" if value <= need else "NO")
    console.print(table)
    return 0 if quick or all(value <= need for _, value, need in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
