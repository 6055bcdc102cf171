"""A lake and a register written by hand, and dbt over them: what goes in is chosen so that the answers can be worked out on paper."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from expectations.catalogue import load_catalogue
from expectations.rule_tables import SCHEMA as RULES
from expectations.rule_tables import rule_row
from tiendo.lake import SCHEMAS as LAKE
from tiendo.register import SCHEMAS as REGISTER

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"
Row = dict[str, Any]

TABLES = {**REGISTER, "rules": RULES}
_CATALOGUE = {rule.id: rule for rule in load_catalogue()}
LANES = ("accepted", "held", "rejected", "duplicate")


def moment(text: str) -> datetime:
    """`2023-06-01 10:00` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


class House:
    """One home folder: `register`, `lake` and any number of warehouses over them."""

    def __init__(self, root: Path) -> None:
        self.root, self.lake, self.register = root, root / "lake", root / "register"
        self.lake.mkdir(parents=True)

    def write_register(self, campaign_id: str, **tables: list[Row]) -> None:
        """Every table of the register for a campaign; tables not named are empty, and open units owe the slots of their level."""
        tables.setdefault("obligations", _obligations(tables.get("slots", []), tables.get("units", [])))
        # Of a rule a test says what matters to it; the rest is as in the catalogue.
        tables["rules"] = [rule_row(_CATALOGUE[row["rule_id"]]) | row for row in tables.get("rules", [])]
        for name, schema in TABLES.items():
            rows = [{"campaign_id": campaign_id, **row} for row in tables.get(name, [])]
            _write(self.register / name / f"campaign_id={campaign_id}.parquet", rows, schema)

    def write_batch(self, campaign_id: str, batch_id: str, **tables: Iterable[Row]) -> None:
        """Every table of the lake for a batch; `batches` is made from the submissions unless given."""
        rows = {name: [{"campaign_id": campaign_id, "batch_id": batch_id, **row} for row in given] for name, given in tables.items()}
        if "batches" not in rows:
            files = {row["file_id"]: row for row in rows.get("submissions", []) + rows.get("figures", [])}
            rows["batches"] = [
                {
                    "campaign_id": campaign_id, "batch_id": batch_id, "source_id": "s", "file_id": name, "file_name": f"{name}.csv",
                    "sha256": name, "received_at": row["received_at"], "status": "read",
                    "rows_received": 1, "rows_accepted": 1, "rows_held": 0, "rows_rejected": 0, "rows_duplicate": 0, "is_simulated": False,
                }
                for name, row in files.items()
            ]  # fmt: skip
        for name, schema in LAKE.items():
            _write(self.lake / name / f"campaign_id={campaign_id}" / f"{batch_id}.parquet", rows.get(name, []), schema)

    def build(self, name: str = "w", *arguments: str) -> duckdb.DuckDBPyConnection:
        """`dbt build` into warehouse `name` (incremental where it exists), then a read-only connection to it."""
        target = self.root / "target"
        command = [
            sys.executable, "-m", "dbt.cli.main", "--quiet", "build", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
            "--target-path", str(target), "--log-path", str(target / "logs"),
        ]  # fmt: skip
        done = subprocess.run(
            [*command, *(arguments or ("--exclude-resource-type", "unit_test"))],
            env=self.environment(name),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return duckdb.connect(str(self.warehouse(name)), read_only=True)

    def warehouse(self, name: str = "w") -> Path:
        return self.root / f"{name}.duckdb"

    def environment(self, name: str = "w") -> dict[str, str]:
        paths = {"TIENDO_LAKE": str(self.lake), "TIENDO_REGISTER": str(self.register), "TIENDO_WAREHOUSE": str(self.warehouse(name))}
        return os.environ | paths | {"DO_NOT_TRACK": "1"}


def of_campaign(house: House, campaign_id: str, sql: str, name: str = "nightly") -> list[tuple[Any, ...]]:
    """Rows of a query over the marts as if the warehouse had this campaign only."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{house.warehouse(name)}' as w (read_only)")
        connection.execute("create schema marts")
        tables = connection.execute(
            """select distinct table_name from duckdb_columns()
            where database_name = 'w' and schema_name = 'marts' and column_name = 'campaign_id'"""
        )
        for (table,) in tables.fetchall():
            connection.execute(f"create view marts.{table} as select * from w.marts.{table} where campaign_id = '{campaign_id}'")
        return connection.execute(sql).fetchall()


def figure(file: str, unit: str, value: float | None, as_of: str, received: str, **more: Any) -> Row:
    """An accepted figure; its submission is `<file>/<unit>` unless said otherwise."""
    at = datetime.fromisoformat(as_of)
    return {
        "source_id": "s", "file_id": file, "submission_id": f"{file}/{unit}", "unit_code": unit, "indicator_id": "done",
        "as_of": at, "as_of_date": at.date(), "slot_id": None, "value": value, "cell": "value", "lane": "accepted",
        "is_correction": False, "is_total_row": False, "row_count": 1, "priority": 0, "received_at": moment(received), **more,
    }  # fmt: skip


def submission(file: str, unit: str | None, slot: str | None, received: str, **more: Any) -> Row:
    """A valid submission of one row."""
    rows = dict.fromkeys((f"rows_{lane}" for lane in LANES), 0) | {"rows_received": 1, "rows_accepted": 1}
    return {
        "source_id": "s", "file_id": file, "submission_id": f"{file}/{unit}", "unit_code": unit, "slot_id": slot,
        "received_at": moment(received), "lane": "accepted", "is_valid": True, **rows, "figure_count": 1, "finding_count": 0,
        "checks_applied": 1, **more,
    }  # fmt: skip


def campaign_row(horizon: str, **more: Any) -> Row:
    """A campaign of June 2023 in UTC whose boards rank by attained_pct within the level."""
    return {
        "name_vi": "Chiến dịch", "name_en": "Campaign", "time_zone": "UTC", "starts_on": day("2023-06-01"),
        "ends_on": day("2023-06-30"), "board_indicator_id": "done", "board_level": "commune", "rank_by": "attained_pct",
        "peer_group_by": "level", "is_simulated": False, "horizon_at": moment(horizon), "horizon_date": moment(horizon).date(), **more,
    }  # fmt: skip


def unit(code: str, level: str, parent: str | None, **more: Any) -> Row:
    depth = {"city": 1, "district": 2, "commune": 3}[level]
    return {"unit_code": code, "unit_name": f"Unit {code}", "level": level, "depth": depth, "parent_code": parent, "kind": "unit",
            "is_discovered": False, **more}  # fmt: skip


def indicator(code: str = "done", kind: str = "cumulative", **more: Any) -> Row:
    return {"indicator_id": code, "name_vi": code, "name_en": code, "kind": kind, "is_required": True, "is_fractional": False,
            "position": 1, **more}  # fmt: skip


def daily_slots(first: str, days: int, level: str, cutoff_hour: int = 17, grace_minutes: int = 0) -> list[Row]:
    rows = []
    for number in range(days):
        on = day(first) + timedelta(days=number)
        cutoff = datetime(on.year, on.month, on.day, cutoff_hour, tzinfo=UTC)
        closes = cutoff + timedelta(minutes=grace_minutes)
        rows.append(
            {"slot_id": f"daily/{on}", "slot_name": "daily", "slot_date": on, "cutoff_at": cutoff, "closes_at": closes, "level": level}
        )
    return rows


def _obligations(slots: list[Row], units: list[Row]) -> list[Row]:
    days: dict[tuple[str, str], list[date]] = {}
    for slot in slots:
        days.setdefault((slot["slot_name"], slot["level"]), []).append(slot["slot_date"])
    spans = [
        {
            "unit_code": unit["unit_code"], "slot_name": name,
            "first_on": max(min(on), unit.get("opened_on") or min(on)),
            "last_on": min(max(on), unit.get("closed_on") or max(on)),
        }
        for (name, level), on in days.items()
        for unit in units
        if unit["level"] == level and unit["kind"] == "unit"
    ]  # fmt: skip
    return [span for span in spans if span["first_on"] <= span["last_on"]]


def _write(path: Path, rows: list[Row], schema: pa.Schema) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
