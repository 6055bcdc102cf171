"""The calendar of slots: cutoffs are wall-clock times of the campaign's zone."""

from datetime import UTC, date, datetime

import pandas as pd

from tiendo import calendar, obligations
from tiendo.campaign import Campaign


def campaign(**changes: object) -> Campaign:
    document: dict[str, object] = {
        "id": "trial",
        "name": {"vi": "Thử", "en": "Trial"},
        "starts_on": date(2023, 6, 12),
        "ends_on": date(2023, 6, 18),
        "levels": [{"id": "district", "name": {"vi": "Huyện", "en": "District"}}],
        "units": {"discover": True},
        "indicators": [{"id": "cards", "name": {"vi": "Thẻ", "en": "Cards"}, "kind": "cumulative"}],
        "slots": [{"id": "daily", "cutoff": "17:00", "levels": ["district"]}],
        "sources": [{"id": "a", "path": "x", "unit": {"code": "c"}, "as_of": "d", "indicators": {"cards": "n"}}],
    }
    return Campaign.model_validate(document | changes)


def test_a_cutoff_at_17_in_viet_nam_is_10_utc() -> None:
    first = calendar.slots(campaign()).iloc[0]
    assert first["slot_id"] == "daily/2023-06-12"
    assert first["cutoff_at"].to_pydatetime() == datetime(2023, 6, 12, 10, 0, tzinfo=UTC)


def test_a_week_has_seven_daily_slots_and_five_on_working_days() -> None:
    assert len(calendar.slots(campaign())) == 7
    working = {"id": "daily", "cutoff": "17:00", "levels": ["district"], "days": ["mon", "tue", "wed", "thu", "fri"]}
    assert len(calendar.slots(campaign(slots=[working]))) == 5


def test_a_holiday_has_no_slot() -> None:
    found = calendar.slots(campaign(holidays=[date(2023, 6, 14)]))
    assert date(2023, 6, 14) not in set(found["slot_date"])


def test_grace_moves_the_closing_and_not_the_cutoff() -> None:
    slot = {"id": "daily", "cutoff": "17:00", "grace_minutes": 10, "levels": ["district"]}
    first = calendar.slots(campaign(slots=[slot])).iloc[0]
    assert first["cutoff_at"].minute == 0
    assert first["closes_at"].minute == 10


def test_a_cutoff_on_the_next_day_belongs_to_the_day_of_the_figures() -> None:
    slot = {"id": "night", "cutoff": "08:00", "cutoff_day": 1, "levels": ["district"]}
    first = calendar.slots(campaign(slots=[slot])).iloc[0]
    assert first["slot_id"] == "night/2023-06-12"
    assert first["cutoff_at"].to_pydatetime() == datetime(2023, 6, 13, 1, 0, tzinfo=UTC)


def test_a_cutoff_follows_summer_time() -> None:
    rome = campaign(time_zone="Europe/Rome", starts_on=date(2021, 3, 27), ends_on=date(2021, 3, 28))
    hours = [moment.hour for moment in calendar.slots(rome)["cutoff_at"]]
    assert hours == [16, 15]


def test_a_due_day_includes_its_last_second() -> None:
    assert calendar.due_at(campaign(), date(2023, 6, 20)) == datetime(2023, 6, 20, 16, 59, 59, tzinfo=UTC)
    assert calendar.due_at(campaign(), datetime(2023, 6, 20, 12, 0)) == datetime(2023, 6, 20, 5, 0, tzinfo=UTC)


def test_a_campaign_without_slots_has_an_empty_calendar() -> None:
    assert calendar.slots(campaign(slots=[])).empty


NOON = {"id": "noon", "cutoff": "12:00", "levels": ["district"]}
UNITS = pd.DataFrame(
    [
        ("C", "city", None, "unit", None, None),
        ("A", "district", "C", "unit", date(2023, 6, 14), None),
        ("B", "district", "C", "unit", None, date(2023, 6, 13)),
        ("X", "district", "C", "placeholder", None, None),
    ],
    columns=["unit_code", "level", "parent_code", "kind", "opened_on", "closed_on"],
).astype(object)


def owed(**changes: object) -> list[tuple[str, str, int, int]]:
    """(unit, slot, first and last day of June)."""
    found = obligations.obligations(campaign(**changes), UNITS)
    return [(unit, slot, first.day, last.day) for unit, slot, first, last in found.itertuples(index=False)]


def test_open_units_owe_the_slots_of_their_level_and_placeholders_owe_none() -> None:
    assert owed() == [("A", "daily", 14, 18), ("B", "daily", 12, 13)]


def test_a_slot_that_an_obligation_names_is_owed_by_the_units_named_and_no_others() -> None:
    entries = [{"slot": "noon", "unit": "B", "last_on": date(2023, 6, 12)}]
    assert owed(slots=[NOON], obligations=entries) == [("B", "noon", 12, 12)]


def test_obligations_that_overlap_or_touch_are_one_span() -> None:
    spans = [(12, 15), (14, 16), (17, 17)]
    entries = [{"parent": "C", "first_on": date(2023, 6, first), "last_on": date(2023, 6, last)} for first, last in spans]
    assert owed(slots=[NOON], obligations=entries) == [("A", "noon", 14, 17), ("B", "noon", 12, 13)]


def test_an_hour_that_the_clock_skips_is_moved_and_of_one_shown_twice_the_second_counts() -> None:
    night = [{"id": "night", "cutoff": "02:30", "levels": ["district"]}]
    for day, moment in ((date(2021, 3, 28), datetime(2021, 3, 28, 1, 30)), (date(2021, 10, 31), datetime(2021, 10, 31, 1, 30))):
        (cutoff,) = calendar.slots(campaign(time_zone="Europe/Rome", starts_on=day, ends_on=day, slots=night))["cutoff_at"]
        assert cutoff.to_pydatetime() == moment.replace(tzinfo=UTC)


def test_an_extension_for_everybody_names_no_unit_and_a_day_counts_whole() -> None:
    given = {"first_on": date(2023, 6, 13), "until": date(2023, 6, 14), "reason": "storm", "author": "office"}
    (found,) = obligations.extensions(campaign(extensions=[given]), UNITS)
    assert (found["unit_code"], found["slot_name"], found["last_on"]) == (None, None, date(2023, 6, 13))
    assert found["until_at"] == datetime(2023, 6, 14, 16, 59, 59, tzinfo=UTC)
