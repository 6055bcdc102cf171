"""The unit register of a campaign: units.csv, the units that batches discovered, aliases and placeholders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.crosswalk import Crosswalk, read_crosswalk
from tiendo.errors import CampaignError
from tiendo.settings import Settings
from tiendo.text import fold, nfc
from tiendo.unit_file import EVER, NEVER, by_unit, hint, judge_periods, read_csv

__all__ = ["COLUMNS", "PERIODS", "Reorganisation", "homonyms", "kind_of", "load_aliases", "load_reorganisation", "load_units", "read_csv"]

COLUMNS = [
    "unit_code", "unit_name", "level", "depth", "parent_code", "kind", "opened_on", "closed_on", "peer_group", "is_discovered",
]  # fmt: skip
PERIODS = ["unit_code", "valid_from", "valid_to", "unit_name", "level", "depth", "parent_code"]


@dataclass(frozen=True)
class Reorganisation:
    """What changes among the units: the times of units of several (PERIODS), the crosswalk, and what a person should look at."""

    periods: pd.DataFrame
    crosswalk: Crosswalk


def load_units(settings: Settings, campaign: Campaign) -> pd.DataFrame:
    """One row per unit: unit_code, unit_name, level, depth (1 = top), parent_code, kind (unit, placeholder), opened_on and
    closed_on (date or None), peer_group, is_discovered. Ordered by depth, then code. Of a unit that changed: as it is in the end,
    open from its first opening to its last closing.

    Raises CampaignError with every fault of units.csv and the crosswalk: file, line, what was found, what is allowed.
    """
    units: dict[str, dict[str, object]] = {}
    root = _root(campaign)
    if root:
        units[str(root["unit_code"])] = root
    for code, times in by_unit(_periods(campaign)).items():
        units[code] = times[-1] | {"opened_on": times[0]["opened_on"]}
    if campaign.units.discover:
        for code, unit in _discovered(settings, campaign).items():
            units.setdefault(code, unit)
    ordered = sorted(units.values(), key=lambda unit: (unit["depth"], unit["unit_code"]))
    frame = pd.DataFrame(ordered, columns=COLUMNS).astype(object)
    frame = frame.where(frame.notna(), None)
    return frame.astype({"depth": "int64", "is_discovered": "bool"})


def load_reorganisation(campaign: Campaign) -> Reorganisation:
    """The times of units that have several (the first reaches back for ever, the last on for ever), and the crosswalk.

    Raises CampaignError as load_units does.
    """
    periods, crosswalk = _changes(campaign)
    rows = []
    for code, times in by_unit(periods).items():
        for number, time in enumerate(times if len(times) > 1 else ()):
            span = {"valid_from": time["opened_on"] if number else EVER, "valid_to": NEVER if time is times[-1] else time["closed_on"]}
            rows.append({**time, "unit_code": code, **span})
    return Reorganisation(pd.DataFrame(rows, columns=PERIODS).astype({"depth": "int64"}), crosswalk)


def load_aliases(campaign: Campaign, units: pd.DataFrame) -> list[dict[str, str]]:
    """Other names of units: dicts with alias, unit_code, level and parent_code ('' where not given).

    Raises CampaignError for a missing column, an empty alias or (unless units are discovered) an unknown code.
    """
    if not campaign.units.aliases:
        return former_names(campaign)
    file = campaign.folder / campaign.units.aliases
    known, faults, aliases = set(units["unit_code"]), [], []
    for line, row in read_csv(file, ("alias", "unit_code"), ("level", "parent_code")):
        if not row["alias"] or not row["unit_code"]:
            faults.append(f"{file}:{line}: found an empty cell. Allowed: an alias and the unit_code that it means")
        elif row["unit_code"] not in known and not campaign.units.discover:
            faults.append(f"{file}:{line}: found unit_code '{row['unit_code']}', which is no unit{hint(row['unit_code'], known)}")
        if row["level"] and row["level"] not in campaign.level_ids:
            faults.append(f"{file}:{line}: found level '{row['level']}'. Allowed: {', '.join(campaign.level_ids)}")
        aliases.append(row)
    if faults:
        raise CampaignError(faults)
    return aliases + former_names(campaign)


def former_names(campaign: Campaign) -> list[dict[str, str]]:
    """Names that units had at other times, as aliases."""
    return [
        {"alias": time["unit_name"], "unit_code": code, "level": "", "parent_code": ""}
        for code, times in by_unit(_periods(campaign)).items()
        for time in times[:-1]
        if time["unit_name"] != times[-1]["unit_name"]
    ]


def homonyms(campaign: Campaign) -> list[str]:
    """Units that one name below one parent may mean, at whatever time: reports by name of them are held as ambiguous."""
    file = campaign.folder / str(campaign.units.file)
    named: dict[tuple[str | None, str], dict[str, int]] = {}
    for unit in _periods(campaign):
        named.setdefault((unit["parent_code"], fold(unit["unit_name"])), {}).setdefault(unit["unit_code"], unit["line"])
    return [
        f"{file}:{max(codes.values())}: {' and '.join(sorted(codes))} have one name below '{parent or ''}': reports by name are held."
        " Let them report by code, or give aliases"
        for (parent, _), codes in named.items()
        if len(codes) > 1
    ]


def kind_of(campaign: Campaign, code: str, name: str) -> str:
    """'placeholder' where the campaign says that this code or name stands for 'not yet assigned', else 'unit'."""
    placeholders = campaign.units.placeholders
    if code in placeholders.codes:
        return "placeholder"
    folded = fold(name)
    for pattern in placeholders.names:
        expression = ".*".join(re.escape(fold(part)) for part in pattern.split("*"))
        if re.fullmatch(expression, folded):
            return "placeholder"
    return "unit"


def _periods(campaign: Campaign) -> list[dict[str, Any]]:
    return _changes(campaign)[0]


def _changes(campaign: Campaign) -> tuple[list[dict[str, Any]], Crosswalk]:
    if not campaign.units.file:
        return [], Crosswalk()
    periods, faults = judge_periods(campaign.folder / campaign.units.file, campaign, _root(campaign), _unit)
    crosswalk = Crosswalk()
    try:
        crosswalk = read_crosswalk(campaign, periods)
    except CampaignError as error:
        faults += error.faults
    if faults:
        raise CampaignError(faults)
    return periods, crosswalk


def _root(campaign: Campaign) -> dict[str, object] | None:
    root = campaign.units.root
    return _unit(campaign, root.code, nfc(root.name), root.level or campaign.level_ids[0], None) if root else None


def _unit(campaign: Campaign, code: str, name: str, level: str, parent: str | None, **more: object) -> dict[str, object]:
    depth = campaign.level_ids.index(level) + 1
    unit: dict[str, object] = dict.fromkeys(COLUMNS)
    unit |= {"unit_code": code, "unit_name": name, "level": level, "depth": depth, "parent_code": parent or None}
    return unit | {"kind": kind_of(campaign, code, name), "is_discovered": False} | more


def _discovered(settings: Settings, campaign: Campaign) -> dict[str, dict[str, object]]:
    """Units of the lake's batches; the batch that showed a unit first names it."""
    files = lake.paths(settings, "units", campaign.id)
    if not files:
        return {}
    with duckdb.connect() as con:
        rows = con.execute(
            """select unit_code, unit_name, level, parent_code, kind from read_parquet(?, hive_partitioning = false)
            order by batch_id, unit_code""",
            [files],
        ).fetchall()
    units: dict[str, dict[str, object]] = {}
    for code, name, level, parent, kind in rows:
        if level in campaign.level_ids and code not in units:
            units[code] = _unit(campaign, code, name, level, parent, kind=kind, is_discovered=True)
    return units
