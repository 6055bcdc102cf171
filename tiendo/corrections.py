"""`corrections.yml` beside campaign.yml: figures that are known to be wrong, what stands instead, and why.

Like every fact of a campaign it is data with an author. An entry says by unit, indicator, time and value which figure it
means, so that it cannot hit another one by chance: pipeline/corrections.py applies it once.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.campaign_file import did_you_mean, nearest_line, read_model
from tiendo.errors import CampaignError
from tiendo.model import Code, Id, Model

FILE = "corrections.yml"
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class Match(Model):
    """The figure that is wrong. `as_of`: a day stands for the one figure of that day."""

    unit: Code
    indicator: Id
    as_of: datetime | date
    value: float


class Correction(Model):
    match: Match
    set: float | Literal["discard"]
    because: Text
    source: Text
    author: Text

    @property
    def entry_id(self) -> str:
        """A digest of what the entry says: a changed entry is another one."""
        return lake.digest(json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False))


class Corrections(Model):
    corrections: list[Correction] = []


def load_corrections(campaign: Campaign, units: pd.DataFrame) -> list[tuple[str, Correction]]:
    """Entries with their place (`file:line: corrections.2`); none where there is no file. Raises CampaignError with all faults.

    `units`: the register; where units are discovered an entry may name one that is not in it yet.
    """
    file = campaign.folder / FILE
    if not file.is_file():
        return []
    document, lines, faults = read_model(file, Corrections, "Write it in UTF-8")
    indicators = [indicator.id for indicator in campaign.indicators]
    known = list(units["unit_code"])
    entries = []
    seen: dict[str, str] = {}
    for n, entry in enumerate(document.corrections):
        place = f"{file}:{nearest_line(lines, ('corrections', n))}: corrections.{n + 1}"
        if entry.match.indicator not in indicators:
            hint = did_you_mean(entry.match.indicator, indicators)
            faults.append(f"{place}: found '{entry.match.indicator}', which is no indicator. Allowed: {', '.join(indicators)}{hint}")
        if entry.match.unit not in known and not campaign.units.discover:
            faults.append(f"{place}: found '{entry.match.unit}', which is no unit of the register{did_you_mean(entry.match.unit, known)}")
        subject = f"{entry.match.unit} {entry.match.indicator} {entry.match.as_of}"
        if subject in seen:
            faults.append(f"{place}: speaks of the same figure as {seen[subject]}. Keep one")
        seen.setdefault(subject, f"corrections.{n + 1}")
        entries.append((place, entry))
    if faults:
        raise CampaignError(faults)
    return entries
