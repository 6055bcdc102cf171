"""Who may report for whom: senders.csv of a campaign."""

from __future__ import annotations

import pandas as pd

from tiendo.campaign import Campaign
from tiendo.errors import CampaignError
from tiendo.text import fold
from tiendo.units import read_csv

COLUMNS = ["sender", "unit_code", "role", "name", "language", "contact", "position"]
LANGUAGES = ("vi", "en")


def load_senders(campaign: Campaign, units: pd.DataFrame) -> pd.DataFrame:
    """One row per sender and unit below which (itself included) it may report.

    Columns: sender (as sources write it), unit_code, role, name, language (vi, en), contact (None where not given), position (line order).
    A sender may stand on several lines. Other columns of the file are left alone. Raises CampaignError with every fault of
    senders.csv: file, line, what was found, what is allowed. Empty where the campaign has no such file.
    """
    if not campaign.senders:
        return pd.DataFrame([], columns=COLUMNS)
    file = campaign.folder / campaign.senders.file
    known = set(units["unit_code"])
    faults: list[str] = []
    rows: list[dict[str, object]] = []
    seen: dict[tuple[str, str], int] = {}
    for line, row in read_csv(file, ("sender", "unit_code"), ("role", "name", "language", "contact")):
        where = f"{file}:{line}"
        key = (fold(row["sender"]), row["unit_code"])
        if not all(key):
            faults.append(f"{where}: found an empty sender or unit_code. Give every line both")
        elif key in seen:
            faults.append(f"{where}: found '{row['sender']}' for unit '{row['unit_code']}' again, as on line {seen[key]}. Keep one")
        elif row["unit_code"] not in known and not campaign.units.discover:
            faults.append(f"{where}: found unit_code '{row['unit_code']}', which is no unit of {campaign.units.file}. Mend the code")
        if row["language"] and row["language"] not in LANGUAGES:
            faults.append(f"{where}: found language '{row['language']}'. Allowed: {', '.join(LANGUAGES)}")
        seen.setdefault(key, line)
        rows.append({name: value or None for name, value in row.items()} | {"position": len(rows) + 1})
    if faults:
        raise CampaignError(faults)
    return pd.DataFrame(rows, columns=COLUMNS)


def roles_of(campaign: Campaign, units: pd.DataFrame) -> dict[str, set[str]]:
    """The folded name of each sender whose role senders.csv gives, and its folded roles."""
    found: dict[str, set[str]] = {}
    for sender, role in load_senders(campaign, units)[["sender", "role"]].itertuples(index=False):
        if role:
            found.setdefault(fold(sender), set()).add(fold(role))
    return found
