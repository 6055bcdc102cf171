"""What re-verification teams counted: recounts.csv of a campaign, and how its queue of recounts is weighed."""

from __future__ import annotations

import hashlib
import re
from datetime import date

import pandas as pd

from tiendo import calendar
from tiendo.campaign import Campaign
from tiendo.errors import CampaignError
from tiendo.units import read_csv

COLUMNS = [
    "recount_id", "indicator_id", "unit_code", "as_of_date", "recounted_value", "recounted_on", "recounted_by", "note", "known_until",
]  # fmt: skip
NEEDED = ("unit_code", "indicator_id", "as_of", "recounted_value", "recounted_on", "recounted_by")
# Parts of the score of the queue; what is found and what earlier recounts found weigh most.
WEIGHTS = {"findings": 3.0, "size": 2.0, "growth": 2.0, "jump": 2.0, "changes": 1.0, "age": 1.0, "factor": 3.0}
_DIGITS = re.compile(r"\d+(\.\d+)?")


def load_recounts(campaign: Campaign, units: pd.DataFrame) -> pd.DataFrame:
    """One row per recount: COLUMNS; `known_until` is the end of the day of the recount, up to which reports count as known to it.

    `units` has unit_code of every unit known so far. Raises CampaignError with every fault of the file: file, line, what was
    found, what is allowed. Empty where the campaign has no such file.
    """
    if not campaign.recounts.file:
        return pd.DataFrame([], columns=COLUMNS)
    file = campaign.folder / campaign.recounts.file
    known, indicators = set(units["unit_code"]), [indicator.id for indicator in campaign.indicators]
    faults: list[str] = []
    rows: list[dict[str, object]] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, row in read_csv(file, NEEDED, ("note",)):
        where = f"{file}:{line}"
        before = len(faults)
        if row["unit_code"] not in known and not campaign.units.discover:
            faults.append(f"{where}: found unit_code '{row['unit_code']}', which is no unit of {campaign.units.file}. Mend the code")
        if row["indicator_id"] not in indicators:
            faults.append(f"{where}: found indicator_id '{row['indicator_id']}'. Allowed: {', '.join(indicators)}")
        if not _DIGITS.fullmatch(row["recounted_value"]):
            faults.append(f"{where}: found '{row['recounted_value']}' as recounted_value. Write plain digits, such as 1167685 or 38.5")
        if not row["recounted_by"]:
            faults.append(f"{where}: recounted_by is empty. Say who counted")
        as_of, recounted_on = (_day(row[name], f"{where}: {name}", faults) for name in ("as_of", "recounted_on"))
        if as_of and not campaign.starts_on <= as_of <= campaign.ends_on:
            faults.append(f"{where}: as_of {as_of} is outside the campaign, {campaign.starts_on} to {campaign.ends_on}")
        if as_of and recounted_on and recounted_on < as_of:
            faults.append(f"{where}: recounted_on {recounted_on} is before as_of {as_of}. A day cannot be counted again before it came")
        key = tuple(row[name] for name in ("unit_code", "indicator_id", "as_of", "recounted_on"))
        if seen.setdefault(key, line) != line:
            faults.append(f"{where}: the same recount as on line {seen[key]}. Keep one")
        if len(faults) > before or not as_of or not recounted_on:
            continue
        rows.append(
            {
                "recount_id": hashlib.sha256("\x1f".join((campaign.id, *key)).encode()).hexdigest()[:20],
                **{name: row[name] for name in ("indicator_id", "unit_code", "recounted_by")}, "note": row["note"] or None,
                "as_of_date": as_of, "recounted_on": recounted_on, "recounted_value": float(row["recounted_value"]),
                "known_until": calendar.end_of_day(campaign, recounted_on),
            }
        )  # fmt: skip
    if faults:
        raise CampaignError(faults)
    return pd.DataFrame(rows, columns=COLUMNS)


def recount_weights(campaign: Campaign) -> pd.DataFrame:
    """kind (part, rule, audit_pct), name, weight: how the campaign weighs its queue of recounts."""
    parts = [("part", name, float(weight)) for name, weight in (WEIGHTS | dict(campaign.recounts.weights)).items()]
    rules = [("rule", name, float(weight)) for name, weight in sorted(campaign.recounts.rules.items())]
    return pd.DataFrame([*parts, *rules, ("audit_pct", "", float(campaign.recounts.audit_pct))], columns=["kind", "name", "weight"])


def _day(text: str, where: str, faults: list[str]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(f"{where}: found '{text}'. Write a day such as 2023-06-13")
        return None
