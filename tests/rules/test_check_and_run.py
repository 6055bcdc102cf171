"""A check finds what a run finds: rules counted by DuckDB and by Great Expectations give the same findings; a run answers every file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rule_batches import UNITS, campaign, run_batch, write_batch

import pipeline
from expectations.engine import count_in_duckdb
from expectations.gate import judge_into
from tiendo import lake
from tiendo.errors import RuleError
from tiendo.settings import Settings

pytestmark = pytest.mark.slow

ROWS = [
    {"unit": "303", "received": 100, "activated": 140},
    {"unit": "304", "received": -7},
    {"unit": "304", "received": "many", "at": "2023-06-12"},
    {"unit": "305", "received": 5, "activated": 1, "at": "2023-06-12"},
    {"unit_raw": "Ở đâu", "received": 3},
]
EARLIER = [{"unit": "303", "received": 200, "activated": 40, "at": "2023-06-12", "got": "2023-06-12 09:00", "file": "z"}]


def test_the_quick_count_and_great_expectations_give_the_same_tables(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(), EARLIER)
    parsed, staged = write_batch(tmp_path / "again", ROWS), tmp_path / "staged"
    staged.mkdir()
    before = {path: path.read_bytes() for path in (tmp_path / "lake").rglob("*.parquet")}
    quick = judge_into(staged, Settings(tmp_path, ()), campaign(), parsed, UNITS, count=count_in_duckdb)
    assert {path: path.read_bytes() for path in (tmp_path / "lake").rglob("*.parquet")} == before
    told = run_batch(tmp_path, campaign(), ROWS)
    assert quick.by_rule == told.by_rule
    assert {"cumulative_fall", "negative_value", "unparsable_number", "unit_not_open", "unknown_unit"} <= set(told.by_rule)
    for name in lake.SCHEMAS:
        written = staged / f"{name}.parquet"
        if written.is_file():
            assert written.read_bytes() == lake.table_path(tmp_path / "lake", name, "rehearsal", told.batch_id).read_bytes(), name


def test_a_rule_that_raises_is_our_fault_in_a_check_too() -> None:
    import duckdb

    with duckdb.connect() as connection, pytest.raises(RuleError, match="rule 'odd' raised an error"):
        connection.execute("CREATE TABLE r AS SELECT 1 AS item_id")
        count_in_duckdb(connection, "r", [("odd", "nothing = 1")])


def test_a_run_answers_every_file_and_makes_up_for_what_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "campaigns" / "c"
    (folder / "inbox").mkdir(parents=True)
    (folder / "units.csv").write_text("unit_code,unit_name,level,parent_code\n1,Một,xa,\n", encoding="utf-8")
    (folder / "campaign.yml").write_text(
        """id: c
name: {vi: C, en: C}
starts_on: 2023-06-01
ends_on: 2023-06-30
levels: [{id: xa, name: {vi: Xã, en: Commune}}]
units: {file: units.csv}
indicators: [{id: n, name: {vi: Số, en: Number}, kind: cumulative}]
sources: [{id: s, path: inbox, as_of: ngay, unit: {code: ma}, indicators: {n: so}}]
""",
        encoding="utf-8",
    )
    (folder / "inbox" / "a.csv").write_text("ma,ngay,so\n1,2023-06-02,5\n", encoding="utf-8")
    (folder / "inbox" / "b.csv").write_text("", encoding="utf-8")
    settings = Settings(tmp_path / "home", (tmp_path / "campaigns",))
    first = pipeline.collect(settings, "c")
    assert (first.receipts, first.receipts_folder) == (2, settings.home / "receipts" / "campaign_id=c")
    found = {path.parent: json.loads(path.read_bytes()) for path in first.receipts_folder.glob("*/receipt.json")}
    assert sorted((d["file"]["file_name"], d["verdict"]) for d in found.values()) == [("a.csv", "accepted"), ("b.csv", "rejected")]
    assert pipeline.collect(settings, "c").receipts == 0
    next(iter(found)).rename(tmp_path / "gone")
    assert pipeline.collect(settings, "c").receipts == 1
