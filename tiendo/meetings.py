"""Meetings at which boards are on the table, and the day whose board each one sees."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pandas as pd

from tiendo import calendar
from tiendo.campaign import Campaign, Meeting

COLUMNS = ["meeting_id", "meeting_name", "name_vi", "name_en", "meeting_date", "held_at", "board_date"]
_LONGEST_WAIT = 40  # days that a board may need until it is complete: slots close at most 31 days later


def meetings(campaign: Campaign, slots: pd.DataFrame) -> pd.DataFrame:
    """All meetings of a campaign, one row each, in order of time.

    Columns: meeting_id ('weekly/2023-06-16'), meeting_name (the id in campaign.yml), name_vi, name_en, meeting_date, held_at (UTC) and
    board_date: the newest day that was complete by then, which is when its last slot had closed, or the day was over where nothing
    was owed. `slots` is what tiendo.calendar.slots gives.
    """
    closings: dict[date, datetime] = {}
    for day, closes in zip(slots["slot_date"], slots["closes_at"], strict=True):
        closings[day] = max(closes.to_pydatetime(), closings.get(day, closes.to_pydatetime()))
    rows: list[tuple[str, str, str, str, date, datetime, date]] = []
    for meeting in campaign.meetings:
        for day in _days(campaign, meeting):
            held_at = calendar.due_at(campaign, datetime.combine(day, time.fromisoformat(meeting.time)) if meeting.time else day)
            board = _newest_complete(campaign, closings, day, held_at)
            rows.append((f"{meeting.id}/{day}", meeting.id, meeting.name.vi, meeting.name.en, day, held_at, board))
    rows.sort(key=lambda row: (row[5], row[0]))
    return pd.DataFrame(rows, columns=COLUMNS)


def _days(campaign: Campaign, meeting: Meeting) -> list[date]:
    first, last = meeting.first_on or campaign.starts_on, meeting.last_on or campaign.ends_on
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return sorted({*meeting.dates, *[day for day in span if calendar.WEEKDAYS[day.weekday()] in meeting.days]})


def _newest_complete(campaign: Campaign, closings: dict[date, datetime], day: date, held_at: datetime) -> date:
    for back in range(_LONGEST_WAIT):
        candidate = day - timedelta(days=back)
        if closings.get(candidate, calendar.end_of_day(campaign, candidate)) <= held_at:
            return candidate
    return day - timedelta(days=_LONGEST_WAIT)
