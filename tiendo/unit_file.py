"""units.csv read and judged: a line per unit, or one per time of a unit whose name, level or parent changed."""

from __future__ import annotations

import csv
import difflib
import itertools
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tiendo.campaign import Campaign
from tiendo.errors import CampaignError
from tiendo.text import nfc

Unit = dict[str, Any]  # the columns of tiendo.units.COLUMNS, and `line`

EVER, NEVER = date.min, date.max  # open since ever, and without an end
_NEEDED = ("unit_code", "unit_name", "level", "parent_code")
_OPTIONAL = ("kind", "opened_on", "closed_on", "peer_group")
_KINDS = ("unit", "placeholder")


def judge_periods(file: Path, campaign: Campaign, root: Unit | None, make: Callable[..., Unit]) -> tuple[list[Unit], list[str]]:
    """The lines of units.csv in order of code and opening, and every fault: file, line, what was found, what is allowed.

    Several lines of one code are the times of one unit: each begins the day after the one before it ends. `make` builds a unit of
    (campaign, code, name, level, parent). Raises CampaignError where the file cannot be read at all.
    """
    faults: list[str] = []
    periods: list[Unit] = []
    for line, row in read_csv(file, _NEEDED, _OPTIONAL):
        code, level, where = row["unit_code"], row["level"], f"{file}:{line}"
        if not code or not row["unit_name"]:
            faults.append(f"{where}: found an empty unit_code or unit_name. Give every unit both")
            continue
        if level not in campaign.level_ids:
            faults.append(f"{where}: found level '{level}'. Allowed: {', '.join(campaign.level_ids)}{hint(level, campaign.level_ids)}")
            continue
        dates = {name: read_date(row[name], f"{where}: {name}", faults) for name in ("opened_on", "closed_on")}
        if row["kind"] and row["kind"] not in _KINDS:
            faults.append(f"{where}: found kind '{row['kind']}'. Allowed: {', '.join(_KINDS)}")
        if dates["opened_on"] and dates["closed_on"] and dates["closed_on"] < dates["opened_on"]:
            faults.append(f"{where}: closed_on {dates['closed_on']} is before opened_on {dates['opened_on']}. Mend one of them")
        unit = make(campaign, code, row["unit_name"], level, row["parent_code"], peer_group=row["peer_group"] or None, **dates)
        periods.append(unit | ({"kind": row["kind"]} if row["kind"] else {}) | {"line": line})
    periods.sort(key=lambda unit: (unit["unit_code"], opened(unit), unit["line"]))
    by_code = by_unit(periods)
    for times in by_code.values():
        _one_after_the_other(file, times, faults)
    for unit in periods:
        _adopt(unit, by_code, root, f"{file}:{unit['line']}", faults)
    return periods, faults


def by_unit(periods: list[Unit]) -> dict[str, list[Unit]]:
    """The times of each unit, in order."""
    found: dict[str, list[Unit]] = {}
    for unit in periods:
        found.setdefault(unit["unit_code"], []).append(unit)
    return found


def opened(unit: Unit) -> date:
    return unit["opened_on"] or EVER


def closed(unit: Unit) -> date:
    return unit["closed_on"] or NEVER


def _one_after_the_other(file: Path, times: list[Unit], faults: list[str]) -> None:
    for before, after in itertools.pairwise(times):
        where, code, line = f"{file}:{after['line']}", after["unit_code"], before["line"]
        if closed(before) == NEVER or opened(after) <= closed(before):
            late = max(before, after, key=lambda unit: unit["line"])
            line = min(before["line"], after["line"])
            faults.append(
                f"{file}:{late['line']}: found unit_code '{code}' again, it is on line {line} already. Give each unit its own;"
                " of a unit that changed, let one line end (closed_on) before the next begins (opened_on)"
            )
        elif opened(after) > closed(before) + timedelta(days=1):
            faults.append(
                f"{where}: found unit_code '{code}' again from {after['opened_on']}, but it was closed on {before['closed_on']}"
                f" (line {line}). Codes are never reused: give the new unit its own"
            )


def _adopt(unit: Unit, units: dict[str, list[Unit]], root: Unit | None, where: str, faults: list[str]) -> None:
    """Check a unit's parent; a unit without one hangs below the campaign's root unit where there is one."""
    parent = unit["parent_code"]
    if parent is None:
        if root and root["unit_code"] != unit["unit_code"]:
            unit["parent_code"] = root["unit_code"]
        return
    found = units.get(parent) or ([root] if root and root["unit_code"] == parent else [])
    if not found:
        faults.append(f"{where}: found parent_code '{parent}', which is no unit_code of this file{hint(parent, units)}")
        return
    beside = [time for time in found if opened(time) <= closed(unit) and closed(time) >= opened(unit)]
    if wrong := [time for time in beside or found if time["depth"] >= unit["depth"]]:
        level = wrong[0]["level"]
        faults.append(f"{where}: found parent_code '{parent}' at level '{level}'. Allowed: a unit of a level above '{unit['level']}'")
    elif not beside or closed(beside[-1]) < closed(unit) or opened(beside[0]) > opened(unit) != EVER:
        span = f"{found[0]['opened_on'] or '…'} to {found[-1]['closed_on'] or '…'}"
        faults.append(
            f"{where}: found parent_code '{parent}', which is open {span}, not as long as the unit. Let this line end then,"
            " and give the unit a further line with its new parent"
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


def read_date(text: str, where: str, faults: list[str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(f"{where}: found '{text}'. Allowed: a date such as 2023-06-13")
        return None


def hint(value: str, allowed: object) -> str:
    close = difflib.get_close_matches(value, list(allowed), n=1)  # type: ignore[call-overload]
    return f". Did you mean '{close[0]}'?" if close else ""
