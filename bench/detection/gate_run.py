"""tiendo itself on a panel: a campaign and a parsed batch as the readers hand it over, judged by the gate; the findings come back."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from bench.detection.panels import Panel
from expectations.catalogue import tune
from expectations.gate import judge
from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.campaign_file import read_campaign
from tiendo.settings import Settings
from tiendo.units import load_units

_text, _int, _float, _bool = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_moment = pa.timestamp("us", tz="UTC")
_FILES = {
    "batch_id": _text, "campaign_id": _text, "source_id": _text, "file_id": _text, "file_name": _text, "container_name": _text,
    "sha256": _text, "size_bytes": _int, "received_at": _moment, "received_by": _text, "landed_at": _moment, "sender": _text,
    "format": _text, "encoding": _text, "delimiter": _text, "sheet": _text, "header_row": _int, "status": _text, "duplicate_of": _text,
    "failure_rule": _text, "failure_text": _text, "rows_received": _int, "is_simulated": _bool,
}  # fmt: skip
_ROWS = {
    "file_id": _text, "row_number": _int, "sheet": _text, "unit_code": _text, "unit_match": _text, "unit_raw": _text,
    "unit_suggestions": _text, "as_of_raw": _text, "as_of": pa.timestamp("us"), "slot_raw": _text, "sender": _text, "sender_role": _text,
    "is_correction": _bool, "received_at": _moment, "row_key": _text, "row_hash": _text, "fault_rule": _text, "fault_text": _text,
}  # fmt: skip
_CELLS = {
    "file_id": _text, "row_number": _int, "indicator_id": _text, "column_name": _text, "raw_text": _text, "value": _float, "cell": _text,
}  # fmt: skip

LOOSE = 0.2  # rules that measure and only flag are run at so much of their threshold, so that a curve can be drawn on both sides of it
# Chosen on the half `tune`: a distance in spreads is not a chance, and its threshold moves as the square of the others.
PACE = {"outlier": 2.0}


@dataclass
class Judged:
    """`relative` [unit, slot]: the highest score of a finding in units of its rule's threshold (infinite: a rule that does not measure), 0
    without a finding. `found`: the findings, with unit_no, slot_no and relative score."""

    relative: np.ndarray
    found: pd.DataFrame


def write_campaign(panel: Panel, folder: Path, rules: dict[str, Any] | None = None) -> Campaign:
    """A campaign folder for the panel: campaign.yml, units.csv and, where there are targets, targets.csv; read as tiendo reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {text: {"vi": text, "en": text} for text in ("Benchmark", "group", "unit", *(i.id for i in panel.indicators))}
    given: dict[str, Any] = {
        "id": "bench", "name": names["Benchmark"], "time_zone": panel.time_zone, "starts_on": panel.days[0], "ends_on": panel.days[-1],
        "levels": [{"id": "group", "name": names["group"]}, {"id": "unit", "name": names["unit"]}],
        "units": {"file": "units.csv"},
        "indicators": [
            {"id": i.id, "name": names[i.id], "kind": i.kind, "required": False} | ({"part_of": i.part_of} if i.part_of else {})
            for i in panel.indicators
        ],
        "slots": [{"id": "daily", "cutoff": "23:59:59", "levels": ["unit"]}],
        "sources": [
            {"id": "reports", "path": "inbox", "as_of": "day", "unit": {"code": "unit"},
             "indicators": {i.id: i.id for i in panel.indicators}}
        ],
    }  # fmt: skip
    _add_known_keys(given, panel)
    if panel.targets is not None:
        level = panel.indicators[panel.cumulatives()[-1]].id
        given["targets"] = {"file": "targets.csv"}
        given["milestones"] = [
            {"id": f"reach_{share:.0f}", "name": names["Benchmark"], "indicator": level, "levels": ["unit"], "threshold_pct": share,
             "due": panel.days[at], "consequence": names["Benchmark"]}
            for at, share in panel.due.items()
        ]  # fmt: skip
        wanted = [
            (panel.indicators[n].id, code, int(goal))
            for n in panel.cumulatives()
            for code, goal in zip(panel.codes, panel.targets, strict=True)
        ]
        pd.DataFrame(wanted, columns=["indicator_id", "unit_code", "target"]).to_csv(folder / "targets.csv", index=False)
    given["rules"] = panel.rules | (rules or {})
    groups = [(code, f"Group {code}", "group", "") for code in dict.fromkeys(f"g{parent}" for parent in panel.parents)]
    units = [(code, f"Unit {code}", "unit", f"g{parent}") for code, parent in zip(panel.codes, panel.parents, strict=True)]
    pd.DataFrame(groups + units, columns=["unit_code", "unit_name", "level", "parent_code"]).to_csv(folder / "units.csv", index=False)
    (folder / "campaign.yml").write_text(yaml.safe_dump(given, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return read_campaign(folder)


def _add_known_keys(given: dict[str, Any], panel: Panel) -> None:
    """Say which increment belongs to which cumulative indicator, where the campaign model has a key for it."""
    from tiendo.campaign import Indicator

    for indicator, entry in zip(panel.indicators, given["indicators"], strict=True):
        if indicator.daily_of and "increment_of" in Indicator.model_fields:
            entry["increment_of"] = indicator.daily_of


def thresholds(campaign: Campaign) -> dict[str, float]:
    """Rule id -> threshold, of the rules that measure (`shows: {score: ...}`) against a param `threshold`."""
    return {
        rule.id: float(rule.params["threshold"])
        for rule in tune(campaign).on("gate")
        if "score" in rule.shows and "threshold" in rule.params
    }


def loosened(campaign: Campaign) -> dict[str, Any]:
    """Tunings that run the measuring rules which only flag far below their threshold: what they find changes no history."""
    flags = {rule.id for rule in tune(campaign).on("gate") if rule.severity == "flag" and not rule.lane}
    given = thresholds(campaign)
    return {rule_id: {"params": {"threshold": LOOSE ** PACE.get(rule_id, 1.0) * given[rule_id]}} for rule_id in given if rule_id in flags}


def judge_panel(panel: Panel, values: np.ndarray, folder: Path) -> Judged:
    """Run the gate on figures `values` [indicator, unit, slot] and read what it finds. `folder` is emptied afterwards."""
    plain = write_campaign(panel, folder / "plain" / "bench")
    campaign = write_campaign(panel, folder / "tuned" / "bench", loosened(plain))
    settings = Settings(folder / "home", ())
    judge(settings, campaign, write_batch(panel, values, folder / "parsed"), load_units(settings, campaign))
    paths = lake.paths(settings, "findings", campaign.id)
    columns = "unit_code, as_of, rule_id, severity, indicator_id, value, expected, score"
    query = f"SELECT {columns} FROM read_parquet($paths) WHERE unit_code IS NOT NULL"
    found = duckdb.connect().execute(query, {"paths": paths}).df()
    shutil.rmtree(folder)
    return place(panel, found, thresholds(plain))


def place(panel: Panel, found: pd.DataFrame, limits: dict[str, float]) -> Judged:
    """Findings on the panel's units and slots: unit_no, slot_no and relative score (infinite where a rule does not measure) of each.

    A relative score of f is found when all thresholds are moved by f, each at its PACE.
    """
    units = found["unit_code"].map({code: n for n, code in enumerate(panel.codes)})
    slots = (pd.to_datetime(found["as_of"]).dt.normalize() - pd.Timestamp(panel.days[0])).dt.days
    limit = found["rule_id"].map(limits).astype(float)
    pace = 1 / found["rule_id"].map(PACE).fillna(1.0).astype(float)
    score = (found["score"].astype(float).abs() / limit) ** pace
    scores = score.where(limit.notna() & found["score"].notna(), np.inf)
    placed = units.notna() & slots.between(0, len(panel.days) - 1)
    kept = found.assign(unit_no=units, slot_no=slots, relative=scores)[placed].astype({"unit_no": int, "slot_no": int})
    relative = np.zeros(panel.values.shape[1:])
    np.maximum.at(relative, (kept["unit_no"].to_numpy(), kept["slot_no"].to_numpy()), kept["relative"].to_numpy())
    return Judged(relative, kept)


def write_batch(panel: Panel, values: np.ndarray, folder: Path) -> Path:
    """The parsed batch of a file a day, each received in the morning of the next day, so that every day is judged by what was known."""
    folder.mkdir(parents=True, exist_ok=True)
    zero = datetime(panel.days[0].year, panel.days[0].month, panel.days[0].day)
    at = [zero + timedelta(days=(day - panel.days[0]).days) for day in panel.days]
    received = [(moment + timedelta(hours=10)).replace(tzinfo=UTC) for moment in at]
    names = [f"{day:%Y-%m-%d}" for day in panel.days]
    came = ~np.isnan(values).all(axis=0)
    slots, units = np.nonzero(came.T)
    numbers = units + 2
    batch = lake.batch_id(f"{received[-1]:%Y%m%dT%H%M%SZ}", names)
    files = {
        "batch_id": batch, "campaign_id": "bench", "source_id": "reports", "file_id": names, "file_name": [f"{name}.csv" for name in names],
        "container_name": "", "sha256": names, "size_bytes": 1, "received_at": received, "received_by": "clock", "landed_at": received,
        "sender": "", "format": "csv", "encoding": "utf-8", "delimiter": ",", "header_row": 1, "status": "read",
        "rows_received": came.sum(axis=0), "is_simulated": False,
    }  # fmt: skip
    name, code = np.array(names), np.array(panel.codes)
    rows = {
        "file_id": name[slots], "row_number": numbers, "unit_code": code[units], "unit_match": "code", "unit_raw": code[units],
        "as_of_raw": name[slots], "as_of": np.array(at, dtype="datetime64[us]")[slots], "is_correction": False,
        "received_at": np.array([moment.replace(tzinfo=None) for moment in received], dtype="datetime64[us]")[slots],
    }  # fmt: skip
    cells = [_cells(indicator.id, name[slots], numbers, values[n].T[slots, units]) for n, indicator in enumerate(panel.indicators)]
    _write(files, _FILES, folder / "files.parquet")
    _write(rows, _ROWS, folder / "rows.parquet")
    _write(pd.concat(cells, ignore_index=True), _CELLS, folder / "cells.parquet")
    return folder


def _cells(indicator: str, files: np.ndarray, numbers: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    kind = np.where(np.isnan(values), "missing", np.where(values == 0, "zero", "value"))
    raw = ["" if np.isnan(value) else f"{value:.15g}" for value in values]
    given = {"file_id": files, "row_number": numbers, "indicator_id": indicator, "column_name": indicator, "raw_text": raw}
    return pd.DataFrame(given | {"value": values, "cell": kind})


def _write(given: dict[str, Any] | pd.DataFrame, fields: dict[str, pa.DataType], path: Path) -> None:
    frame = pd.DataFrame(given)
    columns = [
        pa.array(frame[name], type=kind, from_pandas=True) if name in frame else pa.nulls(len(frame), kind) for name, kind in fields.items()
    ]
    pq.write_table(pa.Table.from_arrays(columns, names=list(fields)), path)
