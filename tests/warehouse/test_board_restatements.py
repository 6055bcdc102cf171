"""Boards against earlier ones: what was restated since, who moved, targets that disagree, and a campaign that goes on. One dbt build."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from tiny_lake import House, campaign_row, daily_slots, day, figure, indicator, moment, submission, unit

COMMUNES = ("A", "B", "E", "F")
UNITS = [unit("C", "city", None), *[unit(code, "commune", "C") for code in COMMUNES]]
SHARED: dict[str, Any] = {
    "levels": [{"level": name, "depth": n, "name_vi": name, "name_en": name} for n, name in enumerate(("city", "commune"), 1)],
    "units": UNITS,
    "indicators": [indicator()],
}


def targets(**first: float) -> list[dict[str, Any]]:
    communes = [{"indicator_id": "done", "unit_code": code, "target": 1000.0, "valid_from": day("2023-06-01")} for code in COMMUNES]
    return communes + [{"indicator_id": "done", "unit_code": "C", "target": value, "valid_from": day(f"2023-06-{on[1:]}")}
                       for on, value in first.items()]  # fmt: skip


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Meetings on the evenings of 3 and 6 June; the newest board is of the 7th; campaign `next` begins on the 8th."""
    house = House(tmp_path_factory.mktemp("boards"))
    meetings = [{"meeting_id": f"m/2023-06-{n}", "meeting_name": "m", "name_vi": "m", "name_en": "m", "meeting_date": day(f"2023-06-{n}"),
                 "held_at": moment(f"2023-06-{n} 18:00"), "board_date": day(f"2023-06-{n}")} for n in ("03", "06", "10")]  # fmt: skip
    house.write_register(
        "c", **SHARED, campaigns=[campaign_row("2023-06-07 23:59:59", ends_on=day("2023-06-07"))], meetings=meetings,
        targets=targets(d01=3900.0, d05=4000.0), slots=daily_slots("2023-06-01", 7, "commune"), rules=[{"rule_id": "target_sum"}],
    )  # fmt: skip
    house.write_register(
        "next", **SHARED, campaigns=[campaign_row("2023-06-09 23:59:59", starts_on=day("2023-06-08"), follows="c")],
        targets=targets(), slots=daily_slots("2023-06-08", 3, "commune"),
    )  # fmt: skip
    held = figure("e3", "E", 260.0, "2023-06-03 08:00", "2023-06-03 12:00", lane="held")
    house.write_batch(
        "c", "b1",
        figures=[
            figure("e2", "E", 100.0, "2023-06-02 08:00", "2023-06-02 10:00"),
            *[figure(f"{code}3", code, value, "2023-06-03 08:00", "2023-06-03 10:00")
              for code, value in (("A", 300.0), ("B", 160.0), ("F", 155.0))],
            held,
            figure("a3again", "A", 158.0, "2023-06-03 08:00", "2023-06-04 12:00", is_correction=True),
            *[figure(f"{code}6", code, value, "2023-06-06 08:00", "2023-06-06 10:00")
              for code, value in (("A", 400.0), ("B", 350.0), ("E", 360.0))],
            figure("b6again", "B", 500.0, "2023-06-06 08:00", "2023-06-07 09:00"),
            figure("a7", "A", 450.0, "2023-06-07 08:00", "2023-06-07 10:00"),
        ],
        submissions=[submission("e3", "E", "daily/2023-06-03", "2023-06-03 12:00", lane="held", is_valid=False)],
    )  # fmt: skip
    at = "2023-06-05 09:00"
    house.write_batch(
        "c", "release", figures=[{**held, "lane": "accepted", "received_at": moment(at)}],
        batches=[{"source_id": "acts", "file_id": "release", "file_name": "acts", "received_at": moment(at), "status": "acts",
                  **{f"rows_{lane}": 0 for lane in ("received", "accepted", "held", "rejected", "duplicate")}, "is_simulated": False}],
        acts=[{"act_id": "release", "kind": "release", "submission_id": "e3/E", "unit_code": "E", "figure_count": 1, "is_valid": True,
               "reason": "counted again", "author": "Lan", "acted_at": moment(at)}],
    )  # fmt: skip
    house.write_batch("next", "b2", figures=[
        figure(f"{code}8", code, value, "2023-06-08 08:00", "2023-06-08 10:00")
        for code, value in (("A", 600.0), ("B", 520.0), ("E", 400.0), ("F", 300.0))
    ])  # fmt: skip
    connection = house.build("w", "--full-refresh", "--exclude-resource-type", "unit_test")
    yield connection
    connection.close()


def restated(marts: duckdb.DuckDBPyConnection, where: str) -> dict[str, tuple[Any, ...]]:
    """Unit -> (value then, value now, rank then, rank now, figures, reasons)."""
    rows = marts.execute(
        f"""SELECT unit_code, old_value, new_value, old_rank, new_rank, figures_restated, reasons FROM marts.board_restatements
            WHERE campaign_id = 'c' AND {where}"""
    ).fetchall()
    return {row[0]: row[1:] for row in rows}


def test_a_meeting_is_told_what_of_the_last_ones_board_was_restated_by_how_much_and_who_moved(marts: duckdb.DuckDBPyConnection) -> None:
    assert restated(marts, "meeting_id = 'm/2023-06-06' AND since_date = DATE '2023-06-03'") == {
        "A": (300, 158, 1, 3, 1, "correction"),
        "E": (100, 260, 4, 1, 1, "release"),  # held at the meeting: its figure of the day before stood
        "F": (155, 155, 3, 4, 0, "others_moved"),
        "C": (715, 733, 1, 1, 2, "correction, release"),
    }


def test_the_newest_board_is_held_against_the_last_board_and_the_last_meeting(marts: duckdb.DuckDBPyConnection) -> None:
    expected = {
        "B": (350, 500, 3, 1, 1, "new_version"),
        "A": (400, 400, 1, 2, 0, "others_moved"),
        "E": (360, 360, 2, 3, 0, "others_moved"),
        "C": (1265, 1415, 1, 1, 1, "new_version"),
    }
    for since, shown_at in (("board", "2023-06-07 00:00:00+00"), ("meeting", "2023-06-06 18:00:00+00")):
        where = f"as_of_date = DATE '2023-06-07' AND since = '{since}'"
        assert restated(marts, f"{where} AND since_date = DATE '2023-06-06'") == expected
        assert restated(marts, f"{where} AND old_known_at = TIMESTAMPTZ '{shown_at}'") == expected


def test_a_board_says_which_board_and_which_meeting_its_ranks_are_compared_with(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """SELECT day(as_of_date), day(previous_board_date), rank_change, last_meeting_id, day(last_meeting_date), meeting_rank_change
           FROM marts.leaderboard WHERE campaign_id = 'c' AND unit_code = 'E' AND as_of_date >= DATE '2023-06-03' ORDER BY 1"""
    ).fetchall()
    met = "m/2023-06-03"
    assert rows == [
        (3, 2, 0, None, None, None), (4, 3, 0, met, 3, 0), (5, 4, 0, met, 3, 0), (6, 5, -2, met, 3, -2), (7, 6, 0, "m/2023-06-06", 6, 0),
    ]  # fmt: skip


def test_a_parents_target_that_is_not_the_sum_of_its_childrens_is_a_finding_from_the_day_it_holds(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute("SELECT unit_code, as_of::DATE, value, expected, responsibility FROM marts.fct_findings WHERE campaign_id = 'c'")
    assert rows.fetchall() == [("C", day("2023-06-01"), 3900, 4000, "us")]  # from the 5th on they agree


def test_a_changed_target_leaves_the_percentages_of_the_days_before(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """SELECT day(as_of_date), target, round(attained_pct, 6) FROM marts.progress
           WHERE campaign_id = 'c' AND unit_code = 'C' AND as_of_date BETWEEN DATE '2023-06-04' AND DATE '2023-06-05' ORDER BY 1"""
    ).fetchall()
    assert rows == [(4, 3900, round(73300 / 3900, 6)), (5, 4000, 18.325)]


def test_a_following_campaign_starts_from_the_last_board_of_the_one_before(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """SELECT unit_code, day(from_date), is_final, inherited_value, inherited_rank, value, rank, gained, rank_change
           FROM marts.inherited_standings WHERE campaign_id = 'next' AND level = 'commune' ORDER BY 1"""
    ).fetchall()
    assert rows == [
        ("A", 7, True, 450, 2, 600, 1, 150, 1), ("B", 7, True, 500, 1, 520, 2, 20, -1),
        ("E", 7, True, 360, 3, 400, 3, 40, 0), ("F", 7, True, 155, 4, 300, 4, 145, 0),
    ]  # fmt: skip
    first = marts.execute(
        """SELECT unit_code, previous_board_date, rank_change FROM marts.leaderboard
           WHERE campaign_id = 'next' AND level = 'commune' AND as_of_date = DATE '2023-06-08' ORDER BY 1"""
    ).fetchall()
    assert first == [("A", day("2023-06-07"), 1), ("B", day("2023-06-07"), -1), ("E", day("2023-06-07"), 0), ("F", day("2023-06-07"), 0)]
    assert marts.execute("SELECT count(*) FROM marts.inherited_standings WHERE campaign_id <> 'next'").fetchone() == (0,)


def test_meetings_to_come_are_listed_and_not_held(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute("SELECT meeting_id, is_held, previous_meeting_id FROM marts.dim_meeting ORDER BY held_at").fetchall()
    assert rows == [("m/2023-06-03", True, None), ("m/2023-06-06", True, "m/2023-06-03"), ("m/2023-06-10", False, "m/2023-06-06")]
