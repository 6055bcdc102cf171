"""Units that campaign.yml names: a code that the register does not have frees, totals or reports nobody."""

from __future__ import annotations

import pandas as pd

from tiendo.campaign import Campaign
from tiendo.campaign_file import Path_, did_you_mean, key_lines, nearest_line


def unit_faults(campaign: Campaign, units: pd.DataFrame) -> list[str]:
    """One line per code in exemptions, placeholders, unit_code and total_rows that is no unit, and one where peer groups are said to be
    in a column that is not there; `units` as load_units gives it.

    No code is judged where units are discovered: one that is named may still appear.
    """
    faults = _peer_group_faults(campaign, units)
    if campaign.units.discover:
        return faults
    known = list(units["unit_code"])
    unknown = [(path, code) for path, code in _mentioned(campaign) if code not in set(known)]
    if not unknown:
        return faults
    file = campaign.folder / "campaign.yml"
    lines = key_lines(file)
    return faults + [
        f"{file}:{nearest_line(lines, path)}: found '{code}', which is no unit of {campaign.units.file}. "
        f"Mend the code or add the unit{did_you_mean(code, known)}"
        for path, code in unknown
    ]


def _peer_group_faults(campaign: Campaign, units: pd.DataFrame) -> list[str]:
    if campaign.leaderboard.peer_group != "column" or units["peer_group"].notna().any():
        return []
    file = campaign.folder / "campaign.yml"
    line = nearest_line(key_lines(file), ("leaderboard", "peer_group"))
    return [f"{file}:{line}: peer_group: column, but no unit has a peer_group. Add the column to units.csv, or say level or parent"]


def _mentioned(campaign: Campaign) -> list[tuple[Path_, str]]:
    named: list[tuple[Path_, str]] = [(("exemptions", n, "unit"), exemption.unit) for n, exemption in enumerate(campaign.exemptions)]
    named += [(("units", "placeholders", "codes", n), code) for n, code in enumerate(campaign.units.placeholders.codes)]
    for n, source in enumerate(campaign.sources):
        if source.unit_code is not None:
            named.append((("sources", n, "unit_code"), source.unit_code))
        named += [(("sources", n, "total_rows", m, "unit"), row.unit) for m, row in enumerate(source.total_rows)]
    return named
