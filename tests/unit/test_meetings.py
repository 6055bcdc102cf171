"""Meetings of a campaign, the day whose board each sees, and the campaign that goes before."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from acts_trial import CAMPAIGN, UNITS

from tiendo import calendar
from tiendo.campaign import Campaign
from tiendo.campaign_file import read_campaign
from tiendo.errors import CampaignError
from tiendo.meetings import meetings
from tiendo.mentions import follow_faults
from tiendo.settings import Settings


def campaign(root: Path, more: str, name: str = "trial") -> Campaign:
    folder = root / name
    folder.mkdir()
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "campaign.yml").write_text(CAMPAIGN.replace("id: trial", f"id: {name}") + more, encoding="utf-8")
    return read_campaign(folder)


def boards(found: Campaign) -> dict[str, date]:
    rows = meetings(found, calendar.slots(found))
    return dict(zip(rows["meeting_id"], rows["board_date"], strict=True))


def test_a_meeting_before_the_cutoff_sees_the_board_of_the_day_before(tmp_path: Path) -> None:
    more = """meetings:
  - {id: early, name: {vi: a, en: a}, days: [fri], time: "16:59", last_on: 2023-06-10}
  - {id: late, name: {vi: b, en: b}, dates: [2023-06-03, 2023-06-05], time: "17:00"}
  - {id: evening, name: {vi: c, en: c}, dates: [2023-06-04]}
"""
    assert boards(campaign(tmp_path, more)) == {
        "early/2023-06-02": date(2023, 6, 1), "late/2023-06-03": date(2023, 6, 3), "evening/2023-06-04": date(2023, 6, 4),
        "late/2023-06-05": date(2023, 6, 5), "early/2023-06-09": date(2023, 6, 8),
    }  # fmt: skip


def test_a_day_without_slots_is_complete_when_it_is_over(tmp_path: Path) -> None:
    more = """holidays: [2023-06-03]
meetings:
  - {id: noon, name: {vi: a, en: a}, dates: [2023-06-03], time: "12:00"}
  - {id: midnight, name: {vi: b, en: b}, dates: [2023-06-03]}
"""
    assert boards(campaign(tmp_path, more)) == {"noon/2023-06-03": date(2023, 6, 2), "midnight/2023-06-03": date(2023, 6, 3)}


def test_a_meeting_that_is_never_held_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="say when it is held"):
        campaign(tmp_path, "meetings:\n  - {id: never, name: {vi: a, en: a}}\n")


def test_the_campaign_that_went_before_must_be_there_and_not_follow_in_a_circle(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home", (tmp_path,))
    first = campaign(tmp_path, "", "first")
    second = campaign(tmp_path, "follows: first\n", "second")
    assert follow_faults(settings, first) == follow_faults(settings, second) == []
    lost = campaign(tmp_path, "follows: frist\n", "lost")
    [fault] = follow_faults(settings, lost)
    assert "campaign.yml:" in fault and "found 'frist', but there is no such campaign" in fault and "first" in fault
    (tmp_path / "first" / "campaign.yml").write_text((CAMPAIGN + "follows: second\n").replace("id: trial", "id: first"), encoding="utf-8")
    [fault] = follow_faults(settings, second)
    assert "second > first > second" in fault
    with pytest.raises(CampaignError, match="the campaign itself"):
        campaign(tmp_path, "follows: own\n", "own")
