"""The gate: a parsed batch judged by every rule, sorted into lanes and put into the lake, whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from expectations import activity, context, findings, lanes, marks, remarks, reports, series, validations, waivers, withdrawn
from expectations.catalogue import Tuned, tune
from expectations.engine import Counter, count_failures
from expectations.signs import relation_of
from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.home import scratch_folder
from tiendo.settings import Settings


@dataclass
class GateResult:
    """What became of a batch. `counts`: files and rows by lane; `by_rule`: findings per rule; `seconds`: time per step.

    Findings without effect do not count: those of rules on trial are in `shadows`. `problems`: rules on trial that raised.
    """

    batch_id: str
    counts: dict[str, int] = field(default_factory=dict)
    findings: int = 0
    by_rule: dict[str, int] = field(default_factory=dict)
    shadows: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def judge(
    settings: Settings,
    campaign: Campaign,
    parsed: Path,
    units: pd.DataFrame,
    until: datetime | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> GateResult:
    """Judge the parsed batch in folder `parsed` (docs/data.md) and commit it to the lake; on any error nothing is in the lake."""
    with scratch_folder(settings.scratch, f"gate-{campaign.id}-") as staged:
        suites: list[dict[str, Any]] = []
        result = judge_into(staged, settings, campaign, parsed, units, until, progress, validations.keeping(suites))
        validations.write(settings, campaign.id, result.batch_id, suites)
        lake.commit(staged, settings, campaign.id, result.batch_id)
    return result


def judge_into(
    staged: Path,
    settings: Settings,
    campaign: Campaign,
    parsed: Path,
    units: pd.DataFrame,
    until: datetime | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    count: Counter = count_failures,
    tuned: Tuned | None = None,
    row_lanes: Path | None = None,
) -> GateResult:
    """Judge the parsed batch and write the lake's tables of it into the folder `staged`, one Parquet file each. The lake is only read.

    `units`: the register, as tiendo.units.load_units gives it. `until`: history that arrived later is not looked at.
    `progress` is called with (step, 0 or 1, 1) as each step begins and ends. `count`: who counts the failures of the rules
    (expectations/engine.py). `tuned`: another catalogue than ours. `row_lanes`: a Parquet file to write with the lane of every row
    (file_id, file_name, row_number, unit_code, lane). Raises CampaignError (rules of the campaign), RuleError (a rule raised: ours) and
    ReconciliationError (counts do not add up).
    """
    tuned = tuned or tune(campaign)
    seconds: dict[str, float] = {}
    problems: list[str] = []

    @contextmanager
    def step(name: str) -> Iterator[None]:
        if progress:
            progress(name, 0, 1)
        started = time.perf_counter()
        yield
        seconds[name] = round(time.perf_counter() - started, 3)
        if progress:
            progress(name, 1, 1)

    rows = pq.read_metadata(parsed / "rows.parquet").num_rows
    with scratch_folder(settings.scratch, f"gate-{campaign.id}-") as folder, closing(context.open_connection(folder, rows)) as connection:
        with step("context"):
            limit = until.astimezone(UTC).isoformat() if until else None
            prepare(connection, settings, campaign, parsed, units, tuned, limit)
        with step("rules"):
            for relation in ("rows", "cells", "marks", "reports"):
                problems += findings.find(connection, tuned.on("gate", relation), f"context_{relation}", count)
            lanes.judge_rows(connection, [r for r in tuned.on("gate") if r.over != "series"])
        with step("history"):
            series.build(connection, settings, campaign, tuned, limit)
        with step("rules over series"):
            for relation in ("context_series", "context_signs"):
                chosen = [rule for rule in tuned.on("gate", "series") if relation_of(rule) == relation]
                problems += findings.find(connection, chosen, relation, count)
            lanes.judge_rows(connection, tuned.on("gate"))
        with step("lanes"):
            activity.count(connection, tuned)
            lanes.build_tables(connection, settings, campaign, parsed)
        with step("findings"):
            problems += findings.word(connection, settings, campaign, tuned, parsed)
            waivers.mark(connection)
        with step("writing"):
            lanes.write_tables(connection, campaign, staged)
            remarks.write(connection, campaign, parsed, staged)
            withdrawn.add(settings, campaign, staged)
            if row_lanes:
                lanes.write_row_lanes(connection, row_lanes)
        return _result(connection, seconds, problems)


def _with_discovered(units: pd.DataFrame, parsed: Path) -> pd.DataFrame:
    """The register with the units that this batch is the first to show: they owe their slots like the others."""
    path = parsed / "units.parquet"
    if not path.is_file():
        return units
    found = pd.read_parquet(path).astype(object)
    found = found[~found["unit_code"].isin(units["unit_code"])]
    if found.empty:
        return units
    found = found.where(found.notna(), None).reindex(columns=units.columns)
    return pd.concat([units.astype(object), found.astype(object).where(found.notna(), None)], ignore_index=True)


def prepare(
    connection: context.duckdb.DuckDBPyConnection,
    settings: Settings,
    campaign: Campaign,
    parsed: Path,
    units: pd.DataFrame,
    tuned: Tuned,
    until: str | None = None,
) -> None:
    """Every relation that rules judge before the series are known, and the empty table found; `tiendo rules lint` uses it too."""
    units = _with_discovered(units, parsed)
    context.build(connection, campaign, parsed, units, tuned)
    marks.build(connection, parsed)
    reports.build(connection, settings, campaign, units, tuned, until)
    waivers.build(connection, settings, campaign)
    connection.execute("CREATE TABLE found (rule_id VARCHAR, item_id BIGINT, row_id BIGINT, edition VARCHAR)")


def _result(connection: context.duckdb.DuckDBPyConnection, seconds: dict[str, float], problems: list[str]) -> GateResult:
    names = ["files", "files_unreadable", "files_duplicate", *(f"rows_{lane}" for lane in ("received", *lanes.LANES))]
    sums = ", ".join(f"sum(rows_{lane})" for lane in ("received", *lanes.LANES))
    row = connection.execute(
        f"""SELECT count(*), count(*) FILTER (status = 'unreadable'), count(*) FILTER (status = 'duplicate'), {sums} FROM out_batches"""
    ).fetchone()
    by_rule, shadows = (
        dict(connection.execute(f"SELECT rule_id, count(*) FROM out_findings WHERE {which} GROUP BY ALL ORDER BY rule_id").fetchall())
        for which in ("effect <> 'none'", "effect_reason = 'shadow'")
    )
    return GateResult(
        batch_id=context.scalar(connection, "SELECT any_value(batch_id) FROM files"),
        counts={name: int(value or 0) for name, value in zip(names, row or (), strict=True)},
        findings=sum(by_rule.values()),
        by_rule=by_rule,
        shadows=shadows,
        seconds=seconds,
        problems=problems,
    )
