from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations import withdrawn
from tiendo import lake
from tiendo.settings import Settings, load_settings

FIRST = datetime.fromisoformat("2021-01-05T20:00:00+00:00")
Copy = dict[tuple[str, int], float]  # (unit, day of January 2021) -> value


def row(copy_no: int, unit: str, day: int, value: float) -> dict[str, Any]:
    """A figure of the copy that arrived on the `copy_no`th evening."""
    as_of = datetime(2021, 1, day)
    return {
        "batch_id": "b", "campaign_id": "c", "source_id": "series", "file_id": f"f{copy_no}", "submission_id": f"f{copy_no}-{unit}",
        "unit_code": unit, "indicator_id": "doses", "as_of": as_of, "as_of_date": as_of.date(), "slot_id": None, "value": value,
        "cell": "value", "lane": "accepted", "is_correction": False, "is_total_row": False, "row_count": 1, "priority": 0,
        "received_at": FIRST + timedelta(days=copy_no),
    }  # fmt: skip


def figures(copies: dict[int, Copy]) -> pa.Table:
    rows = [row(n, unit, day, value) for n, cells in copies.items() for (unit, day), value in cells.items()]
    return pa.Table.from_pylist(rows, schema=lake.SCHEMAS["figures"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path / "home")


def taken_back(
    settings: Settings, new: dict[int, Copy], *, known: dict[int, Copy] | None = None, rejected: list[dict[str, Any]] | None = None,
    resubmits: str = "whole_series",
) -> list[tuple[str, str, int]]:  # fmt: skip
    """(file, unit, day) of what is taken back when the copies `new` arrive beside those `known` to the lake."""
    staged = settings.home / "staged"
    staged.mkdir(parents=True)
    if known:
        for table, content in (("figures", figures(known)), ("batches", pa.table({"batch_id": ["earlier"]}))):
            target = lake.table_path(settings.lake, table, "c", "earlier")
            target.parent.mkdir(parents=True)
            pq.write_table(content, target)
    pq.write_table(figures(new), staged / "figures.parquet")
    pq.write_table(pa.Table.from_pylist(rejected or [], schema=lake.SCHEMAS["findings"]), staged / "findings.parquet")
    campaign: Any = SimpleNamespace(id="c", sources=[SimpleNamespace(id="series", resubmits=resubmits)])
    count = withdrawn.add(settings, campaign, staged)
    written = pq.read_table(staged / "figures.parquet")
    assert written.schema.names == lake.SCHEMAS["figures"].names
    found = [line for line in written.to_pylist() if line["cell"] == "withdrawn"]
    assert count == len(found)
    assert all(line["value"] is None and line["lane"] == "accepted" for line in found)
    if resubmits == "whole_series":
        assert all(line["submission_id"] == f"{line['file_id']}-{line['unit_code']}" for line in found)
    return [(line["file_id"], line["unit_code"], line["as_of"].day) for line in found]


def test_a_day_that_the_newer_copy_leaves_out_is_taken_back_by_it(settings: Settings) -> None:
    found = taken_back(settings, {1: {("A", 1): 5, ("A", 2): 6, ("A", 3): 7}, 2: {("A", 1): 5, ("A", 3): 7}})
    assert found == [("f2", "A", 2)]


def test_what_the_lake_knows_is_taken_back_by_a_copy_that_comes_in_a_later_batch(settings: Settings) -> None:
    found = taken_back(settings, {2: {("A", 1): 5, ("A", 3): 7}}, known={1: {("A", 1): 5, ("A", 2): 6, ("A", 3): 7}})
    assert found == [("f2", "A", 2)]


def test_a_day_taken_back_once_is_not_taken_back_by_every_later_copy(settings: Settings) -> None:
    copies: dict[int, Copy] = {1: {("A", 1): 5, ("A", 2): 6, ("A", 3): 7}}
    copies |= {n: {("A", 1): 5, ("A", 3): 7} for n in (2, 3, 4)}
    assert taken_back(settings, copies) == [("f2", "A", 2)]


def test_a_day_that_comes_again_can_be_taken_back_again(settings: Settings) -> None:
    whole: Copy = {("A", 1): 5, ("A", 2): 6, ("A", 3): 7}
    without: Copy = {("A", 1): 5, ("A", 3): 7}
    assert taken_back(settings, {1: whole, 2: without, 3: whole, 4: without}) == [("f2", "A", 2), ("f4", "A", 2)]


def test_a_unit_that_the_newer_copy_does_not_report_keeps_its_figures(settings: Settings) -> None:
    assert taken_back(settings, {1: {("A", 1): 5, ("B", 1): 6}, 2: {("A", 1): 5}}) == []


def test_a_unit_that_a_newer_whole_file_does_not_have_is_taken_back_within_its_days(settings: Settings) -> None:
    # B was a slip for A: it is in one file only. Its day 4 is after the last day of the newer file, which cannot speak of it.
    copies: dict[int, Copy] = {1: {("A", 1): 5, ("A", 3): 7}, 2: {("A", 1): 5, ("B", 3): 7, ("B", 4): 8}, 3: {("A", 1): 5, ("A", 3): 7}}
    assert taken_back(settings, copies, resubmits="whole_file") == [("f2", "A", 3), ("f3", "B", 3)]


def test_a_unit_that_the_lake_knows_is_taken_back_by_a_whole_file_of_a_later_batch(settings: Settings) -> None:
    known: dict[int, Copy] = {1: {("A", 1): 5, ("B", 1): 6}}
    assert taken_back(settings, {2: {("A", 1): 5}}, known=known, resubmits="whole_file") == [("f2", "B", 1)]


def test_the_next_copy_with_a_unit_speaks_of_it_though_one_between_does_not(settings: Settings) -> None:
    copies: dict[int, Copy] = {1: {("A", 1): 5, ("B", 1): 6, ("B", 2): 7}, 2: {("A", 1): 5}, 3: {("A", 1): 5, ("B", 2): 7}}
    assert taken_back(settings, copies) == [("f3", "B", 1)]


def test_days_before_the_first_and_after_the_last_of_the_newer_copy_stay(settings: Settings) -> None:
    assert taken_back(settings, {1: {("A", 1): 5, ("A", 2): 6, ("A", 4): 8}, 2: {("A", 2): 6, ("A", 3): 7}}) == []


def test_the_first_day_of_one_unit_is_taken_back_where_another_unit_still_has_that_day(settings: Settings) -> None:
    assert taken_back(settings, {1: {("A", 1): 5, ("A", 2): 6, ("B", 1): 1}, 2: {("A", 2): 6, ("B", 1): 1}}) == [("f2", "A", 1)]


def test_a_row_that_is_there_and_was_rejected_takes_nothing_back(settings: Settings) -> None:
    bad = dict.fromkeys(lake.SCHEMAS["findings"].names) | {
        "file_id": "f2", "unit_code": "A", "severity": "reject", "as_of": datetime(2021, 1, 2),
    }  # fmt: skip
    copies: dict[int, Copy] = {1: {("A", 1): 5, ("A", 2): 6, ("A", 3): 7}, 2: {("A", 1): 5, ("A", 3): 7}}
    assert taken_back(settings, copies, rejected=[bad]) == []


def test_a_copy_that_comes_late_is_corrected_by_the_newer_one_that_is_already_known(settings: Settings) -> None:
    found = taken_back(settings, {1: {("A", 1): 5, ("A", 2): 6, ("A", 3): 7}}, known={2: {("A", 1): 5, ("A", 3): 7}})
    assert found == [("f2", "A", 2)]


def test_a_source_that_reports_slot_by_slot_takes_nothing_back(settings: Settings) -> None:
    assert taken_back(settings, {1: {("A", 1): 5, ("A", 2): 6, ("A", 3): 7}, 2: {("A", 1): 5, ("A", 3): 7}}, resubmits="slot") == []
