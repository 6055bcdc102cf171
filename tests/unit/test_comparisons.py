"""What `compare` of a campaign means in days."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from tiendo.campaign import Comparison
from tiendo.campaign_file import read_campaign
from tiendo.comparisons import comparisons, months_before
from tiendo.settings import ROOT

NAME = {"vi": "Trước và sau", "en": "Before and since"}


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2023-05-05", 3, "2023-02-05"), ("2023-05-31", 3, "2023-02-28"), ("2024-05-31", 3, "2024-02-29"), ("2023-01-15", 1, "2022-12-15")],
)
def test_months_before_a_day_end_on_the_same_day_or_on_the_last_of_a_shorter_month(day: str, months: int, expected: str) -> None:
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(expected)


def test_order_01_is_compared_with_the_three_months_before_it() -> None:
    [found] = comparisons(read_campaign(ROOT / "campaigns" / "ha_noi_order01_2023"))
    assert (found["comparison_id"], found["since"], found["before_from"]) == ("order_01", date(2023, 5, 5), date(2023, 2, 5))


def test_a_time_before_is_given_in_months_or_in_days_not_in_both() -> None:
    with pytest.raises(ValidationError, match="one of before_months and before_days"):
        Comparison(id="o", name=NAME, since=date(2023, 5, 5), before_months=3, before_days=90)
