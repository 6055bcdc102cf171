"""The calendar of slots: every occasion on which a level owes a report, with its cutoff as a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pandas as pd

from tiendo.campaign import Campaign

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def slots(campaign: Campaign) -> pd.DataFrame:
    """All slots of a campaign, one row per (slot_id, level).

    Columns: slot_id ('daily/2023-06-13'), slot_name, slot_date, cutoff_at and closes_at (UTC; cutoff plus grace), level.
    A cutoff is wall-clock time in the campaign's zone. An hour that the clock skips is moved by the gap, and of an hour that it shows
    twice the second counts: nobody is late while the clock on the wall still says that there is time.
    """
    holidays = set(campaign.holidays)
    rows = []
    for slot in campaign.slots:
        first, last = slot.first_on or campaign.starts_on, slot.last_on or campaign.ends_on
        clock = time.fromisoformat(slot.cutoff)
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if WEEKDAYS[day.weekday()] not in slot.days or day in holidays:
                continue
            cutoff = _cutoff(campaign, day + timedelta(days=slot.cutoff_day), clock)
            for level in slot.levels:
                rows.append((f"{slot.id}/{day}", slot.id, day, cutoff, cutoff + timedelta(minutes=slot.grace_minutes), level))
    frame = pd.DataFrame(rows, columns=["slot_id", "slot_name", "slot_date", "cutoff_at", "closes_at", "level"])
    for name in ("cutoff_at", "closes_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame


def end_of_day(campaign: Campaign, day: date) -> datetime:
    """The last second of a day in the campaign's zone, in UTC: a due day includes itself."""
    return _moment(campaign, day + timedelta(days=1), time(0)) - timedelta(seconds=1)


def due_at(campaign: Campaign, due: date | datetime) -> datetime:
    """A due time as a moment: a date means the end of that day, a time without zone is the campaign's."""
    if not isinstance(due, datetime):
        return end_of_day(campaign, due)
    local = due if due.tzinfo else due.replace(tzinfo=campaign.zone)
    return pd.Timestamp(local).tz_convert("UTC").to_pydatetime()


def _cutoff(campaign: Campaign, day: date, clock: time) -> datetime:
    return max(_moment(campaign, day, clock.replace(fold=fold)) for fold in (0, 1))


def _moment(campaign: Campaign, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=campaign.zone).astimezone(UTC)
