"""What a meeting is told, worked out by hand: four communes, meetings on the evenings of 3 and 6 June, two nights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from tiny_lake import House, Row, campaign_row, daily_slots, day, figure, indicator, moment, submission, unit

COMMUNES = ("A", "B", "E", "F")
MET = {"03": "m/2023-06-03", "06": "m/2023-06-06"}
SECTIONS = ("headline", "movers", "milestones", "explain", "show", "silent", "recounts", "changes")


def register(house: House, horizon: str) -> None:
    meetings = [{"meeting_id": met, "meeting_name": "m", "name_vi": "m", "name_en": "m", "meeting_date": day(met[2:]),
                 "held_at": moment(f"{met[2:]} 18:00"), "board_date": day(met[2:])} for met in (*MET.values(), "m/2023-06-20")]  # fmt: skip
    house.write_register(
        "c",
        campaigns=[campaign_row(horizon)],
        levels=[{"level": name, "depth": n, "name_vi": name, "name_en": name} for n, name in enumerate(("city", "commune"), 1)],
        units=[unit("C", "city", None), *[unit(code, "commune", "C") for code in COMMUNES]],
        indicators=[indicator()],
        targets=[{"indicator_id": "done", "unit_code": code, "target": 1000.0, "valid_from": day("2023-06-01")} for code in COMMUNES],
        milestones=[{"milestone_id": "half", "name_vi": "nửa", "name_en": "half", "indicator_id": "done", "level": "commune",
                     "threshold_pct": 50.0, "due_at": moment("2023-06-05 23:59:59"), "due_date": day("2023-06-05")}],
        tiers=[{"tier_id": t, "name_vi": t, "name_en": t, "min_pct": p, "position": n}
               for n, (t, p) in enumerate((("ok", 50.0), ("slow", 0.0)))],
        meetings=meetings,
        slots=daily_slots("2023-06-01", 10, "commune"),
        recounts=[{"recount_id": f"r{code}{on[-1]}", "indicator_id": "done", "unit_code": code, "as_of_date": day("2023-06-03"),
                   "recounted_value": counted, "recounted_on": day(on), "recounted_by": "team", "known_until": moment(f"{on} 23:59:59")}
                  for code, counted, on in (("A", 310.0, "2023-06-05"), ("B", 150.0, "2023-06-05"), ("F", 90.0, "2023-06-07"))],
    )  # fmt: skip


def reports(*rows: tuple[str, int, float, str]) -> dict[str, list[Row]]:
    """(unit, day of June, value, arrival) as accepted figures with their submissions."""
    found: dict[str, list[Row]] = {"figures": [], "submissions": []}
    for code, on, value, received in rows:
        file, date = f"{code}{on}-{received[8:10]}", f"2023-06-{on:02}"
        found["figures"].append(figure(file, code, value, f"{date} 08:00", received, slot_id=f"daily/{date}"))
        found["submissions"].append(submission(file, code, f"daily/{date}", received))
    return found


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, duckdb.DuckDBPyConnection]]:
    """The warehouse after the night of the second meeting, and after the next one."""
    house = House(tmp_path_factory.mktemp("briefing"))
    register(house, "2023-06-06 23:59:59")
    first = reports(
        ("A", 3, 300.0, "2023-06-03 10:00"), ("B", 3, 200.0, "2023-06-03 10:00"), ("E", 3, 400.0, "2023-06-03 10:00"),
        ("F", 3, 100.0, "2023-06-03 10:00"), ("A", 3, 310.0, "2023-06-04 09:00"), ("E", 5, 650.0, "2023-06-05 10:00"),
        ("A", 6, 600.0, "2023-06-06 10:00"), ("B", 6, 680.0, "2023-06-06 17:30"),
    )  # fmt: skip
    first["figures"].append(figure("held", "E", 6500.0, "2023-06-06 08:00", "2023-06-06 12:00", lane="held"))
    lanes = {"lane": "held", "is_valid": False, "rows_accepted": 0, "rows_held": 1}
    first["submissions"].append(submission("held", "E", "daily/2023-06-06", "2023-06-06 12:00", **lanes))
    house.write_batch("c", "b1", **first)
    before = house.build("first", "--full-refresh", "--exclude-resource-type", "unit_test")
    house.write_batch("c", "b2", **reports(
        ("A", 4, 350.0, "2023-06-07 08:00"), *[(code, 7, value, "2023-06-07 10:00")
                                               for code, value in (("A", 700.0), ("B", 700.0), ("E", 900.0), ("F", 900.0))],
    ))  # fmt: skip
    register(house, "2023-06-08 23:59:59")
    after = house.build("second", "--full-refresh", "--exclude-resource-type", "unit_test")
    yield {1: before, 2: after}
    before.close()
    after.close()


def told(marts: duckdb.DuckDBPyConnection, met: str, section: str, text: str = "text_en") -> list[str]:
    rows = marts.execute(
        f"SELECT {text} FROM marts.briefing WHERE meeting_id = '{MET[met]}' AND section = '{section}' ORDER BY position"
    ).fetchall()
    return [text for (text,) in rows]


EXPECTED: dict[str, list[str]] = {
    "headline": [
        "done: 2,030", "done: 50.75 % of the target of 4,000, 1,970 to go", "done: 1,020 more than on the board of 2023-06-03",
        "Tier ok: 3 units: Unit B, Unit E, Unit A", "Tier slow: 1 units: Unit F",
        "Reports on time since the last meeting: 2 of 12, 16.67 %",
    ],
    "movers": [
        "1 units rose and 2 fell, of 4 that can be compared with the board of 2023-06-03",
        "Unit B: up 2, rank 1 (was 3)", "Unit E: down 1, rank 2 (was 1)", "Unit A: down 1, rank 3 (was 2)",
    ],
    "milestones": [
        "half (due 2023-06-05), commune: 3 of 4 units reached it, 1 in time: Unit E, Unit A, Unit B",
        "half (due 2023-06-05), commune: 1 of 4 units missed it: Unit F",
    ],
    "explain": [
        "Unit F: in tier slow: 10 %, rank 4 of 4", "Unit F: missed half: 10 %, 100 of 500",
        "Unit F: no valid report for 3 of 3 slots since the last meeting",
        "Unit E: no valid report for 2 of 3 slots since the last meeting", "Unit E: 1 reports held and open",
        "Unit B: no valid report for 2 of 3 slots since the last meeting", "Unit B: late for 1 of 3 slots since the last meeting",
        "Unit A: no valid report for 2 of 3 slots since the last meeting",
    ],
    "show": [
        "Unit B: closed 60 % of its gap since the last meeting, from 20 % to 68 %",
        "Unit A: closed 42.03 % of its gap since the last meeting, from 31 % to 60 %",
        "Unit E: closed 41.67 % of its gap since the last meeting, from 40 % to 65 %",
    ],
    "silent": [
        "commune: 2 of 4 units have no valid report for slot daily/2023-06-06: Unit E, Unit F",
        "Unit F: no valid report for 3 slots running", "Unit E: no valid report for 1 slots running",
    ],
    "recounts": ["Unit B, done: 200 reported, 150 counted again, a difference of -50, not corrected"],
    "changes": [
        "On the board of 2023-06-03, the values of 1 units and the ranks of 0 have changed since",
        "Unit A: 300 on the board of 2023-06-03, now 310; rank 2, now 2",
    ],
}  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
def test_the_meeting_is_told_what_was_worked_out_by_hand(nights: dict[int, duckdb.DuckDBPyConnection], section: str) -> None:
    assert told(nights[1], "06", section) == EXPECTED[section]


def test_it_is_told_in_vietnamese_with_vietnamese_numbers(nights: dict[int, duckdb.DuckDBPyConnection]) -> None:
    assert told(nights[1], "06", "headline", "text_vi")[:2] == ["done: 2.030", "done: đạt 50,75 % chỉ tiêu 4.000, còn thiếu 1.970"]


def test_a_meeting_knows_nothing_of_what_came_after_it(nights: dict[int, duckdb.DuckDBPyConnection]) -> None:
    assert told(nights[1], "03", "milestones") == ["half (due 2023-06-05), commune: 0 of 4 units reached it, 0 in time"]
    assert [told(nights[1], "03", section) for section in ("movers", "show", "recounts", "changes")] == [[], [], [], []]
    assert told(nights[1], "03", "silent") == ["commune: 0 of 4 units have no valid report for slot daily/2023-06-03"]


def test_later_slots_reports_and_recounts_leave_past_briefings_as_they_were(nights: dict[int, duckdb.DuckDBPyConnection]) -> None:
    rows = [marts.execute("SELECT * FROM marts.briefing ORDER BY ALL").fetchall() for marts in nights.values()]
    assert rows[0] == rows[1] and len(rows[0]) > 30
    slots = [marts.execute("SELECT count(*) FROM marts.fct_slot_status WHERE status = 'late'").fetchall() for marts in nights.values()]
    assert slots == [[(1,)], [(2,)]]  # the report of the 4th came on the 7th: the meeting of the 6th did not have it


def test_every_query_gives_the_numbers_and_names_of_its_sentence(nights: dict[int, duckdb.DuckDBPyConnection]) -> None:
    for marts in nights.values():
        statements = marts.execute("SELECT statement, query, [value, value_2, value_3, value_4], listed FROM marts.briefing").fetchall()
        assert len({statement for statement, *_ in statements}) >= 18
        for statement, query, numbers, listed in statements:
            assert asked(marts, query) == (numbers, listed), f"{statement}: {query}"


def asked(marts: duckdb.DuckDBPyConnection, query: str) -> tuple[list[Any], Any]:
    found = marts.execute(query)
    names = [column[0] for column in found.description or []]
    [row] = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
    listed = row.pop("listed", None)
    return [*row.values(), None, None, None, None][:4], listed
