"""A city of two districts becomes a city of communes only: what each day says in the units of then and in those of now, by hand.

On 2023-06-05 the districts end. A (60 %) and all of B become N; the rest of A goes to C, which keeps its code. X gets the new code Y.
E goes on unchanged. Reports are levels (`done`) and, with the same numbers, increments (`added`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from test_incremental import compare
from tiny_lake import House, Row, campaign_row, daily_slots, day, figure, indicator, moment, of_campaign, submission, unit

CHANGE, LAST = day("2023-06-05"), day("2023-06-04")
EVER, NEVER = date.min, date.max
UNITS = [
    unit("CITY", "city", None),
    unit("D1", "district", "CITY", closed_on=LAST),
    unit("D2", "district", "CITY", closed_on=LAST),
    unit("A", "commune", "D1", closed_on=LAST),
    unit("B", "commune", "D1", closed_on=LAST),
    unit("C", "commune", "CITY"),
    unit("X", "commune", "D2", closed_on=LAST),
    unit("E", "commune", "CITY"),
    unit("N", "commune", "CITY", opened_on=CHANGE),
    unit("Y", "commune", "CITY", opened_on=CHANGE),
]
PERIODS = [
    {"unit_code": code, "valid_from": since, "valid_to": until, "unit_name": f"Unit {code}", "level": "commune", "depth": 3,
     "parent_code": above}
    for code, before in (("C", "D2"), ("E", "D1"))
    for since, until, above in ((EVER, LAST, before), (CHANGE, NEVER, "CITY"))
]  # fmt: skip
CROSSWALK = [
    {"old_code": old, "new_code": new, "weight": weight, "valid_from": CHANGE, "weight_basis": basis}
    for old, new, weight, basis in (
        ("A", "N", 0.6, "given"), ("A", "C", 0.4, "given"), ("B", "N", 1.0, "whole"), ("C", "C", 1.0, "goes_on"), ("X", "Y", 1.0, "whole"),
    )
]  # fmt: skip
OLD = {"A": 100.0, "B": 50.0, "C": 10.0, "X": 20.0, "E": 5.0}


def register(house: House, horizon: str) -> None:
    house.write_register(
        "once",
        campaigns=[campaign_row(horizon)],
        levels=[{"level": name, "depth": n, "name_vi": name, "name_en": name} for n, name in enumerate(("city", "district", "commune"), 1)],
        units=UNITS,
        unit_periods=PERIODS,
        crosswalk=CROSSWALK,
        indicators=[indicator(), indicator("added", "increment", is_required=False, position=2)],
        targets=[
            {"indicator_id": "done", "unit_code": code, "target": target, "valid_from": day("2023-06-01")}
            for code, target in (("A", 200.0), ("B", 100.0), ("C", 40.0), ("X", 40.0), ("E", 10.0))
        ],
        milestones=[
            {"milestone_id": name, "name_vi": name, "name_en": name, "indicator_id": "done", "level": level, "threshold_pct": 50.0,
             "due_at": moment(f"{due} 23:59:59"), "due_date": day(due)}
            for name, due in (("before", "2023-06-03"), ("after", "2023-06-08"))
            for level in ("city", "district", "commune")
        ],
        slots=daily_slots("2023-06-01", 9, "commune"),
    )  # fmt: skip


def reports(on: str, values: dict[str, float], received: str | None = None) -> dict[str, list[Row]]:
    figures, submissions = [], []
    for code, value in values.items():
        file, at = f"{on}{code}{received or ''}", received or f"{on} 10:00"
        for name in ("done", "added"):
            figures.append(figure(file, code, value, f"{on} 08:00", at, indicator_id=name, slot_id=f"daily/{on}"))
        submissions.append(submission(file, code, f"daily/{on}", at))
    return {"figures": figures, "submissions": submissions}


STEPS: list[tuple[str, dict[str, list[Row]]]] = [
    ("2023-06-02 23:59:59", reports("2023-06-02", OLD)),
    # the change goes by and only N reports: 105, where it took over 0.6 x 100 + 50 = 110
    ("2023-06-05 23:59:59", reports("2023-06-05", {"N": 105.0})),
    ("2023-06-06 23:59:59", reports("2023-06-06", {"C": 60.0, "E": 6.0})),
    # late, about the old time: A had 200 on 4 June; N and C have reported themselves since
    ("2023-06-07 23:59:59", reports("2023-06-04", {"A": 200.0, "X": 30.0}, "2023-06-07 09:00")),
]


def prepare(house: House, night: int) -> None:
    """What the lake and the register have by that night."""
    horizon, tables = STEPS[night]
    house.write_batch("once", f"once{night}", **tables)
    register(house, horizon)


@pytest.fixture(scope="module")
def house(reorganised: House) -> House:
    return reorganised


def rows(house: House, sql: str) -> list[tuple[Any, ...]]:
    return of_campaign(house, "once", sql)


def values(house: House, table: str, on: str, indicator_id: str = "done") -> dict[str, float]:
    found = rows(
        house, f"select unit_code, value from marts.{table} where indicator_id = '{indicator_id}' and as_of_date = '{on}' order by 1"
    )
    return dict(found)


def test_nightly_runs_across_a_change_end_where_a_full_build_ends(house: House) -> None:
    house.build("full").close()
    assert compare(house.warehouse("nightly"), house.warehouse("full")) == {}


def test_as_then_a_day_has_the_units_of_that_day(house: House) -> None:
    assert values(house, "progress", "2023-06-03") == {**OLD, "D1": 155.0, "D2": 30.0, "CITY": 185.0}
    # N by its own report; C and Y what they took over: 10 + 0.4 x 200, and X's 30
    assert values(house, "progress", "2023-06-05") == {"N": 105.0, "C": 90.0, "E": 5.0, "Y": 30.0, "CITY": 230.0}
    assert values(house, "progress", "2023-06-07") == {"N": 105.0, "C": 60.0, "E": 6.0, "Y": 30.0, "CITY": 201.0}


def test_as_now_every_day_has_the_units_of_now(house: House) -> None:
    assert values(house, "progress_as_now", "2023-06-03") == {"N": 110.0, "C": 50.0, "E": 5.0, "Y": 20.0, "CITY": 185.0}
    # the late report moved the 4th, in the old units and in the new
    assert values(house, "progress", "2023-06-04") == {
        "A": 200.0,
        "B": 50.0,
        "C": 10.0,
        "E": 5.0,
        "X": 30.0,
        "D1": 255.0,
        "D2": 40.0,
        "CITY": 295.0,
    }
    assert values(house, "progress_as_now", "2023-06-04") == {"N": 170.0, "C": 90.0, "E": 5.0, "Y": 30.0, "CITY": 295.0}
    assert values(house, "progress_as_now", "2023-06-07") == values(house, "progress", "2023-06-07")


def test_increments_add_up_over_the_change(house: House) -> None:
    """By 7 June: A 300, B 50, C 10 + 60, X 50, E 5 + 6, N 105; none is replaced."""
    expected = {"N": 0.6 * 300 + 50 + 105, "C": 0.4 * 300 + 70, "E": 11.0, "Y": 50.0, "CITY": 586.0}
    assert values(house, "progress", "2023-06-07", "added") == expected
    assert values(house, "progress_as_now", "2023-06-07", "added") == expected
    assert values(house, "progress_as_now", "2023-06-04", "added") == {"N": 230.0, "C": 130.0, "E": 5.0, "Y": 50.0, "CITY": 415.0}


def test_sums_are_equal_in_both_readings_on_every_day(house: House) -> None:
    found = rows(
        house,
        """
        with then_sums as (
            select indicator_id, as_of_date, sum(value) as value from marts.progress where level = 'commune' group by all
        ), now_sums as (
            select indicator_id, as_of_date, sum(value) as value from marts.progress_as_now where level = 'commune' group by all
        )
        select count(*), count(*) filter (where abs(t.value - n.value) < 1e-6)
        from then_sums t full join now_sums n using (indicator_id, as_of_date)
        """,
    )
    assert found == [(12, 12)]  # 2 indicators, 2 to 7 June


def test_targets_carry_over_by_the_same_weights(house: House) -> None:
    def targets(table: str, on: str) -> dict[str, float]:
        return dict(rows(house, f"select unit_code, target from marts.{table} where indicator_id = 'done' and as_of_date = '{on}'"))

    assert targets("progress", "2023-06-03") == {"A": 200, "B": 100, "C": 40, "X": 40, "E": 10, "D1": 310, "D2": 80, "CITY": 390}
    after = {"N": 220, "C": 120, "Y": 40, "E": 10, "CITY": 390}
    assert targets("progress", "2023-06-07") == after
    assert targets("progress_as_now", "2023-06-03") == after


def test_leaderboards_rank_the_units_of_their_day(house: House) -> None:
    def board(on: str) -> list[tuple[Any, ...]]:
        return rows(
            house,
            f"""select unit_code, parent_code, rank, unranked_reason from marts.leaderboard
                where indicator_id = 'done' and level = 'commune' and as_of_date = '{on}' order by position""",
        )

    assert board("2023-06-03") == [
        ("A", "D1", 1, None),
        ("B", "D1", 1, None),
        ("E", "D1", 1, None),
        ("X", "D2", 1, None),
        ("C", "D2", 5, None),
    ]
    assert board("2023-06-07") == [("Y", "CITY", 1, None), ("E", "CITY", 2, None), ("C", "CITY", 3, None), ("N", "CITY", 4, None)]


def test_a_unit_that_changed_has_no_rank_and_no_growth_to_compare_on_that_day(house: House) -> None:
    found = rows(
        house,
        """select unit_code, previous_rank, p.increment_1d
           from marts.leaderboard l join marts.progress p using (campaign_id, indicator_id, unit_code, as_of_date)
           where l.indicator_id = 'done' and l.level = 'commune' and as_of_date = '2023-06-05' order by 1""",
    )
    assert found == [("C", None, None), ("E", 3, 0.0), ("N", None, None), ("Y", None, None)]
    assert values_of(house, "increment_1d", "2023-06-05") == {"N": -65.0, "C": 0.0, "E": 0.0, "Y": 0.0, "CITY": -65.0}


def values_of(house: House, column: str, on: str) -> dict[str, float]:
    return dict(rows(house, f"select unit_code, {column} from marts.progress_as_now where indicator_id = 'done' and as_of_date = '{on}'"))


def test_milestones_are_of_the_units_of_their_due_day(house: House) -> None:
    def milestone(name: str) -> dict[str, tuple[Any, ...]]:
        found = rows(
            house,
            f"select unit_code, threshold_value, status, reached_on, first_known_at from marts.milestones where milestone_id = '{name}'",
        )
        return {code: more for code, *more in found}

    before = milestone("before")
    assert sorted(before) == ["A", "B", "C", "CITY", "D1", "D2", "E", "X"]
    second = [day("2023-06-02"), moment("2023-06-02 10:00")]
    assert before["A"] == [100.0, "reached_early", *second]
    assert before["D1"] == [155.0, "reached_early", *second]
    assert before["D2"][:3] == [40.0, "reached_late", day("2023-06-04")]
    after = milestone("after")
    assert sorted(after) == ["C", "CITY", "D1", "D2", "E", "N", "Y"]
    # its parts had 110 of 220 on 2 June already, before there was an N
    assert after["N"] == [110.0, "reached_early", *second]
    assert after["C"] == [60.0, "reached_early", day("2023-06-04"), moment("2023-06-06 10:00")]


def test_what_was_known_of_the_city_is_never_counted_twice(house: House) -> None:
    """195 is half of its target. Known were 185 on 2 June, 180 with N, 191 with C and E; of the late reports only X's adds to it."""
    found = rows(
        house,
        "select threshold_value, reached_on, first_known_at from marts.milestones where milestone_id = 'after' and unit_code = 'CITY'",
    )
    assert found == [(195.0, day("2023-06-04"), moment("2023-06-07 09:00"))]


def test_the_crosswalk_says_which_units_of_then_are_in_a_unit_of_now(house: House) -> None:
    found = rows(house, "select unit_code, from_code, first_on, last_on, weight, weight_basis from marts.unit_crosswalk order by 1, 2, 3")
    assert found == [
        ("C", "A", EVER, LAST, 0.4, "given"), ("C", "C", EVER, LAST, 1.0, "whole"), ("C", "C", CHANGE, NEVER, 1.0, "whole"),
        ("N", "A", EVER, LAST, 0.6, "given"), ("N", "B", EVER, LAST, 1.0, "whole"), ("N", "N", CHANGE, NEVER, 1.0, "whole"),
        ("Y", "X", EVER, LAST, 1.0, "whole"), ("Y", "Y", CHANGE, NEVER, 1.0, "whole"),
    ]  # fmt: skip
    sources = rows(
        house,
        """select source_units, is_estimated from marts.progress_as_now
           where indicator_id = 'done' and unit_code = 'N' and as_of_date = '2023-06-03'""",
    )
    assert sources == [(2, True)]


def test_children_are_counted_as_they_were(house: House) -> None:
    found = rows(
        house,
        """select unit_code, as_of_date, children_count, children_reporting from marts.progress
           where indicator_id = 'done' and level <> 'commune' and as_of_date in ('2023-06-03', '2023-06-07') order by 2, 1""",
    )
    assert [(code, count, reporting) for code, _, count, reporting in found] == [("CITY", 2, 2), ("D1", 3, 3), ("D2", 2, 2), ("CITY", 6, 6)]
