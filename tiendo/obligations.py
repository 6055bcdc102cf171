"""Who owes which slot, from when to when; who is exempt, and who has longer: campaign.yml worked out unit by unit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from tiendo import calendar
from tiendo.campaign import Campaign, Obligation, Whom

OBLIGATIONS = ["unit_code", "slot_name", "first_on", "last_on"]
EXEMPTIONS = ["unit_code", "slot_name", "first_on", "last_on", "reason", "author"]
EXTENSIONS = ["unit_code", "slot_name", "first_on", "last_on", "until_at", "reason", "author"]


def obligations(campaign: Campaign, units: pd.DataFrame) -> pd.DataFrame:
    """One row per (unit_code, slot_name, first_on): the unit owes that slot on its days from first_on to last_on (dates).

    A unit owes the slots of its level while it is open. Where `obligations` name a slot, only the units named owe it, while named.
    Spans of one unit and slot do not overlap. `units`: as tiendo.units.load_units gives it.
    """
    parts = []
    for slot in campaign.slots:
        first, last = slot.first_on or campaign.starts_on, slot.last_on or campaign.ends_on
        owing = units[units["level"].isin(slot.levels) & (units["kind"] == "unit")]
        named: list[Obligation | None] = [o for o in campaign.obligations if o.slot in (None, slot.id)]
        for entry in named or [None]:
            chosen = owing if entry is None else owing[owing["unit_code"].isin(codes_of(entry, units))]
            spans = pd.DataFrame({"unit_code": chosen["unit_code"].astype(object), "slot_name": slot.id})
            starts = max(first, entry.first_on) if entry and entry.first_on else first
            ends = min(last, entry.last_on) if entry and entry.last_on else last
            # By day numbers: dates of pandas end in 2262, and a unit without an end is open for ever.
            spans["first"] = _numbers(chosen["opened_on"], starts).clip(lower=starts.toordinal())
            spans["last"] = _numbers(chosen["closed_on"], ends).clip(upper=ends.toordinal())
            parts.append(spans[spans["first"] <= spans["last"]])
    if not parts:
        return pd.DataFrame([], columns=OBLIGATIONS)
    merged = _without_overlap(pd.concat(parts, ignore_index=True))
    for name, number in (("first_on", "first"), ("last_on", "last")):
        merged[name] = pd.Series([date.fromordinal(int(n)) for n in merged[number]], dtype=object, index=merged.index)
    return merged[OBLIGATIONS]


def exemptions(campaign: Campaign, units: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per exemption and unit; slot_name is None where it holds for every slot."""
    return [
        {"unit_code": code, "slot_name": e.slot, "first_on": e.first_on, "last_on": e.last_on, "reason": e.reason, "author": e.author}
        for e in campaign.exemptions
        for code in codes_of(e, units)
    ]


def extensions(campaign: Campaign, units: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per extension and unit; unit_code is None where it is for all units, slot_name where it is for every slot."""
    return [
        {
            "unit_code": code, "slot_name": e.slot, "first_on": e.first_on, "last_on": e.last_on or e.first_on,
            "until_at": calendar.due_at(campaign, e.until), "reason": e.reason, "author": e.author,
        }
        for e in campaign.extensions
        for code in ([None] if e.names_nobody else codes_of(e, units))
    ]  # fmt: skip


def codes_of(whom: Whom, units: pd.DataFrame) -> list[str]:
    """The codes of the units that are meant, in order; a code that is named counts even before the register has it."""
    found = {code for code in (whom.unit, *whom.units) if code}
    if whom.level:
        found |= set(units.loc[units["level"] == whom.level, "unit_code"])
    if whom.parent:
        found |= below(units, whom.parent)
    return sorted(found)


def below(units: pd.DataFrame, parent: str) -> set[str]:
    """Codes of every unit below `parent`, at any depth; without itself."""
    found: set[str] = set()
    front = {parent}
    while front:
        front = set(units.loc[units["parent_code"].isin(front), "unit_code"]) - found
        found |= front
    return found


def _numbers(days: pd.Series, default: date) -> pd.Series:
    return days.map(lambda day: default.toordinal() if day is None or pd.isna(day) else day.toordinal()).astype("int64")


def _without_overlap(spans: pd.DataFrame) -> pd.DataFrame:
    """Spans of one unit and slot that overlap or touch become one. Columns first and last are day numbers."""
    keys = ["unit_code", "slot_name"]
    ordered = spans.sort_values([*keys, "first", "last"], ignore_index=True)
    reach = ordered.groupby(keys)["last"].cummax().groupby([ordered[key] for key in keys]).shift(fill_value=-1)
    island = (ordered["first"] > reach + 1).cumsum().rename("island")
    return ordered.groupby([*keys, island], as_index=False).agg(first=("first", "min"), last=("last", "max"))
