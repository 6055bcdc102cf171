"""Days before and after which a campaign's daily average is compared: what an order changed."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

from tiendo.campaign import Campaign


def comparisons(campaign: Campaign) -> list[dict[str, Any]]:
    """One row per comparison: its names, the first day after (`since`) and the first day before (`before_from`)."""
    return [
        {
            "comparison_id": c.id,
            "name_vi": c.name.vi,
            "name_en": c.name.en,
            "since": c.since,
            "before_from": c.since - timedelta(days=c.before_days) if c.before_days else months_before(c.since, c.before_months or 3),
        }
        for c in campaign.compare
    ]


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day: three months before 31 May is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
