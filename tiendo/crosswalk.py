"""The crosswalk of a campaign: which unit became which, from when, and how much of it. Judged against the times of units.csv."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from tiendo.campaign import Campaign
from tiendo.errors import CampaignError
from tiendo.unit_file import Unit, by_unit, closed, hint, opened, read_csv, read_date

COLUMNS = ["old_code", "new_code", "weight", "valid_from", "weight_basis"]
_WEIGHT = re.compile(r"[01]|[01]?\.\d+")
_TOLERANCE = 1e-6  # of the sum of a split's weights, which are then made to sum to 1
Row = dict[str, Any]


@dataclass
class Crosswalk:
    """`rows`: COLUMNS, one row per (old_code, new_code, valid_from); the weights of an old unit and day sum to 1.

    weight_basis: given; whole (all of the unit goes to one); equal or largest (a split without weights, by the campaign's rule);
    goes_on (not in the file: a unit that takes others in and keeps its code). `remarks`: what is legal and should be looked at.
    """

    rows: pd.DataFrame = field(default_factory=lambda: pd.DataFrame([], columns=COLUMNS))
    remarks: list[str] = field(default_factory=list)


def read_crosswalk(campaign: Campaign, periods: list[Unit]) -> Crosswalk:
    """The crosswalk beside campaign.yml, empty where there is none. `periods`: as tiendo.unit_file.judge_periods gives them.

    Raises CampaignError with every fault: file, line, what was found, what is allowed.
    """
    if not campaign.units.crosswalk or not campaign.units.file:
        return Crosswalk()
    file, units = campaign.folder / campaign.units.crosswalk, campaign.folder / campaign.units.file
    faults: list[str] = []
    by_code = by_unit(periods)
    rows = _read(file, by_code, faults)
    splits: dict[tuple[str, date], list[Row]] = {}
    for row in rows:
        splits.setdefault((row["old_code"], row["valid_from"]), []).append(row)
    joins = Counter((row["new_code"], row["valid_from"]) for row in rows if len(splits[row["old_code"], row["valid_from"]]) == 1)
    remarks: list[str] = []
    weighted: list[Row] = []
    for (code, day), parts in splits.items():
        _judge_end(file, units, by_code[code], parts, day, faults)
        weighted += _weighted(campaign, file, parts, joins, faults, remarks)
    if faults:
        raise CampaignError(faults)
    weighted += _going_on(weighted, by_code)
    remarks += _handed_to_nobody(units, periods, {row["old_code"] for row in weighted})
    weighted.sort(key=lambda row: (row["valid_from"], row["old_code"], row["new_code"]))
    return Crosswalk(pd.DataFrame(weighted, columns=COLUMNS), remarks)


def _read(file: Path, units: dict[str, list[Unit]], faults: list[str]) -> list[Row]:
    rows: list[Row] = []
    seen: dict[tuple[str, str, date], int] = {}
    for line, row in read_csv(file, ("old_code", "new_code", "weight", "valid_from"), ()):
        where, before = f"{file}:{line}", len(faults)
        if not row["valid_from"]:
            faults.append(f"{where}: valid_from is empty. Write the first day of the new unit, such as 2025-07-01")
        day = read_date(row["valid_from"], f"{where}: valid_from", faults)
        for name in ("old_code", "new_code"):
            if row[name] not in units:
                faults.append(f"{where}: found {name} '{row[name]}', which is no unit_code of units.csv{hint(row[name], units)}")
        if row["weight"] and not (_WEIGHT.fullmatch(row["weight"]) and 0 < float(row["weight"]) <= 1):
            faults.append(f"{where}: found weight '{row['weight']}'. Allowed: a share above 0 and at most 1, such as 0.4")
        if len(faults) > before or day is None:
            continue
        key = (row["old_code"], row["new_code"], day)
        if key in seen:
            faults.append(f"{where}: '{key[0]}' to '{key[1]}' from {day} is on line {seen[key]} already. Keep one")
            continue
        seen[key] = line
        _judge_beginning(where, units[row["new_code"]], day, faults)
        rows.append({**row, "weight": float(row["weight"]) if row["weight"] else None, "valid_from": day, "line": line})
    return rows


def _judge_beginning(where: str, new: list[Unit], day: date, faults: list[str]) -> None:
    code, first, last = new[0]["unit_code"], opened(new[0]), closed(new[-1])
    if not first <= day <= last:
        span = f"{new[0]['opened_on'] or '…'} to {new[-1]['closed_on'] or '…'}"
        faults.append(f"{where}: found new_code '{code}' from {day}, but it is open {span}. Mend valid_from, or its line in units.csv")


def _judge_end(file: Path, units: Path, old: list[Unit], parts: list[Row], day: date, faults: list[str]) -> None:
    """A unit that hands all of itself on ends the day before; one that is among its own successors goes on."""
    code, where = old[0]["unit_code"], f"{file}:{parts[0]['line']}"
    goes_on = any(row["new_code"] == code for row in parts)
    last = closed(old[-1])
    if opened(old[0]) >= day or last < day - timedelta(days=1):
        span = f"{old[0]['opened_on'] or '…'} to {old[-1]['closed_on'] or '…'}"
        faults.append(f"{where}: found old_code '{code}' handed on from {day}, but it is open {span}. It is to be open on the day before")
    elif not goes_on and last >= day:
        time = next(unit for unit in old if closed(unit) >= day)
        faults.append(
            f"{units}:{time['line']}: found unit_code '{code}' open on {day}, but {file.name}:{parts[0]['line']} hands all of it to"
            f" {', '.join(row['new_code'] for row in parts)} from that day. Codes are never reused: close it on"
            f" {day - timedelta(days=1)} and give a new unit its own code, or say in {file.name} how much of '{code}' stays '{code}'"
        )


def _weighted(campaign: Campaign, file: Path, parts: list[Row], joins: Counter, faults: list[str], remarks: list[str]) -> list[Row]:
    """The parts of one unit and day with weights that sum to 1, by the campaign's rule where none are given."""
    code, where = parts[0]["old_code"], f"{file}:{parts[-1]['line']}"
    given = [row for row in parts if row["weight"] is not None]
    if len(parts) == 1 and not given:
        return [{**parts[0], "weight": 1.0, "weight_basis": "whole"}]
    if given and len(given) < len(parts):
        empty = next(row for row in parts if row["weight"] is None)
        faults.append(f"{file}:{empty['line']}: '{code}' has weights on other lines and none here. Give all of them, or none")
        return []
    if given:
        total = sum(row["weight"] for row in parts)
        if abs(total - 1) > _TOLERANCE:
            faults.append(f"{where}: the weights of '{code}' sum to {total:.6g}. They are to sum to 1")
        basis = "whole" if len(parts) == 1 else "given"
        return [{**row, "weight": row["weight"] / total, "weight_basis": basis} for row in parts]
    into = ", ".join(row["new_code"] for row in parts)
    rule = campaign.units.unweighted_splits
    if rule == "refuse":
        faults.append(
            f"{where}: '{code}' is split into {into} without weights. Give them, or say units: unweighted_splits: equal or largest"
            " in campaign.yml"
        )
        return []
    remarks.append(f"{file}:{parts[0]['line']}: '{code}' is split into {into} without weights: {rule} (units.unweighted_splits)")
    if rule == "equal":
        return [{**row, "weight": 1 / len(parts), "weight_basis": "equal"} for row in parts]
    heir = min(parts, key=lambda row: (-joins[row["new_code"], row["valid_from"]], row["new_code"]))
    return [{**heir, "weight": 1.0, "weight_basis": "largest"}]


def _going_on(rows: list[Row], units: dict[str, list[Unit]]) -> list[Row]:
    """Units that take others in, were open before, and hand nothing on themselves: they bring in their own figures whole."""
    handed = {(row["old_code"], row["valid_from"]) for row in rows}
    gaining = sorted({(row["new_code"], row["valid_from"]) for row in rows} - handed)
    return [
        {"old_code": code, "new_code": code, "weight": 1.0, "valid_from": day, "weight_basis": "goes_on"}
        for code, day in gaining
        if opened(units[code][0]) < day
    ]


def _handed_to_nobody(file: Path, periods: list[Unit], handed: set[str]) -> list[str]:
    """Units without units below that close and hand their figures to nobody."""
    parents = {unit["parent_code"] for unit in periods}
    return [
        f"{file}:{times[-1]['line']}: '{code}' closes on {times[-1]['closed_on']} and no line of the crosswalk hands its figures on:"
        " they stay in the totals above it as they were"
        for code, times in by_unit(periods).items()
        if times[-1]["closed_on"] and code not in handed and code not in parents
    ]


def parts(crosswalk: pd.DataFrame, code: str, at: date, *, forward: bool) -> list[Row]:
    """What became of unit `code` as it was on day `at` (forward), or what it was made of: unit_code, day, weight, weight_basis.

    One row per unit at the end of every way through the crosswalk, however many changes lie between; `day` is that of the last change on
    the way. Weights are shares of the unit that hands on, multiplied along the way.
    """
    here, there = ("old_code", "new_code") if forward else ("new_code", "old_code")
    rows = crosswalk.to_dict("records")
    found: list[Row] = []
    open_ends: list[Row] = [{"unit_code": code, "day": at, "weight": 1.0, "weight_basis": "whole"}]
    while open_ends:
        end = open_ends.pop(0)
        days = [r["valid_from"] for r in rows if r[here] == end["unit_code"] and (r["valid_from"] > end["day"]) == forward]
        if not days:
            found.append(end)
            continue
        day = min(days) if forward else max(days)
        open_ends += [
            {
                "unit_code": r[there],
                "day": day if forward else day - timedelta(days=1),
                "weight": end["weight"] * r["weight"],
                "weight_basis": r["weight_basis"] if r["weight_basis"] not in ("whole", "goes_on") else end["weight_basis"],
            }
            for r in rows
            if r[here] == end["unit_code"] and r["valid_from"] == day
        ]
    return [end for end in found if end["day"] != at or end["unit_code"] != code]
