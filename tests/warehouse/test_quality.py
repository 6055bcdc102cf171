"""The four scores, recounts, their queue, and the two readings of a total: answers worked out on paper."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import pytest
from tiny_lake import House, Row, campaign_row, daily_slots, day, figure, indicator, moment, submission, unit

from tiendo.recounts import WEIGHTS

UNITS = [
    unit("C", "city", None),
    unit("D1", "district", "C"),
    unit("D2", "district", "C"),
    *[unit(code, "commune", code[:2]) for code in ("D11", "D12", "D21", "D22")],
]


def values() -> dict[str, dict[int, float]]:
    """Day of June -> level. D11 grows evenly; D12 falls silent after the 11th; D21 leaps in the last three days; D22 never reports."""
    leap = {**{n: 10.0 * n for n in range(1, 18)}, 18: 470.0, 19: 770.0, 20: 1070.0}
    return {"D11": {n: 100.0 * n for n in range(1, 21)}, "D12": {n: 50.0 * n for n in range(1, 12)}, "D21": leap}


def write(house: House, campaign_id: str, audit_pct: float) -> None:
    house.write_register(
        campaign_id,
        campaigns=[campaign_row("2023-06-20 23:59:59")],
        levels=[{"level": name, "depth": n, "name_vi": name, "name_en": name} for n, name in enumerate(("city", "district", "commune"), 1)],
        units=UNITS,
        indicators=[indicator(), indicator("other", is_required=False, position=2)],
        milestones=[{"milestone_id": "end", "name_vi": "m", "name_en": "m", "indicator_id": "done", "level": "commune",
                     "threshold_value": 2000.0, "due_at": moment("2023-06-20 23:59:59"), "due_date": day("2023-06-20")}],
        slots=daily_slots("2023-06-01", 20, "commune"),
        rules=[{"rule_id": name} for name in ("slot_missing", "parent_sum", "negative_value", "recount_difference")],
        recounts=[
            recount("r1", "D11", "2023-06-10", "2023-06-12", 900.0),
            recount("r2", "D12", "2023-06-11", "2023-06-12", 440.0),
            recount("r3", "D21", "2023-06-01", "2023-06-12", 5.0, indicator_id="other"),
            recount("r4", "D22", "2023-06-10", "2023-06-12", 7.0),
            recount("r5", "D11", "2023-06-20", "2023-06-25", 1.0),  # after the horizon
        ],
        recount_weights=[{"kind": "part", "name": name, "weight": weight} for name, weight in WEIGHTS.items()]
        + [{"kind": "rule", "name": "negative_value", "weight": 2.0}, {"kind": "audit_pct", "name": "", "weight": audit_pct}],
    )  # fmt: skip
    figures, submissions = [], []
    for code, series in values().items():
        for n, value in series.items():
            on, file = f"2023-06-{n:02d}", f"{campaign_id}-{code}-{n}"
            at = f"{on} {'18' if (code, n) == ('D12', 11) else '10'}:00"
            figures.append(figure(file, code, value, f"{on} 08:00", at, slot_id=f"daily/{on}"))
            # of the report of the 4th one row was taken, one repeats it and one is rejected
            rows = {"rows_received": 3, "rows_duplicate": 1, "rows_rejected": 1} if (code, n) == ("D12", 4) else {}
            submissions.append(submission(file, code, f"daily/{on}", at, checks_applied=4, **rows))
    held, again, zero = (f"{campaign_id}-{name}" for name in ("held", "again", "zero"))
    figures += [
        figure(held, "D12", -1.0, "2023-06-12 08:00", "2023-06-12 10:00", slot_id="daily/2023-06-12", lane="held"),
        figure(again, "D12", 500.0, "2023-06-11 08:00", "2023-06-15 10:00", slot_id="daily/2023-06-11", is_correction=True),
        figure(zero, "D21", 0.0, "2023-06-01 08:00", "2023-06-01 10:00", slot_id="daily/2023-06-01", indicator_id="other", cell="zero"),
        figure(f"{campaign_id}-own", "D1", 2600.0, "2023-06-20 08:00", "2023-06-20 11:00"),
    ]
    submissions += [
        submission(held, "D12", "daily/2023-06-12", "2023-06-12 10:00", lane="held", is_valid=False, rows_accepted=0, rows_held=1,
                   checks_applied=4),
        submission(again, "D12", "daily/2023-06-11", "2023-06-15 10:00", checks_applied=4),
    ]  # fmt: skip
    findings = [
        finding(campaign_id, "D12-3", "2023-06-03 10:00", effect="flag"),
        finding(campaign_id, "D12-5", "2023-06-05 10:00", effect="none", effect_reason="shadow"),
        finding(campaign_id, "held", "2023-06-12 10:00", effect="hold", row_number=2),
        finding(campaign_id, "held", "2023-06-12 10:00", effect="hold", row_number=2, rule_id="conflicting_rows", dimension="clean"),
    ]
    house.write_batch(campaign_id, f"b-{campaign_id}", figures=figures, submissions=submissions, findings=findings)


def recount(name: str, code: str, as_of: str, on: str, value: float, **more: Any) -> Row:
    known_until = moment(on) + timedelta(days=1) - timedelta(seconds=1)
    return {"recount_id": name, "indicator_id": "done", "unit_code": code, "as_of_date": day(as_of), "recounted_value": value,
            "recounted_on": day(on), "recounted_by": "team", "note": None, "known_until": known_until, **more}  # fmt: skip


def finding(campaign_id: str, file: str, found: str, **more: Any) -> Row:
    rule_id = more.get("rule_id", "negative_value")
    return {"finding_id": f"{campaign_id}-{file}-{rule_id}", "source_id": "s", "file_id": f"{campaign_id}-{file}",
            "submission_id": f"{campaign_id}-{file}/D12", "rule_id": rule_id, "dimension": "correct", "severity": "hold",
            "responsibility": "sender", "unit_code": "D12", "found_at": moment(found), **more}  # fmt: skip


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    house = House(tmp_path_factory.mktemp("quality"))
    write(house, "c", 0)
    write(house, "lots", 50)
    connection = house.build()
    yield connection
    connection.close()


def ask(marts: duckdb.DuckDBPyConnection, columns: str, table: str, where: str = "true") -> list[tuple[Any, ...]]:
    return marts.execute(f"SELECT {columns} FROM marts.{table} WHERE campaign_id = 'c' AND {where} ORDER BY ALL").fetchall()


def test_a_total_has_two_readings_that_are_equal_when_everybody_has_reported(marts: duckdb.DuckDBPyConnection) -> None:
    where = "indicator_id = 'done' AND unit_code = '{}' AND day(as_of_date) IN (5, 12, 20)"
    columns = "day(as_of_date), value, value_accepted, units_in_value, units_carried"
    # the 5th: 500 + 250. The 12th: D12 is held, its 500 of the 11th is carried. The 20th: D12 has been silent since.
    assert ask(marts, columns, "progress", where.format("D1")) == [(5, 750, 750, 2, 0), (12, 1700, 1200, 2, 1), (20, 2500, 2000, 2, 1)]
    assert ask(marts, columns, "progress", where.format("C")) == [(5, 800, 800, 3, 0), (12, 1820, 1320, 3, 1), (20, 3570, 3070, 3, 1)]
    assert ask(marts, "value, value_accepted, units_carried", "progress", where.format("D12") + " AND day(as_of_date) = 20") == [
        (500, None, 1)
    ]


SCORES = "correct, sufficient, clean, live, worst, worst_dimension, quality_grade"


def test_scores_follow_from_the_counts_beside_them(marts: duckdb.DuckDBPyConnection) -> None:
    counts = "checks_applied, checks_failed, cells_owed, cells_present, slots_owed, slots_on_time, rows_received, rows_rejected,"
    counts += " rows_duplicate, rows_conflicting, findings_flag, findings_hold, findings_reject, units_counted"
    [found] = ask(marts, f"{SCORES}, {counts}", "data_quality", "unit_code = 'D12' AND period = 'all'")
    # 13 submissions x 4 checks and one recount. A flag and the recount's flag count half, the hold whole, what is shadowed not at all.
    assert found[7:9] == (53, 2.0)
    # 11 of 20 days have a figure; 10 came in time; 15 rows: one rejected, one repeated, one in conflict
    assert found[9:] == (20, 11, 20, 10, 15, 1, 1, 1, 2, 2, 0, 1)
    assert found[:7] == (pytest.approx(1 - 2 / 53), 0.55, pytest.approx(1 - 3 / 15), 0.5, 0.5, "live", "D")


def test_a_parent_is_judged_by_its_own_counts_and_those_below_it(marts: duckdb.DuckDBPyConnection) -> None:
    columns = "unit_code, checks_applied, checks_failed, slots_owed, slots_on_time, units_counted, live"
    assert ask(marts, columns, "data_quality", "period = 'all' AND unit_code IN ('D11', 'D12', 'D1', 'D22', 'C')") == [
        ("C", 81 + 53 + 1 + 81, 3.0, 80, 50, 5, 0.625),  # D21: 80 checks and one recount, failed
        ("D1", 81 + 53 + 1, 2.5, 40, 30, 3, 0.75),  # its own report of the 20th, 2,600 against 2,500, is one check, flagged
        ("D11", 81, 0.0, 20, 20, 1, 1.0),
        ("D12", 53, 2.0, 20, 10, 1, 0.5),
        ("D22", 0, 0.0, 20, 0, 1, 0.0),
    ]
    assert ask(marts, "correct, clean, worst", "data_quality", "period = 'all' AND unit_code = 'D22'") == [(None, None, 0)]


def test_scores_exist_by_day_and_week(marts: duckdb.DuckDBPyConnection) -> None:
    assert ask(marts, "correct, live", "data_quality", "unit_code = 'D12' AND period = '2023-06-03'") == [(0.875, 1)]
    weeks = ask(marts, "period, slots_owed, slots_on_time", "data_quality", "unit_code = 'D12' AND period_kind = 'week'")
    assert weeks == [("2023-W22", 4, 4), ("2023-W23", 7, 6), ("2023-W24", 7, 0), ("2023-W25", 2, 0)]


def test_a_recount_is_held_against_what_was_known_then(marts: duckdb.DuckDBPyConnection) -> None:
    columns = "unit_code, reported_value, recounted_value, difference, verification_factor, value_now, is_newest"
    assert ask(marts, columns, "recounts") == [
        ("D11", 1000, 900, -100, 0.9, 1000, True),
        ("D12", 550, 440, -110, 0.8, 500, True),  # corrected three days after the recount
        ("D21", 0, 5, 5, None, 0, True),  # nothing to divide by
        ("D22", None, 7, None, None, None, True),
    ]


def test_the_factor_of_a_parent_is_the_sum_recounted_over_the_sum_reported(marts: duckdb.DuckDBPyConnection) -> None:
    columns = "unit_code, units_recounted, reported_value, recounted_value, verification_factor"
    assert ask(marts, columns, "verification_factors", "indicator_id = 'done'") == [
        ("C", 2, 1550, 1340, pytest.approx(1340 / 1550)),
        ("D1", 2, 1550, 1340, pytest.approx(1340 / 1550)),
        ("D11", 1, 1000, 900, 0.9),
        ("D12", 1, 550, 440, 0.8),
    ]


def test_a_recount_beyond_the_tolerance_is_a_finding_and_one_within_is_not(marts: duckdb.DuckDBPyConnection) -> None:
    found = ask(marts, "unit_code, value, expected, message_en", "fct_findings", "rule_id = 'recount_difference'")
    assert found == [
        ("D12", 550, 440, "Unit D12 (D12): done was reported as 550, the recount found 440."),
        ("D21", 0, 5, "Unit D21 (D21): other was reported as 0, the recount found 5."),
    ]


def test_the_queue_adds_up_its_parts_and_says_why(marts: duckdb.DuckDBPyConnection) -> None:
    points = ", ".join(f"{name}_points" for name in WEIGHTS)
    found = ask(marts, f"position, unit_code, score, {points}", "recount_queue")
    share = 100 / 14  # of the weights 3 + 2 + 2 + 2 + 1 + 1 + 3
    wanted = {
        # findings: a hold and a flag of a rule of weight 2, and the recount's flag; size: 500 of 2,000;
        # changes: one held and one restated; a factor of 0.8
        "D12": (3 * 3.5 / 5, 2 * 0.25, 0, 0, 2 / 5, 8 / 90, 3),
        # the flag of the recount; 1,070 of 2,000; most growth; 900 in three days where the pace before was 30
        "D21": (3 * 0.5 / 5, 2 * 0.535, 2, 2 * 870 / 900, 0, 8 / 90, 0),
        "D11": (0, 2, 2 * 700 / 940, 0, 0, 8 / 90, 3 * 0.5),
    }
    assert [row[1] for row in found] == list(wanted)
    for position, code, score, *parts in found:
        assert parts == pytest.approx([share * part for part in wanted[code]], abs=1e-5), position
        assert score == pytest.approx(sum(parts), abs=1e-5)
    [(vi, en)] = ask(marts, "reasons_vi, reasons_en", "recount_queue", "unit_code = 'D12'")
    told = "hệ số kiểm chứng lần trước là 0,8; 3 phát hiện về tính đúng và sống trong 28 ngày; chiếm 14\u00a0% số liệu của nhóm so sánh"
    assert vi == told
    assert en.startswith("verification factor of the last recount 0.8; 3 findings on correct and live in 28 days; 14\u00a0%")


def test_lots_are_drawn_anew_every_week_and_bring_a_unit_forward(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        "SELECT unit_code, lot, position, is_by_lot, score FROM marts.recount_queue WHERE campaign_id = 'lots' ORDER BY lot"
    ).fetchall()
    for code, lot, *_ in rows:
        assert lot == int(hashlib.md5(f"lots|{code}|2023-W25".encode()).hexdigest()[:8], 16) / 2**32
    # every second place is by lot: the smallest lot stands second at the latest
    assert rows[0][2] <= 2
    by_score = [row[0] for row in sorted(rows, key=lambda row: -row[4])]
    assert [row[3] for row in rows[:1]] == [by_score.index(rows[0][0]) > 0]
    assert marts.execute("SELECT bool_or(is_by_lot) FROM marts.recount_queue WHERE campaign_id = 'c'").fetchone() == (False,)
