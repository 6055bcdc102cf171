"""What people decide about held figures, in the marts; nightly runs over acts end where a full build ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from test_incremental import compare
from tiny_lake import House, Row, campaign_row, daily_slots, day, figure, indicator, moment, submission, unit

UNITS = ["A", "B", "E", "F"]


def register(house: House, horizon: str) -> None:
    house.write_register(
        "acts",
        campaigns=[campaign_row(horizon)],
        levels=[{"level": name, "depth": n, "name_vi": name, "name_en": name} for n, name in enumerate(("city", "district", "commune"), 1)],
        units=[unit("C", "city", None), unit("D", "district", "C"), *[unit(code, "commune", "D") for code in UNITS]],
        indicators=[indicator()],
        targets=[{"indicator_id": "done", "unit_code": code, "target": 1000.0, "valid_from": day("2023-06-01")} for code in UNITS],
        milestones=[],
        slots=daily_slots("2023-06-01", 10, "commune"),
    )  # fmt: skip


def accepted(code: str, on: str, value: float, at: str) -> dict[str, list[Row]]:
    slot = f"daily/{on}"
    return {
        "figures": [figure(f"{code}{on}{at[8:10]}", code, value, f"{on} 08:00", at, slot_id=slot)],
        "submissions": [submission(f"{code}{on}{at[8:10]}", code, slot, at)],
    }


def held(code: str, on: str, value: float, at: str) -> dict[str, list[Row]]:
    slot, file = f"daily/{on}", f"{code}{on}{at[8:10]}"
    finding = {
        "finding_id": f"fall/{file}", "source_id": "s", "file_id": file, "submission_id": f"{file}/{code}", "rule_id": "cumulative_fall",
        "dimension": "correct", "severity": "hold", "effect": "hold", "unit_code": code, "found_at": moment(at),
    }  # fmt: skip
    return {
        "figures": [figure(file, code, value, f"{on} 08:00", at, slot_id=slot, lane="held")],
        "submissions": [submission(file, code, slot, at, lane="held", is_valid=False, rows_accepted=0, rows_held=1)],
        "findings": [finding],
    }


def write(house: House, batch: str, *parts: dict[str, list[Row]]) -> None:
    tables: dict[str, list[Row]] = {}
    for part in parts:
        for name, rows in part.items():
            tables.setdefault(name, []).extend(rows)
    counts = ("rows_received", "rows_accepted", "rows_held", "rows_rejected", "rows_duplicate")
    files = [
        {"source_id": "s", "file_id": row["file_id"], "file_name": f"{row['file_id']}.csv", "received_at": row["received_at"],
         "status": "read", "is_simulated": False, **{name: row[name] for name in counts}}
        for row in tables["submissions"]
    ]  # fmt: skip
    house.write_batch("acts", batch, batches=files, **tables)


def act(house: House, at: str, kind: str, about: dict[str, list[Row]], **more: Any) -> None:
    """A batch of one act, as pipeline/acts.py makes it: the figures again, in the lane that they have from now on."""
    lane = {"discard": "discarded"}.get(kind, "accepted")
    figures = [{**row, "lane": lane, "received_at": moment(at), **more} for row in about["figures"]]
    batch, came = f"acts-{at}-{kind}", about["submissions"][0]
    house.write_batch(
        "acts", batch, figures=figures,
        batches=[{"source_id": "acts", "file_id": batch, "file_name": "acts", "received_at": moment(at), "status": "acts",
                  **{f"rows_{lane}": 0 for lane in ("received", "accepted", "held", "rejected", "duplicate")}, "is_simulated": False}],
        acts=[{"act_id": batch, "kind": kind, "submission_id": came["submission_id"], "unit_code": came["unit_code"],
               "figure_count": len(figures), "is_valid": kind == "release" or None, "reason": "asked the sender", "author": "Lan",
               "acted_at": moment(at)}],
    )  # fmt: skip


HELD_A = held("A", "2023-06-03", 90, "2023-06-03 10:00")
HELD_B = held("B", "2023-06-03", 40, "2023-06-03 11:00")
HELD_E = held("E", "2023-06-03", 20, "2023-06-03 12:00")
ONLY_F = accepted("F", "2023-06-03", 30, "2023-06-03 13:00")
FIRST_A = accepted("A", "2023-06-02", 100, "2023-06-02 10:00")


def steps(house: House) -> Iterator[str]:
    write(house, "20230602", FIRST_A, *[accepted(code, "2023-06-02", 50, "2023-06-02 10:00") for code in ("B", "E")])
    write(house, "20230603", HELD_A, HELD_B, HELD_E, ONLY_F)
    yield "2023-06-03 23:59:59"
    act(house, "2023-06-04 09:00", "release", HELD_A)
    act(house, "2023-06-04 10:00", "discard", HELD_B)
    write(house, "20230604", accepted("E", "2023-06-03", 60, "2023-06-04 12:00"))
    act(house, "2023-06-05 09:00", "correction", FIRST_A, value=80.0, is_correction=True)
    act(house, "2023-06-05 10:00", "correction", ONLY_F, value=None, cell="withdrawn", is_correction=True)
    yield "2023-06-05 23:59:59"


@pytest.fixture(scope="module")
def nightly(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("acts"))
    for number, horizon in enumerate(steps(house)):
        register(house, horizon)
        house.build("nightly").close()
        if number == 0:
            (house.root / "before.duckdb").write_bytes(house.warehouse("nightly").read_bytes())
    return house


@pytest.fixture(scope="module")
def marts(nightly: House) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(nightly.warehouse("nightly")), read_only=True) as connection:
        yield connection


def test_nightly_runs_over_acts_end_where_a_full_build_ends(nightly: House) -> None:
    nightly.build("full").close()
    assert compare(nightly.warehouse("nightly"), nightly.warehouse("full")) == {}


def test_each_hold_is_told_by_what_became_of_it(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute("SELECT unit_code, status, rules, age_days, decided_by, rows_held FROM marts.holds ORDER BY unit_code").fetchall()
    assert found == [
        ("A", "released", "cumulative_fall", 1, "Lan", 1),
        ("B", "discarded", "cumulative_fall", 1, "Lan", 1),
        ("E", "corrected", "cumulative_fall", 1, None, 1),
    ]


def test_a_finding_says_what_became_of_its_hold_and_only_a_released_one_counts_no_longer(
    nightly: House, marts: duckdb.DuckDBPyConnection
) -> None:
    query = "SELECT unit_code, effect, hold_status FROM marts.fct_findings ORDER BY unit_code"
    assert marts.execute(query).fetchall() == [("A", "hold", "released"), ("B", "hold", "discarded"), ("E", "hold", "corrected")]
    query = """SELECT unit_code, findings_hold, checks_failed FROM marts.data_quality
               WHERE period = '2023-06-03' AND unit_code IN ('A', 'B', 'E') ORDER BY unit_code"""
    with duckdb.connect(str(nightly.root / "before.duckdb"), read_only=True) as before:
        assert before.execute(query).fetchall() == [("A", 1, 1.0), ("B", 1, 1.0), ("E", 1, 1.0)]
    assert marts.execute(query).fetchall() == [("A", 0, 0.0), ("B", 1, 1.0), ("E", 1, 1.0)]


def test_a_released_report_is_valid_from_its_arrival_and_a_corrected_one_from_its_correction(marts: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT unit_code, status, minutes_late FROM marts.fct_slot_status
               WHERE slot_id = 'daily/2023-06-03' AND unit_code <> 'F' ORDER BY unit_code"""
    # the cutoff is 17:00 of the day: A came at 10:00 of that day, E's good version at 12:00 of the next, 19 hours after it
    assert marts.execute(query).fetchall() == [("A", "on_time", 0), ("B", "invalid", None), ("E", "late", 19 * 60)]


def test_a_released_figure_is_known_from_its_release(marts: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT value, received_at, submission_id FROM marts.fct_figures WHERE unit_code = 'A' AND as_of_date = '2023-06-03'"
    assert marts.execute(query).fetchall() == [(90.0, moment("2023-06-04 09:00"), HELD_A["submissions"][0]["submission_id"])]


def test_a_corrected_figure_says_so_and_names_the_submission_that_it_replaced(marts: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT value, is_correction, version_count, submission_id FROM marts.fct_figures
               WHERE unit_code = 'A' AND as_of_date = '2023-06-02'"""
    assert marts.execute(query).fetchall() == [(80.0, True, 2, FIRST_A["submissions"][0]["submission_id"])]
    query = "SELECT old_value, new_value, is_declared, restated_at FROM marts.fct_restatements WHERE unit_code = 'A'"
    assert marts.execute(query).fetchall() == [(100.0, 80.0, True, moment("2023-06-05 09:00"))]


def test_what_still_waits_and_what_was_set_aside_show_the_last_good_value(nightly: House, marts: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT unit_code, value, age_days, provisional_reason FROM marts.progress
               WHERE as_of_date = '2023-06-03' AND level = 'commune' ORDER BY unit_code"""
    with duckdb.connect(str(nightly.root / "before.duckdb"), read_only=True) as before:
        told = [("A", 100.0, 1, "held"), ("B", 50.0, 1, "held"), ("E", 50.0, 1, "held"), ("F", 30.0, 0, None)]
        assert before.execute(query).fetchall() == told
    assert marts.execute(query).fetchall() == [("A", 90.0, 0, None), ("B", 50.0, 1, "silent"), ("E", 60.0, 0, None)]


def test_a_unit_whose_only_figure_was_taken_back_is_no_child_that_reports(nightly: House, marts: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT children_reporting, value FROM marts.progress WHERE unit_code = 'D' AND as_of_date = '2023-06-03'"
    with duckdb.connect(str(nightly.root / "before.duckdb"), read_only=True) as before:
        assert before.execute(query).fetchall() == [(4, 100.0 + 50 + 50 + 30)]
    assert marts.execute(query).fetchall() == [(3, 90.0 + 50 + 60)]


def test_the_account_of_what_was_received_does_not_count_acts(marts: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT rows_held_open, rows_held_released, rows_held_discarded, rows_held_corrected FROM marts.reconciliation
               WHERE batch_id = '20230603'"""
    assert marts.execute(query).fetchall() == [(0, 1, 1, 1)]
    assert marts.execute("SELECT count(*), bool_and(is_balanced) FROM marts.reconciliation").fetchall() == [(3, True)]
    assert marts.execute("SELECT kind, author, reason FROM marts.audit ORDER BY acted_at").fetchall() == [
        (kind, "Lan", "asked the sender") for kind in ("release", "discard", "correction", "correction")
    ]
