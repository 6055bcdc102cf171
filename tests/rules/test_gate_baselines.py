"""Baselines and what is held because of them: a held figure is nobody's baseline, whatever way the reports are batched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rule_batches import campaign, run_batch, table

from expectations import timeline

pytestmark = pytest.mark.slow

QUIET = {"rules": {"after_cutoff": {"on": False}}}
LEVELS = [1000, 1103, 1200, 1310, 1405, 1509, 1608, 1714, 1815]  # growths around 102, at most 110


def day(number: int, value: Any, **more: Any) -> dict[str, Any]:
    at = f"2023-06-{number:02d}"
    return {"file": f"f{number:02d}", "unit": "303", "received": value, "at": at, "got": f"{at} 09:00"} | more


def reports(values: list[Any], **more: Any) -> list[dict[str, Any]]:
    return [day(number, value) for number, value in enumerate(values, start=1)]


def found(home: Path, rule_id: str) -> list[int]:
    """Days on which a rule found the figure."""
    return sorted(f["as_of"].day for f in table(home, "findings") if f["rule_id"] == rule_id)


def held(home: Path) -> list[int]:
    return sorted(f["as_of"].day for f in table(home, "figures") if f["lane"] == "held")


def test_a_held_jump_is_nobodys_baseline_so_the_truth_after_it_is_no_fall(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(**QUIET), reports([*LEVELS, 19170, 2020, 2119]))
    assert held(tmp_path) == found(tmp_path, "implausible_jump") == [10]
    assert found(tmp_path, "cumulative_fall") == []


def test_a_level_that_stays_and_grows_comes_back_in_with_its_third_report(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(**QUIET), reports([*LEVELS, 19170, 19270, 19375, 19480]))
    assert held(tmp_path) == [10, 11]
    assert found(tmp_path, "cumulative_fall") == []


@pytest.mark.parametrize(("enough", "expected"), [(38, [10]), (0, [])])
def test_a_series_with_few_reports_nearby_is_measured_by_older_ones(
    enough: int, expected: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two slots near by are too few for a baseline; without reading on, nothing would be held."""
    monkeypatch.setattr(timeline, "NEAR_SLOTS", 2)
    monkeypatch.setattr(timeline, "ENOUGH", enough)
    run_batch(tmp_path, campaign(**QUIET), reports(LEVELS))
    run_batch(tmp_path, campaign(**QUIET), [day(10, 19170)])
    assert held(tmp_path) == expected


def test_a_level_that_is_only_repeated_does_not_come_back_in(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(**QUIET), reports([*LEVELS, 19170, 19170, 19170]))
    assert held(tmp_path) == [10, 11, 12]


def test_a_declared_correction_is_not_held_and_is_the_new_baseline(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(**QUIET), [*reports(LEVELS), day(10, 19170, is_correction=True), day(11, 19270)])
    assert held(tmp_path) == []


def test_day_by_day_finds_and_holds_the_same_as_all_in_one_batch(tmp_path: Path) -> None:
    values = [*LEVELS, 19170, 2020, 2020, 2020, 2020, 2530, 2600, 25990, 2711, 2600]
    for report in reports(values):
        run_batch(tmp_path / "daily", campaign(**QUIET), [report])
    run_batch(tmp_path / "at once", campaign(**QUIET), reports(values))
    one, other = ({(f["rule_id"], f["as_of"].day, f["score"]) for f in table(tmp_path / name, "findings")} for name in ("daily", "at once"))
    assert one == other
    assert held(tmp_path / "daily") == held(tmp_path / "at once") == [10, 17, 19]
    assert found(tmp_path / "daily", "held_back_then_jump") == [15]


def test_six_growths_are_too_few_to_judge_by(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(**QUIET), reports([*LEVELS[:7], 16080]))
    assert held(tmp_path) == [] and found(tmp_path, "outlier") == []


def test_a_series_that_begins_after_slots_of_zero_is_not_held(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(**QUIET), reports([0] * 10 + [400, 900]))
    assert held(tmp_path) == []


def test_an_increment_of_ten_times_the_usual_is_flagged_and_not_held(tmp_path: Path) -> None:
    kinds = [{"id": name, "name": {"vi": name, "en": name}, "kind": "increment", "required": False} for name in ("received", "activated")]
    values = [103, 97, 110, 95, 104, 99, 106, 1010, 101, 204, 98]
    run_batch(tmp_path, campaign(indicators=kinds, **QUIET), reports(values))
    assert held(tmp_path) == []
    assert found(tmp_path, "outlier") == [8]


def test_a_figure_that_was_restated_is_judged_by_the_versions_known_when_it_came(tmp_path: Path) -> None:
    # Day 9 is first sent as 1,715 and mended three days later: day 10 grew by 202 for what was known then, and by 102 later.
    first = [*reports(LEVELS[:8]), day(9, 1715), day(10, 1917), day(11, 2020), day(12, 2119)]
    run_batch(tmp_path, campaign(**QUIET), [*first, day(9, 1815) | {"file": "mended", "got": "2023-06-12 10:00"}])
    assert held(tmp_path) == []
    scores = {f["as_of"].day: f["score"] for f in table(tmp_path, "findings") if f["rule_id"] == "seesaw"}
    assert sorted(scores) == [10]


def test_a_copy_of_a_whole_series_finds_only_what_is_new_in_it(tmp_path: Path) -> None:
    source = {"source": {"resubmits": "whole_series"}}
    values = [*LEVELS, 2115, 2217]
    for last in (10, 11):
        got = f"2023-06-{last:02d} 09:00"
        rows = [
            {"file": f"copy{last}", "unit": "303", "received": v, "at": f"2023-06-{n:02d}", "got": got}
            for n, v in enumerate(values[:last], 1)
        ]
        run_batch(tmp_path, campaign(**source, **QUIET), rows)
    assert found(tmp_path, "outlier") == [10]
