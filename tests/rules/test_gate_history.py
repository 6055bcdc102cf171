"""What a figure is compared with: the last accepted value, as known when it arrived. Every expectation is worked out by hand."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from rule_batches import campaign, run_batch, table

pytestmark = pytest.mark.slow

FLAG = {"rules": {"cumulative_fall": {"severity": "flag"}, "after_cutoff": {"on": False}}}
HOLD = {"rules": {"after_cutoff": {"on": False}}}


def day(number: int, value: Any, *, arrived: int | None = None, **more: Any) -> dict[str, Any]:
    """One report of Hồng Bàng about 2023-06-<number>, in a file of its own, arriving that day or on day `arrived`."""
    got = arrived or number
    file, at, when = f"f{got:02d}-{number:02d}", f"2023-06-{number:02d}", f"2023-06-{got:02d} 09:00"
    return {"file": file, "unit": "303", "received": value, "at": at, "got": when} | more


def falls(home: Path) -> list[tuple[int, float, float]]:
    """(day, value, previous value) of every fall found."""
    found = [f for f in table(home, "findings") if f["rule_id"] == "cumulative_fall"]
    return sorted((f["as_of"].day, f["value"], f["expected"]) for f in found)


def accepted(home: Path, indicator: str = "received") -> list[tuple[int, float]]:
    rows = [f for f in table(home, "figures") if f["lane"] == "accepted" and f["indicator_id"] == indicator]
    return sorted((f["as_of"].day, f["value"]) for f in rows)


def test_a_backfill_is_its_own_history(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(**HOLD), [day(1, 10), day(2, 20), day(3, 15), day(4, 25)])
    assert falls(tmp_path) == [(3, 15, 20)]
    assert accepted(tmp_path) == [(1, 10), (2, 20), (4, 25)]


def test_a_held_fall_is_nobodys_baseline(tmp_path: Path) -> None:
    # 17 is above the held 15 but below the accepted 20; 20 itself is no fall.
    run_batch(tmp_path, campaign(**HOLD), [day(1, 10), day(2, 20), day(3, 15), day(4, 17), day(5, 20), day(6, 21)])
    assert falls(tmp_path) == [(3, 15, 20), (4, 17, 20)]


def test_a_flagged_fall_is_the_baseline_of_the_next_day(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(**FLAG), [day(1, 10), day(2, 20), day(3, 15), day(4, 17), day(5, 16)])
    assert falls(tmp_path) == [(3, 15, 20), (5, 16, 17)]
    assert len(accepted(tmp_path)) == 5


def test_day_by_day_finds_the_same_as_the_backfill(tmp_path: Path) -> None:
    values = [10, 20, 15, 17, 30, 29, 40]
    for n, value in enumerate(values, start=1):
        run_batch(tmp_path / "daily", campaign(**HOLD), [day(n, value)])
    run_batch(tmp_path / "at once", campaign(**HOLD), [day(n, value) for n, value in enumerate(values, start=1)])
    assert falls(tmp_path / "daily") == falls(tmp_path / "at once") == [(3, 15, 20), (4, 17, 20), (6, 29, 30)]


def test_a_declared_correction_becomes_the_new_baseline(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(**HOLD), [day(1, 100), day(2, 60, is_correction=True), day(3, 70), day(4, 65)])
    assert falls(tmp_path) == [(4, 65, 70)]


def test_a_row_held_for_one_indicator_is_no_baseline_for_the_other(tmp_path: Path) -> None:
    # Day 2: received falls, so the row is held, and with it its 500 activated, which day 3 must not be measured by.
    rows = [day(1, 100, activated=50), day(2, 90, activated=500), day(3, 110, activated=60), day(4, 120, activated=55)]
    run_batch(tmp_path, campaign(**HOLD), rows)
    assert falls(tmp_path) == [(2, 90, 100), (4, 55, 60)]
    assert accepted(tmp_path, "activated") == [(1, 50), (3, 60)]


def test_a_row_held_by_another_rule_is_no_baseline(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(**HOLD), [day(1, 100), day(2, 900.5), day(3, 110)])
    assert falls(tmp_path) == []
    assert accepted(tmp_path) == [(1, 100), (3, 110)]


def test_a_late_old_report_is_measured_by_what_was_known_when_each_arrived(tmp_path: Path) -> None:
    # Day 3 arrives on the 3rd when only day 1 is known (10): no fall. Day 2 (50) arrives on the 4th, compared with day 1: no
    # fall. Day 4 arrives on the 5th and is compared with day 3, not with the larger day 2.
    run_batch(tmp_path, campaign(**HOLD), [day(1, 10), day(3, 30), day(2, 50, arrived=4), day(4, 40, arrived=5)])
    assert falls(tmp_path) == []
    assert accepted(tmp_path) == [(1, 10), (3, 30), (4, 40)]  # day 2 would have made day 3 a fall, so it is held
    # Day 6 is known before day 5: day 7 is compared with the newest earlier day, 6.
    run_batch(tmp_path, campaign(**HOLD), [day(6, 60), day(5, 100, arrived=7), day(7, 59, arrived=8)])
    assert falls(tmp_path) == [(7, 59, 60)]


def test_a_report_that_arrives_before_its_predecessor_is_compared_with_an_older_one(tmp_path: Path) -> None:
    # All four wait in one batch; day 3 (30) arrived before day 2 (45) did, so it is compared with day 1 (40).
    run_batch(tmp_path, campaign(**HOLD), [day(1, 40), day(3, 30), day(2, 45, arrived=5), day(4, 44, arrived=6)])
    assert falls(tmp_path) == [(3, 30, 40), (4, 44, 45)]


def test_a_restatement_changes_the_baseline_from_its_arrival_on(tmp_path: Path) -> None:
    # Day 2 is restated from 80 to 20 on the 4th; day 3 (30) arrived before and fell, day 4 (30) arrives after and does not.
    rows = [day(1, 10), day(2, 80), day(3, 30), day(2, 20, arrived=4), day(4, 30, arrived=5)]
    run_batch(tmp_path, campaign(**HOLD), rows)
    assert falls(tmp_path) == [(3, 30, 80)]


def test_figures_of_one_day_and_two_named_slots_stand_side_by_side(tmp_path: Path) -> None:
    slots = [{"id": "am", "cutoff": "08:00", "levels": ["district"]}, {"id": "pm", "cutoff": "17:00", "levels": ["district"]}]
    # Day 2: 20 in the morning, 30 in the afternoon, which is progress; the morning of day 3 (25) falls below that afternoon.
    rows = [day(2, 20, slot_raw="am"), day(2, 30, slot_raw="pm", file="pm"), day(3, 25, slot_raw="am")]
    run_batch(tmp_path, campaign(**HOLD, slots=slots), rows)
    figures = sorted((f["as_of"].isoformat(), f["slot_id"], f["value"]) for f in table(tmp_path, "figures") if f["lane"] == "accepted")
    assert figures == [("2023-06-02T08:00:00", "am/2023-06-02", 20), ("2023-06-02T17:00:00", "pm/2023-06-02", 30)]
    assert falls(tmp_path) == [(3, 25, 30)]


def test_slots_whose_cutoff_is_on_the_next_day_keep_their_order_within_the_day(tmp_path: Path) -> None:
    slots = [
        {"id": "am", "cutoff": "12:00", "levels": ["district"]},
        {"id": "pm", "cutoff": "08:00", "cutoff_day": 1, "levels": ["district"]},
        {"id": "night", "cutoff": "09:00", "cutoff_day": 1, "levels": ["district"]},
    ]
    rows = [day(2, n, arrived=3, slot_raw=slot, file=slot) for n, slot in enumerate(["am", "pm", "night"], start=1)]
    run_batch(tmp_path, campaign(**HOLD, slots=slots), rows)
    figures = sorted((f["as_of"].isoformat(), f["value"]) for f in table(tmp_path, "figures"))
    assert figures == [("2023-06-02T12:00:00", 1), ("2023-06-02T23:59:58", 2), ("2023-06-02T23:59:59", 3)]


def whole_series(*versions: tuple[int, list[float]]) -> list[dict[str, Any]]:
    rows = []
    for arrived, values in versions:
        rows += [day(n, value, arrived=arrived, file=f"v{arrived:02d}") for n, value in enumerate(values, start=1)]
    return rows


def test_in_a_whole_series_a_flagged_fall_that_is_merely_repeated_is_found_once(tmp_path: Path) -> None:
    given = campaign(**FLAG, source={"resubmits": "whole_series"})
    run_batch(tmp_path, given, whole_series((3, [10, 20, 15]), (4, [10, 20, 15, 16])))
    run_batch(tmp_path, given, whole_series((5, [10, 20, 15, 16, 18])))
    assert falls(tmp_path) == [(3, 15, 20)]
    # A new value, or a new previous value, makes it another fall.
    run_batch(tmp_path, given, whole_series((6, [10, 20, 14, 16, 18])))
    run_batch(tmp_path, given, whole_series((7, [10, 21, 14, 16, 18])))
    assert falls(tmp_path) == [(3, 14, 20), (3, 14, 21), (3, 15, 20)]


def test_in_a_whole_series_a_held_fall_stays_held_in_every_version(tmp_path: Path) -> None:
    given = campaign(**HOLD, source={"resubmits": "whole_series"})
    run_batch(tmp_path, given, whole_series((3, [10, 20, 15]), (4, [10, 20, 15, 18])))
    assert falls(tmp_path) == [(3, 15, 20), (3, 15, 20), (4, 18, 20)]


def test_a_whole_series_is_one_submission_in_the_slot_of_its_newest_day(tmp_path: Path) -> None:
    run_batch(tmp_path, campaign(source={"resubmits": "whole_series"}), whole_series((3, [10, 20, 30])))
    submissions = table(tmp_path, "submissions")
    assert [(s["slot_id"], s["rows_received"], s["as_of"].day) for s in submissions] == [("daily/2023-06-03", 3, 3)]
    assert table(tmp_path, "findings") == []  # 09:00 UTC is 16:00 in Viet Nam: in time for that slot


def test_rows_that_add_up_are_added_before_they_are_compared(tmp_path: Path) -> None:
    given = campaign(**HOLD, source={"rows": "summed"})
    one = {"file": "a", "unit": "303", "at": "2023-06-01", "got": "2023-06-01 09:00"}
    two = {"file": "b", "unit": "303", "at": "2023-06-02", "got": "2023-06-02 09:00"}
    rows = [one | {"received": 60, "row_key": "x"}, one | {"received": 40, "row_key": "y"}]
    rows += [two | {"received": 50, "row_key": "x"}, two | {"received": 45, "row_key": "y"}]
    result = run_batch(tmp_path, given, rows)
    assert falls(tmp_path) == [(2, 95, 100)]
    assert result.counts["rows_held"] == 2 and accepted(tmp_path) == [(1, 100)]


def test_a_judged_batch_is_not_its_own_history_when_it_is_judged_again(tmp_path: Path) -> None:
    rows = [day(1, 10), day(2, 20)]
    run_batch(tmp_path, campaign(**HOLD), rows)
    run_batch(tmp_path, campaign(**HOLD), rows)
    assert falls(tmp_path) == [] and len(accepted(tmp_path)) == 2


def by_the_book(rows: list[dict[str, Any]]) -> set[tuple[str, str, float]]:
    """The two rules as they are defined, row by row as the rows arrived: (rule, file and indicator, what it was held against)."""
    judged: list[dict[str, Any]] = []
    found = set()

    def known(name: str, times: list[dict[str, Any]], at: str | None) -> dict[str, Any] | None:
        versions = [e for e in times if e["at"] == at and e.get(name) is not None]
        return max(versions, key=lambda e: (e["got"], e["file"])) if versions else None

    for row in sorted(rows, key=lambda r: (r["got"], r["at"], r["file"])):
        bad = set()
        for name in ("received", "activated"):
            accepted_before = [e for e in judged if not e["held"] and e.get(name) is not None]
            older = [e for e in accepted_before if e["at"] < row["at"]]
            newer = [e for e in accepted_before if e["at"] > row["at"]]
            previous = known(name, older, max((e["at"] for e in older), default=None))
            following = known(name, newer, min((e["at"] for e in newer), default=None))
            if row.get(name) is None or row.get("is_correction"):
                continue
            if previous and row[name] < previous[name]:
                bad.add(("cumulative_fall", row["file"] + name, float(previous[name])))
            if following and not following.get("is_correction") and row[name] > following[name]:
                bad.add(("above_later_figure", row["file"] + name, float(following[name])))
        found |= bad
        judged.append(row | {"held": bool(bad)})
    return found


@pytest.mark.parametrize("seed", range(12))
def test_the_gate_finds_what_the_definition_says_on_disorderly_arrivals(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    rows = []
    for number in range(1, 25):
        for _ in range(chance.choice([1, 1, 1, 2]) if seed % 3 else 1):
            arrived = min(28, number + (chance.choice([0, 0, 0, 2, 5]) if seed % 2 else 0))
            row = day(
                number,
                100 + number * 10 + chance.choice([0, 0, -25, 60]),
                arrived=arrived,
                activated=9 + number + chance.choice([0, 0, -3, 9]),
            )
            row["got"] = row["got"].replace(":00", f":{len(rows) % 60:02d}")  # arrivals all differ
            row["file"] += f"-{len(rows):03d}"
            if seed % 4 == 3 and chance.random() < 0.1:
                row["is_correction"] = True
            rows.append(row)
    rows.sort(key=lambda r: (r["got"], r["file"]))
    cut = len(rows) // 3
    given = campaign(**HOLD)
    expected = by_the_book(rows)
    run_batch(tmp_path, given, rows[:cut])  # the rest finds its history partly in the lake, partly in itself
    run_batch(tmp_path, given, rows[cut:])
    found = [f for f in table(tmp_path, "findings") if f["rule_id"] in ("cumulative_fall", "above_later_figure")]
    assert {(f["rule_id"], f["file_id"] + f["indicator_id"], f["expected"]) for f in found} == expected
    assert expected


REORGANISED = """unit_code,unit_name,level,parent_code,opened_on,closed_on
31,Thành phố Hải Phòng,city,,,
303,Quận Hồng Bàng,district,31,,
304,Quận Ngô Quyền,district,31,,2023-06-20
"""


@pytest.mark.parametrize(("joined", "held", "base"), [("2023-06-21", [], 5010), (None, [(21, 5000.0), (22, 5010.0)], 500)])
def test_a_unit_that_takes_another_in_is_not_compared_with_its_old_self(
    tmp_path: Path, joined: str | None, held: list[tuple[int, float]], base: int
) -> None:
    # Hồng Bàng goes up by 10 a day and brings Ngô Quyền's figures from day 21 on: 500 becomes 5,000, and 5,010 goes on from there.
    folder = tmp_path / "rehearsal"
    folder.mkdir()
    (folder / "units.csv").write_text(REORGANISED, encoding="utf-8")
    (folder / "crosswalk.csv").write_text(f"old_code,new_code,weight,valid_from\n304,303,1,{joined}\n", encoding="utf-8")
    units = {"file": "units.csv", "crosswalk": "crosswalk.csv"} if joined else {"file": "units.csv"}
    changed = campaign(units=units, **HOLD)
    changed._folder = folder
    values = [300 + 10 * n for n in range(1, 21)] + [5000]
    run_batch(tmp_path, changed, [day(n, value) for n, value in enumerate(values, start=1)])
    run_batch(tmp_path, changed, [day(22, 5010)])
    found = table(tmp_path, "figures")
    assert sorted((f["as_of"].day, f["value"]) for f in found if f["lane"] == "held") == held
    # a fall within the new extent is still one
    run_batch(tmp_path, changed, [day(23, 490)])
    assert falls(tmp_path)[-1] == (23, 490, base)


def test_a_jump_is_held_in_a_campaign_that_switches_the_other_holding_rules_off(tmp_path: Path) -> None:
    names = ("after_cutoff", "cumulative_fall", "above_later_figure", "part_exceeds_whole")
    alone = campaign(rules={name: {"on": False} for name in names})
    values = [300 + 10 * n for n in range(1, 21)] + [5000]
    run_batch(tmp_path, alone, [day(n, value) for n, value in enumerate(values, start=1)])
    assert [(f["as_of"].day, f["value"]) for f in table(tmp_path, "figures") if f["lane"] == "held"] == [(21, 5000.0)]
