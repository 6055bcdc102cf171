"""Targets of a campaign, from its targets.csv or from another file whose headings the campaign names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from tiendo.campaign import Campaign, Targets
from tiendo.errors import CampaignError, SourceError
from tiendo.settings import Settings, expand_path
from tiendo.text import fold

COLUMNS = ["campaign_id", "indicator_id", "unit_code", "target", "valid_from"]
PLAIN = ["indicator_id", "unit_code", "target"]
_DIGITS = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True)
class _Line:
    """One target as written: texts, and where they stand."""

    where: str
    indicator_id: str
    unit: str
    target: str
    valid_from: str


def load_targets(settings: Settings, campaign: Campaign, units: pd.DataFrame) -> pd.DataFrame:
    """Targets of a campaign, one row per (indicator_id, unit_code, valid_from).

    `units` has unit_code and unit_name of every unit known so far. Columns: campaign_id, indicator_id, unit_code,
    target (float), valid_from (date; the campaign's start where none is given). A campaign that discovers its units
    may name targets of units not yet seen: they are left out until the unit appears. Raises CampaignError with every
    fault as `file:line: what`.
    """
    if campaign.targets is None:
        return pd.DataFrame([], columns=COLUMNS)
    file = target_file(campaign, campaign.targets)
    faults: list[str] = []
    rows: dict[tuple[str, str, date], tuple[float, str]] = {}
    find = _unit_finder(units, by_name=campaign.targets.unit_name is not None)
    for line in _lines(file, campaign.targets, faults):
        found = _judged(line, campaign, find, faults)
        if found is None:
            continue
        key, target = found
        if key in rows:
            faults.append(f"{line.where}: a second target for {key[0]} of unit '{key[1]}' from {key[2]}"
                          f" (the first: {rows[key][1]}). Keep one")  # fmt: skip
            continue
        rows[key] = (target, line.where)
    if faults:
        raise CampaignError(list(dict.fromkeys(faults)))  # a line with several targets has one unit
    values = [(campaign.id, *key[:2], target, key[2]) for key, (target, _) in sorted(rows.items())]
    return pd.DataFrame(values, columns=COLUMNS).astype({"target": float})


def target_file(campaign: Campaign, targets: Targets) -> Path:
    """The file of targets; `${VARIABLE}` in a path outside the folder is replaced. Raises CampaignError if it is not set."""
    try:
        expanded = expand_path(targets.file)
    except SourceError as error:
        where = campaign.folder / "campaign.yml"
        raise CampaignError([f"{where}: targets.file: found '{targets.file}': {error.what}. {error.way_out}"]) from None
    return campaign.folder / expanded


def _lines(file: Path, targets: Targets, faults: list[str]) -> Iterator[_Line]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            headings = list(reader.fieldnames or [])
            unit_heading = targets.unit_code or targets.unit_name
            needed = [unit_heading, *targets.columns.values()] if unit_heading else PLAIN
            if missing := [name for name in needed if name not in headings]:
                found = ", ".join(headings) or "an empty file"
                faults.append(f"{file}:1: no heading '{missing[0]}'. Found: {found}. Needed: {', '.join(map(str, needed))}")
                return
            for row in reader:
                where = f"{file}:{reader.line_num}"
                cells = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
                if None in row:
                    faults.append(f"{where}: more cells than headings. Put text with commas in quotes")
                elif unit_heading:
                    valid_from = targets.valid_from.isoformat() if targets.valid_from else ""
                    for indicator_id, heading in targets.columns.items():
                        if cells[heading]:
                            yield _Line(where, indicator_id, cells[unit_heading], cells[heading], valid_from)
                elif any(cells.values()):
                    indicator_id, unit, target = (cells[name] for name in PLAIN)
                    yield _Line(where, indicator_id, unit, target, cells.get("valid_from", ""))
    except OSError as error:
        faults.append(f"{file}:1: cannot be read ({error.strerror}). Add the file or mend targets.file")
    except UnicodeDecodeError as error:
        faults.append(f"{file}:1: not UTF-8 at byte {error.start}. Save it as UTF-8")
    except csv.Error as error:
        faults.append(f"{file}:1: not CSV ({error}). Save it as CSV")


def _unit_finder(units: pd.DataFrame, *, by_name: bool) -> dict[str, list[str]]:
    """What a file may call a unit -> the codes that it can mean."""
    found: dict[str, list[str]] = {}
    labels = [fold(name) for name in units["unit_name"]] if by_name else list(units["unit_code"])
    for label, code in zip(labels, units["unit_code"], strict=True):
        found.setdefault(label, []).append(code)
    return found


def _judged(line: _Line, campaign: Campaign, find: dict[str, list[str]], faults: list[str]) -> tuple[tuple[str, str, date], float] | None:
    """The key and value of a line; None where it is faulty (a fault is noted) or its unit is not yet seen."""
    known = [indicator.id for indicator in campaign.indicators]
    assert campaign.targets is not None
    by_name = campaign.targets.unit_name is not None
    codes = find.get(fold(line.unit) if by_name else line.unit, [])
    before = len(faults)
    if line.indicator_id not in known:
        faults.append(f"{line.where}: found '{line.indicator_id}', which is no indicator. Allowed: {', '.join(known)}")
    if len(codes) > 1:
        faults.append(f"{line.where}: '{line.unit}' may be any of {', '.join(sorted(codes))}. Give targets by unit code")
    if not codes and not campaign.units.discover:
        how = "names as there" if by_name else "codes in full"
        faults.append(f"{line.where}: found '{line.unit}', which is no unit. Use one of {campaign.units.file}, {how}")
    if not _DIGITS.fullmatch(line.target):
        faults.append(f"{line.where}: found '{line.target}' as a target. Write plain digits, such as 1167685 or 38.5")
    try:
        valid_from = date.fromisoformat(line.valid_from) if line.valid_from else campaign.starts_on
    except ValueError:
        faults.append(f"{line.where}: found '{line.valid_from}' as valid_from. Write a day such as {campaign.starts_on}")
    if len(faults) > before or not codes:
        return None
    return (line.indicator_id, codes[0], valid_from), float(line.target)
