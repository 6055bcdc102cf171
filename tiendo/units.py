"""The unit register of a campaign: units.csv, the units that batches discovered, aliases and placeholders."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.errors import CampaignError
from tiendo.settings import Settings
from tiendo.text import fold, nfc

COLUMNS = [
    "unit_code", "unit_name", "level", "depth", "parent_code", "kind", "opened_on", "closed_on", "peer_group", "is_discovered",
]  # fmt: skip
_NEEDED = ("unit_code", "unit_name", "level", "parent_code")
_OPTIONAL = ("kind", "opened_on", "closed_on", "peer_group")
_KINDS = ("unit", "placeholder")


def load_units(settings: Settings, campaign: Campaign) -> pd.DataFrame:
    """One row per unit: unit_code, unit_name, level, depth (1 = top), parent_code, kind (unit, placeholder), opened_on and
    closed_on (date or None), peer_group, is_discovered. Ordered by depth, then code.

    Raises CampaignError with every fault of units.csv: file, line, what was found, what is allowed.
    """
    units: dict[str, dict[str, object]] = {}
    root = _root(campaign)
    if root:
        units[str(root["unit_code"])] = root
    if campaign.units.file:
        units |= _read_units(campaign.folder / campaign.units.file, campaign, root)
    if campaign.units.discover:
        for code, unit in _discovered(settings, campaign).items():
            units.setdefault(code, unit)
    ordered = sorted(units.values(), key=lambda unit: (unit["depth"], unit["unit_code"]))
    frame = pd.DataFrame(ordered, columns=COLUMNS).astype(object)
    frame = frame.where(frame.notna(), None)
    return frame.astype({"depth": "int64", "is_discovered": "bool"})


def load_aliases(campaign: Campaign, units: pd.DataFrame) -> list[dict[str, str]]:
    """Other names of units: dicts with alias, unit_code, level and parent_code ('' where not given).

    Raises CampaignError for a missing column, an empty alias or (unless units are discovered) an unknown code.
    """
    if not campaign.units.aliases:
        return []
    file = campaign.folder / campaign.units.aliases
    known, faults, aliases = set(units["unit_code"]), [], []
    for line, row in read_csv(file, ("alias", "unit_code"), ("level", "parent_code")):
        if not row["alias"] or not row["unit_code"]:
            faults.append(f"{file}:{line}: found an empty cell. Allowed: an alias and the unit_code that it means")
        elif row["unit_code"] not in known and not campaign.units.discover:
            faults.append(f"{file}:{line}: found unit_code '{row['unit_code']}', which is no unit{_hint(row['unit_code'], known)}")
        if row["level"] and row["level"] not in campaign.level_ids:
            faults.append(f"{file}:{line}: found level '{row['level']}'. Allowed: {', '.join(campaign.level_ids)}")
        aliases.append(row)
    if faults:
        raise CampaignError(faults)
    return aliases


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


def _root(campaign: Campaign) -> dict[str, object] | None:
    root = campaign.units.root
    return _unit(campaign, root.code, nfc(root.name), root.level or campaign.level_ids[0], None) if root else None


def _unit(campaign: Campaign, code: str, name: str, level: str, parent: str | None, **more: object) -> dict[str, object]:
    depth = campaign.level_ids.index(level) + 1
    unit: dict[str, object] = dict.fromkeys(COLUMNS)
    unit |= {"unit_code": code, "unit_name": name, "level": level, "depth": depth, "parent_code": parent or None}
    return unit | {"kind": kind_of(campaign, code, name), "is_discovered": False} | more


def _read_units(file: Path, campaign: Campaign, root: dict[str, object] | None) -> dict[str, dict[str, object]]:
    faults: list[str] = []
    lines: dict[str, int] = {}
    units: dict[str, dict[str, object]] = {}
    for line, row in read_csv(file, _NEEDED, _OPTIONAL):
        code, level, where = row["unit_code"], row["level"], f"{file}:{line}"
        if not code or not row["unit_name"]:
            faults.append(f"{where}: found an empty unit_code or unit_name. Give every unit both")
            continue
        if code in lines:
            faults.append(f"{where}: found unit_code '{code}' again, it is on line {lines[code]} already. Give each unit its own")
            continue
        lines[code] = line
        if level not in campaign.level_ids:
            faults.append(f"{where}: found level '{level}'. Allowed: {', '.join(campaign.level_ids)}{_hint(level, campaign.level_ids)}")
            continue
        dates = {name: _date(row[name], f"{where}: {name}", faults) for name in ("opened_on", "closed_on")}
        if row["kind"] and row["kind"] not in _KINDS:
            faults.append(f"{where}: found kind '{row['kind']}'. Allowed: {', '.join(_KINDS)}")
        if dates["opened_on"] and dates["closed_on"] and dates["closed_on"] < dates["opened_on"]:
            faults.append(f"{where}: closed_on {dates['closed_on']} is before opened_on {dates['opened_on']}. Mend one of them")
        unit = _unit(campaign, code, row["unit_name"], level, row["parent_code"], peer_group=row["peer_group"] or None, **dates)
        if row["kind"]:
            unit["kind"] = row["kind"]
        units[code] = unit
    for code, unit in units.items():
        _adopt(unit, units, root, f"{file}:{lines[code]}", lines, faults)
    if faults:
        raise CampaignError(faults)
    return units


def _adopt(unit: dict, units: dict, root: dict | None, where: str, lines: dict[str, int], faults: list[str]) -> None:
    """Check a unit's parent; a unit without one hangs below the campaign's root unit where there is one."""
    parent = unit["parent_code"]
    if parent is None:
        if root and root["unit_code"] != unit["unit_code"]:
            unit["parent_code"] = root["unit_code"]
        return
    found = units.get(parent) or (root if root and root["unit_code"] == parent else None)
    if found is None:
        if parent not in lines:
            faults.append(f"{where}: found parent_code '{parent}', which is no unit_code of this file{_hint(parent, units)}")
    elif found["depth"] >= unit["depth"]:
        faults.append(
            f"{where}: found parent_code '{parent}' at level '{found['level']}'. Allowed: a unit of a level above '{unit['level']}'"
        )


def read_csv(file: Path, needed: tuple[str, ...], optional: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and row (text, NFC, '' for what is not there) of a register file of ours; other columns are left alone."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CampaignError([f"{file}: cannot be read ({error.strerror}). Add the file or mend its name in campaign.yml"]) from None
    except UnicodeDecodeError as error:
        raise CampaignError([f"{file}: not UTF-8 at byte {error.start}. Save it as UTF-8"]) from None
    reader = csv.reader(text.splitlines(keepends=True))
    try:
        yield from _cells(file, reader, needed, optional)
    except csv.Error as error:
        raise CampaignError([f"{file}:{reader.line_num}: not CSV ({error}). Look for a quotation mark that is not closed"]) from None


def _cells(file: Path, reader: Any, needed: tuple[str, ...], optional: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    header = [nfc(name) for name in next(reader, [])]
    missing = [name for name in needed if name not in header]
    if missing:
        allowed = ", ".join(needed + optional)
        raise CampaignError([f"{file}:1: column '{name}' is missing. Found: {', '.join(header)}. Allowed: {allowed}" for name in missing])
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise CampaignError([f"{file}:1: column '{name}' is there twice. Keep one" for name in twice])
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            raise CampaignError([f"{file}:{reader.line_num}: found {len(row)} cells under {len(header)} headings. Quote cells with commas"])
        cells = dict.fromkeys(needed + optional, "")
        cells |= {name: nfc(cell) for name, cell in zip(header, row, strict=False) if name in cells}
        yield reader.line_num, cells


def _date(text: str, where: str, faults: list[str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(f"{where}: found '{text}'. Allowed: a date such as 2023-06-13")
        return None


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


def _hint(value: str, allowed: object) -> str:
    close = difflib.get_close_matches(value, list(allowed), n=1)  # type: ignore[call-overload]
    return f". Did you mean '{close[0]}'?" if close else ""
