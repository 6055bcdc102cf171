"""Numbers and dates: exactly the declared form, and nothing guessed."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from loaders.parsing import moment, number


def parse(expression: str, text: str) -> object:
    with duckdb.connect() as con:
        return con.execute(f"select {expression} from (select $1 as x)", [text]).fetchone()[0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "vi", "en"),
    [
        ("1.167.685", 1167685, None),
        ("1,167,685", None, 1167685),
        ("38,49", 38.49, None),
        ("38.49", None, 38.49),
        ("1.167.685,5", 1167685.5, None),
        ("1.500", 1500, 1.5),
        ("1.5", None, 1.5),
        ("0.123", None, 0.123),
        ("1.16.685", None, None),
        ("1.167 685", None, None),
        ("1 167 685", 1167685, 1167685),
        ("1\u00a0167\u202f685", 1167685, 1167685),
        (" 42\t", 42, 42),
        ("\uff11\uff12\uff13", 123, 123),
        ("-5", -5, -5),
        ("\u22125", -5, -5),
        ("+5", 5, 5),
        ("007", 7, 7),
        ("1e5", None, None),
        ("12%", None, None),
        ("1_000", None, None),
        ("0x10", None, None),
        ("nan", None, None),
        ("inf", None, None),
        ("9" * 400, None, None),
        ("", None, None),
        ("-", None, None),
        ("\x1f1167685", 1167685, 1167685),
        ("\x1f38.49", 38.49, 38.49),
        ("\x1fnan", None, None),
        ("\x1f2023-06-13 00:00:00", None, None),
    ],
)
def test_a_number_is_read_in_its_declared_form_only(text: str, vi: float | None, en: float | None) -> None:
    assert (parse(number("x", "vi"), text), parse(number("x", "en"), text)) == (vi, en)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13/06/2023", datetime(2023, 6, 13)),
        ("13-06-2023", None),
        ("31/02/2023", None),
        ("2020-02-24T18:00:00", datetime(2020, 2, 24, 18)),
        ("2020-02-24T18:00:00Z", datetime(2020, 2, 25, 1)),
        ("2020-02-24T18:00:00+02:00", datetime(2020, 2, 24, 23)),
        ("2020-02-24T18:00:00 -0130", datetime(2020, 2, 25, 2, 30)),
        ("\x1f2023-06-13 00:00:00", datetime(2023, 6, 13)),
        ("\x1f45000", None),
        ("", None),
    ],
)
def test_a_date_is_read_in_a_declared_format_and_an_offset_moves_it_to_the_campaigns_zone(text: str, expected: datetime | None) -> None:
    assert parse(moment("x", ["%d/%m/%Y", "%Y-%m-%dT%H:%M:%S"], "Asia/Ho_Chi_Minh"), text) == expected
