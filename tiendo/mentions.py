"""Units that campaign.yml names: a code that the register does not have frees, totals or reports nobody."""

from __future__ import annotations

import pandas as pd

from tiendo.campaign import Campaign
from tiendo.campaign_file import Path_, did_you_mean, key_lines, nearest_line


def unit_faults(campaign: Campaign, units: pd.DataFrame) -> list[str]:
    """One line per code in exemptions, placeholders, unit_code and total_rows that is no unit; `units` as load_units gives it.

    Empty where units are discovered: one that is named may still appear.
    """
    if campaign.units.discover:
        return []
    known = list(units["unit_code"])
    unknown = [(path, code) for path, code in _mentioned(campaign) if code not in set(known)]
    if not unknown:
        return []
    file = campaign.folder / "campaign.yml"
    lines = key_lines(file)
    return [
        f"{file}:{nearest_line(lines, path)}: found '{code}', which is no unit of {campaign.units.file}. "
        f"Mend the code or add the unit{did_you_mean(code, known)}"
        for path, code in unknown
    ]


def _mentioned(campaign: Campaign) -> list[tuple[Path_, str]]:
    named: list[tuple[Path_, str]] = [(("exemptions", n, "unit"), exemption.unit) for n, exemption in enumerate(campaign.exemptions)]
    named += [(("units", "placeholders", "codes", n), code) for n, code in enumerate(campaign.units.placeholders.codes)]
    for n, source in enumerate(campaign.sources):
        if source.unit_code is not None:
            named.append((("sources", n, "unit_code"), source.unit_code))
        named += [(("sources", n, "total_rows", m, "unit"), row.unit) for m, row in enumerate(source.total_rows)]
    return named
