"""Reinforcement: where more people bring most. What a campaign may say of it, and how many people work where."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import pandas as pd
from pydantic import Field

from tiendo.errors import CampaignError
from tiendo.model import Id, Model

if TYPE_CHECKING:
    from tiendo.campaign import Campaign

PEOPLE = ["unit_code", "people", "first_on", "last_on"]


class Reinforcement(Model):
    """What is to be sped up with more people, and what one of them can do."""

    indicator: Id | None = None  # default: the board's
    norm: Annotated[float | None, Field(gt=0)] = None  # what one person does a day at most; default: the indicator's device_norm
    people: str | None = None  # CSV beside campaign.yml: unit_code, people, first_on, last_on


def load_people(campaign: Campaign, units: pd.DataFrame) -> pd.DataFrame:
    """People at work, one row per unit and span of days: PEOPLE. Empty where the campaign has no such file.

    Spans of one unit may not overlap; an empty first_on or last_on means the campaign's. Raises CampaignError with every fault.
    """
    from tiendo.unit_file import read_csv  # it reads the campaign's model, of which this module is a part

    if not campaign.reinforcement.people:
        return pd.DataFrame([], columns=PEOPLE)
    file = campaign.folder / campaign.reinforcement.people
    known = set(units["unit_code"])
    faults: list[str] = []
    rows: list[dict[str, object]] = []
    spans: dict[str, list[tuple[date, date, int]]] = {}
    for line, row in read_csv(file, ("unit_code", "people"), ("first_on", "last_on")):
        where = f"{file}:{line}"
        if row["unit_code"] not in known and not campaign.units.discover:
            faults.append(f"{where}: found unit_code '{row['unit_code']}', which is no unit of {campaign.units.file}. Mend the code")
        if not row["people"].isdigit():
            faults.append(f"{where}: found '{row['people']}' as people. Write a whole number such as 12")
            continue
        try:
            first = date.fromisoformat(row["first_on"]) if row["first_on"] else campaign.starts_on
            last = date.fromisoformat(row["last_on"]) if row["last_on"] else campaign.ends_on
        except ValueError:
            faults.append(f"{where}: found '{row['first_on']}' and '{row['last_on']}'. Write days such as 2023-05-16")
            continue
        if last < first:
            faults.append(f"{where}: last_on {last} is before first_on {first}")
        for other_first, other_last, other_line in spans.setdefault(row["unit_code"], []):
            if first <= other_last and last >= other_first:
                faults.append(f"{where}: overlaps line {other_line} of the same unit. End that one the day before")
        spans[row["unit_code"]].append((first, last, line))
        rows.append({"unit_code": row["unit_code"], "people": int(row["people"]), "first_on": first, "last_on": last})
    if faults:
        raise CampaignError(faults)
    return pd.DataFrame(rows, columns=PEOPLE)
