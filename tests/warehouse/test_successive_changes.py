"""Two changes one after the other, a move, and a unit that keeps half of itself: worked out by hand.

On 2023-06-03 B gives half of itself to the new C and goes on; on 06-04 A moves from district P to Q; on 06-06 C becomes part of D in Q,
without ever having reported. B had 100 and reports 55 in its new extent; after all that it says that it had 120 on 2 June.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tiny_lake import House, campaign_row, day, figure, indicator, of_campaign, submission, unit

SPLIT, MOVE, MERGER = day("2023-06-03"), day("2023-06-04"), day("2023-06-06")
BEFORE_MOVE, BEFORE_MERGER = MOVE - timedelta(days=1), MERGER - timedelta(days=1)
UNITS = [
    unit("CITY", "city", None),
    unit("P", "district", "CITY"),
    unit("Q", "district", "CITY"),
    unit("A", "commune", "Q"),
    unit("B", "commune", "P"),
    unit("C", "commune", "P", opened_on=SPLIT, closed_on=BEFORE_MERGER),
    unit("D", "commune", "Q"),
]
PERIODS = [
    {"unit_code": "A", "valid_from": since, "valid_to": until, "unit_name": "Unit A", "level": "commune", "depth": 3, "parent_code": above}
    for since, until, above in ((date.min, BEFORE_MOVE, "P"), (MOVE, date.max, "Q"))
]
CROSSWALK = [
    {"old_code": old, "new_code": new, "weight": weight, "valid_from": on, "weight_basis": basis}
    for old, new, weight, on, basis in (
        ("B", "B", 0.5, SPLIT, "equal"), ("B", "C", 0.5, SPLIT, "equal"),
        ("C", "D", 1.0, MERGER, "whole"), ("D", "D", 1.0, MERGER, "goes_on"),
    )
]  # fmt: skip
STEPS = [
    (
        "2023-06-02",
        [("A", 10.0, "2023-06-01", "2023-06-01"), ("B", 100.0, "2023-06-01", "2023-06-01"), ("D", 7.0, "2023-06-01", "2023-06-01")],
    ),
    ("2023-06-05", [("B", 55.0, "2023-06-03", "2023-06-03")]),
    ("2023-06-07", []),
    ("2023-06-08", [("B", 120.0, "2023-06-02", "2023-06-08")]),
]


def prepare(house: House, night: int) -> None:
    """What the lake and the register have by that night."""
    horizon, given = STEPS[night]
    house.write_register(
        "twice", campaigns=[campaign_row(f"{horizon} 23:59:59")], units=UNITS, unit_periods=PERIODS, crosswalk=CROSSWALK,
        levels=[{"level": name, "depth": n, "name_vi": name, "name_en": name}
                for n, name in enumerate(("city", "district", "commune"), 1)],
        indicators=[indicator()],
    )  # fmt: skip
    house.write_batch(
        "twice",
        f"twice{night}",
        figures=[figure(f"t{night}{code}", code, value, f"{on} 08:00", f"{came} 10:00") for code, value, on, came in given],
        submissions=[submission(f"t{night}{code}", code, None, f"{came} 10:00") for code, _, _, came in given],
    )


@pytest.fixture(scope="module")
def house(reorganised: House) -> House:
    return reorganised


def rows(house: House, sql: str) -> list[tuple[Any, ...]]:
    return of_campaign(house, "twice", sql)


def values(house: House, table: str, on: str) -> dict[str, float]:
    return dict(rows(house, f"select unit_code, value from marts.{table} where as_of_date = '{on}'"))


def test_what_nobody_reported_is_handed_on_again(house: House) -> None:
    assert values(house, "progress", "2023-06-02") == {"A": 10, "B": 120, "D": 7, "P": 130, "Q": 7, "CITY": 137}
    # B's own report replaces its half of 120; C has its half
    assert values(house, "progress", "2023-06-03") == {"A": 10, "B": 55, "C": 60, "D": 7, "P": 125, "Q": 7, "CITY": 132}
    assert values(house, "progress", "2023-06-05") == {"A": 10, "B": 55, "C": 60, "D": 7, "P": 115, "Q": 17, "CITY": 132}
    assert values(house, "progress", "2023-06-06") == {"A": 10, "B": 55, "D": 67, "P": 55, "Q": 77, "CITY": 132}


def test_as_now_the_first_day_has_the_units_of_the_last_change(house: House) -> None:
    assert values(house, "progress_as_now", "2023-06-01") == {"A": 10, "B": 50, "D": 57, "P": 50, "Q": 67, "CITY": 117}
    assert values(house, "progress_as_now", "2023-06-02") == {"A": 10, "B": 60, "D": 67, "P": 60, "Q": 77, "CITY": 137}
    assert rows(house, "select distinct units_on from marts.progress_as_now") == [(MERGER,)]


def test_a_share_remembers_that_nobody_gave_its_weight(house: House) -> None:
    found = rows(
        house,
        "select unit_code, from_code, first_on, weight, weight_basis from marts.unit_crosswalk where from_code in ('B', 'C') order by all",
    )
    assert found == [
        ("B", "B", date.min, 0.5, "equal"),
        ("B", "B", SPLIT, 1.0, "whole"),
        ("D", "B", date.min, 0.5, "equal"),
        ("D", "C", SPLIT, 1.0, "whole"),
    ]


def test_a_unit_that_moved_is_counted_below_one_parent_a_day(house: House) -> None:
    boards = rows(
        house,
        """select as_of_date, unit_code, parent_code from marts.leaderboard
           where unit_code in ('A', 'C') and as_of_date in ('2023-06-03', '2023-06-04', '2023-06-06') order by all""",
    )
    assert boards == [(BEFORE_MOVE, "A", "P"), (BEFORE_MOVE, "C", "P"), (MOVE, "A", "Q"), (MOVE, "C", "P"), (MERGER, "A", "Q")]
    # what P lost and Q gained by the move is no growth
    growth = rows(
        house, f"select unit_code, increment_1d from marts.progress where as_of_date = '{MOVE}' and level = 'district' order by 1"
    )
    assert growth == [("P", None), ("Q", None)]
    places = rows(
        house, "select unit_code, first_on, last_on, parent_code from marts.dim_unit_period where unit_code in ('A', 'C') order by 1, 2"
    )
    assert places == [("A", date.min, BEFORE_MOVE, "P"), ("A", MOVE, date.max, "Q"), ("C", SPLIT, BEFORE_MERGER, "P")]
