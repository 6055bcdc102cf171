"""A campaign of two districts whose reports are collected for real, so that what people decide about them can be tried out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

import pipeline
from expectations.engine import count_in_duckdb
from expectations.gate import judge_into
from pipeline import holds
from pipeline.steps import CollectResult
from tiendo.settings import Settings

CAMPAIGN = """id: trial
name: {vi: Thử, en: Trial}
starts_on: 2023-06-01
ends_on: 2023-06-30
levels:
  - {id: city, name: {vi: Thành phố, en: City}}
  - {id: district, name: {vi: Quận, en: District}}
units: {file: units.csv}
indicators:
  - {id: done, name: {vi: Kích hoạt, en: Activated}, kind: cumulative}
slots:
  - {id: daily, cutoff: "17:00", levels: [district]}
sources:
  - id: reports
    path: inbox
    as_of: ngay
    unit: {code: ma}
    indicators: {done: so}
"""
UNITS = "unit_code,unit_name,level,parent_code\nHP,Hải Phòng,city,\nA,Quận A,district,HP\nB,Quận B,district,HP\n"


class Trial:
    """One home and one campaign folder; our clock stands where the last report or `at` put it (UTC, June 2023)."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = root / "campaigns" / "trial"
        self.settings = Settings(root / "home", (root / "campaigns",))
        self._monkeypatch = monkeypatch
        # that DuckDB and GX count alike is tested elsewhere; DuckDB is quicker
        monkeypatch.setattr("expectations.gate.judge_into", lambda *given, **_: judge_into(*given[:7], count=count_in_duckdb))
        (self.folder / "inbox").mkdir(parents=True)
        (self.folder / "campaign.yml").write_text(CAMPAIGN, encoding="utf-8")
        (self.folder / "units.csv").write_text(UNITS, encoding="utf-8")

    def at(self, day: int, hour: int = 9) -> None:
        self._monkeypatch.setenv("TIENDO_NOW", f"2023-06-{day:02}T{hour:02}:00:00+00:00")

    def send(self, day: int, *rows: tuple[str, int, float], hour: int = 9) -> CollectResult:
        """Reports (unit, day, value) that arrive and are collected on that day."""
        lines = [f"{unit},2023-06-{of:02},{value}" for unit, of, value in rows]
        (self.folder / "inbox" / f"{day:02}-{hour:02}.csv").write_text("ma,ngay,so\n" + "\n".join(lines) + "\n", encoding="utf-8")
        self.at(day, hour)
        return pipeline.collect(self.settings, "trial")

    def collect(self) -> CollectResult:
        return pipeline.collect(self.settings, "trial")

    def statuses(self) -> dict[str, str]:
        """`unit/day` -> status of every hold."""
        found = holds.holds(self.settings, "trial", everything=True)
        return {f"{one['unit_code']}/{one['last_as_of'].day}": one["status"] for one in found}

    def hold(self, unit: str) -> str:
        """The id of the newest hold of a unit."""
        return str(holds.holds(self.settings, "trial", unit, everything=True)[-1]["hold_id"])

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """A query over the lake: FROM lake.TABLE."""
        for table in ("figures", "acts", "findings", "batches"):
            query = query.replace(f"lake.{table}", f"read_parquet('{self.settings.lake}/{table}/*/*.parquet', union_by_name = true)")
        return duckdb.sql(query).fetchall()

    def now_known(self, unit: str) -> dict[int, float | None]:
        """Day -> the value that stands, of the newest accepted version."""
        query = f"""SELECT day(as_of), arg_max(struct_pack(value), received_at) FROM lake.figures
                    WHERE unit_code = '{unit}' AND lane = 'accepted' GROUP BY 1"""
        return {day: said["value"] for day, said in self.ask(query)}
