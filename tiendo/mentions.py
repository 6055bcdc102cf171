"""Units and campaigns that campaign.yml names: a code that the register does not have frees, totals or reports nobody."""

from __future__ import annotations

import pandas as pd

from tiendo.campaign import Campaign
from tiendo.campaign_file import Path_, did_you_mean, key_lines, nearest_line, read_campaign
from tiendo.settings import Settings


def unit_faults(campaign: Campaign, units: pd.DataFrame) -> list[str]:
    """One line per code in exemptions, extensions, obligations, placeholders, unit_code and total_rows that is no unit, one per
    obligation of a unit whose level does not owe the slot, and one where peer groups are said to be in a column that is not there;
    `units` as load_units gives it.

    No code is judged where units are discovered: one that is named may still appear.
    """
    faults = _peer_group_faults(campaign, units)
    if campaign.units.discover:
        return faults
    faults += _levels_that_do_not_owe(campaign, units)
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


def follow_faults(settings: Settings, campaign: Campaign) -> list[str]:
    """One line where the campaign that this one follows is not there, or follows this one in turn."""
    if campaign.follows is None:
        return []
    file = campaign.folder / "campaign.yml"
    where = f"{file}:{nearest_line(key_lines(file), ('follows',))}"
    folders = {campaign.folder.name: campaign.folder, **settings.campaign_folders()}
    folders |= {path.parent.name: path.parent for path in campaign.folder.parent.glob("*/campaign.yml")}
    passed, name = [campaign.id], campaign.follows
    while True:
        if name in passed:
            return [f"{where}: the campaigns follow each other in a circle: {' > '.join([*passed, name])}. Let the first follow none"]
        if name not in folders:
            known = sorted(set(folders) - {campaign.id})
            return [f"{where}: found '{name}', but there is no such campaign. Known: {', '.join(known)}{did_you_mean(name, known)}"]
        passed.append(name)
        following = read_campaign(folders[name]).follows
        if following is None:
            return []
        name = following


def _peer_group_faults(campaign: Campaign, units: pd.DataFrame) -> list[str]:
    if campaign.leaderboard.peer_group != "column" or units["peer_group"].notna().any():
        return []
    file = campaign.folder / "campaign.yml"
    line = nearest_line(key_lines(file), ("leaderboard", "peer_group"))
    return [f"{file}:{line}: peer_group: column, but no unit has a peer_group. Add the column to units.csv, or say level or parent"]


def _levels_that_do_not_owe(campaign: Campaign, units: pd.DataFrame) -> list[str]:
    levels = dict(zip(units["unit_code"], units["level"], strict=True))
    file, faults = campaign.folder / "campaign.yml", []
    for n, entry in enumerate(campaign.obligations):
        owing = {level for slot in campaign.slots if entry.slot in (None, slot.id) for level in slot.levels}
        named = [levels[code] for code in (entry.unit, *entry.units) if code in levels] + [entry.level] * bool(entry.level)
        for level in sorted(set(named) - owing):
            line = nearest_line(key_lines(file), ("obligations", n))
            faults.append(
                f"{file}:{line}: units of level '{level}' do not owe {entry.slot or 'any slot'}. Allowed: {', '.join(sorted(owing))}; "
                "or add the level to the slot's levels"
            )
    return faults


def _mentioned(campaign: Campaign) -> list[tuple[Path_, str]]:
    named: list[tuple[Path_, str]] = []
    for key in ("exemptions", "extensions", "obligations"):
        for n, record in enumerate(getattr(campaign, key)):
            named += [((key, n, name), code) for name in ("unit", "parent") if (code := getattr(record, name))]
            named += [((key, n, "units", m), code) for m, code in enumerate(record.units)]
    named += [(("units", "placeholders", "codes", n), code) for n, code in enumerate(campaign.units.placeholders.codes)]
    for n, source in enumerate(campaign.sources):
        if source.unit_code is not None:
            named.append((("sources", n, "unit_code"), source.unit_code))
        named += [(("sources", n, "total_rows", m, "unit"), row.unit) for m, row in enumerate(source.total_rows)]
    return named
