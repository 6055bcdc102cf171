"""When each campaign is collected, read from campaign.yml alone: DAG files are parsed every half minute, so nothing heavy here.

A folder that cannot be understood is left out with a warning, so that it does not take the other campaigns' DAGs with it;
`nightly` fails on it with file and line.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from tiendo import plain_yaml
from tiendo.settings import load_settings

log = logging.getLogger(__name__)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
A_MONDAY = datetime(2024, 1, 1)
WITHOUT_SLOTS = ("0 6 * * *",)


@dataclass(frozen=True)
class Schedule:
    """Cron expressions and the time zone that they are read in."""

    crons: tuple[str, ...]
    zone: str


def campaign_schedules() -> dict[str, Schedule]:
    """Campaign id -> when to collect it, for every campaign folder that can be understood."""
    found = {}
    for campaign_id, folder in load_settings().campaign_folders().items():
        try:
            found[campaign_id] = _schedule(campaign_id, folder)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            log.warning("%s: no DAG for this campaign (%s). Run `tiendo campaign check %s`", folder, " ".join(str(error).split()), folder)
    return found


def _schedule(campaign_id: str, folder: Path) -> Schedule:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", campaign_id):
        raise ValueError(f"'{campaign_id}' is not an id")
    said: dict[str, Any] = plain_yaml.load((folder / "campaign.yml").read_text(encoding="utf-8-sig"))
    zone = said.get("time_zone", "Asia/Ho_Chi_Minh")
    ZoneInfo(zone)
    crons = sorted({cron for slot in said.get("slots") or [] for cron in slot_crons(slot)})
    return Schedule(tuple(crons) or WITHOUT_SLOTS, zone)


def slot_crons(slot: dict[str, Any]) -> Iterator[str]:
    """Cron expressions around a slot's cutoff: 30 and 2 minutes before, 1 before and 5 after the end of its grace.

    A report is on time by when we fetch it, so the last fetch before the cutoff has to be close to it.
    """
    cutoff = time.fromisoformat(slot["cutoff"])
    grace = int(slot.get("grace_minutes", 0))
    minutes = [-30, -2, *([grace - 1] if grace else []), grace + 5]
    days = [WEEKDAYS.index(day) for day in slot.get("days") or WEEKDAYS]
    for offset in minutes:
        fires = [datetime.combine(A_MONDAY, cutoff) + timedelta(days=day + int(slot.get("cutoff_day", 0)), minutes=offset) for day in days]
        weekdays = ",".join(str(number) for number in sorted({fire.isoweekday() % 7 for fire in fires}))
        yield f"{fires[0].minute} {fires[0].hour} * * {'*' if len(days) == 7 else weekdays}"
