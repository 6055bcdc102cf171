"""What a form to fill in holds: the units that owe the slot, the columns that the source wants, the last accepted figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import duckdb
import pandas as pd

from publishers.receipts.names import Told, is_right, name_of
from tiendo import calendar, lake
from tiendo.campaign import Campaign, Indicator, Source
from tiendo.errors import NotFoundError, TiendoError
from tiendo.obligations import below, exemptions, obligations
from tiendo.senders import load_senders
from tiendo.settings import Settings
from tiendo.text import fold


@dataclass(frozen=True)
class Column:
    """A column of the form: its heading as the source wants it and what it is for (unit, as_of, slot, indicator, figure, ...)."""

    heading: str
    use: str
    indicator: str = ""


@dataclass(frozen=True)
class Form:
    """A form for one unit (or for all that it answers for) on one day. `last`: (unit, indicator) -> last accepted value and its time."""

    campaign: Campaign
    source: Source
    unit_code: str
    unit_name: str
    day: date
    slots: list[dict[str, Any]]  # of the day, by cutoff: slot_id, slot_name, cutoff_at, closes_at
    columns: list[Column]
    senders: list[str]  # who may report for all of these units, where senders.csv says it
    senders_of: dict[str, list[str]]  # unit -> who may report for it
    rows: list[dict[str, Any]]  # cells by heading, with unit_code, unit_name and, in long form, indicator
    last: dict[tuple[str, str], tuple[float, datetime]]
    file_name: str  # as the source wants it; '' where none can be made up (then the caller names it)

    @property
    def indicators(self) -> list[Indicator]:
        """Those that the source reports, in the campaign's order."""
        return _indicators(self.campaign, self.source)


def form_for(
    settings: Settings,
    campaign: Campaign,
    units: pd.DataFrame,
    unit_code: str,
    source_id: str | None,
    day: date | None,
    now: datetime,
    named: str = "",
) -> Form:
    """The form of a unit for the slots of `day` (default: the day of the next slot that is open at `now`).

    A unit above others gets the rows of all units below it that owe a slot that day; others get their own row. `named`: what the file
    will be called; it stays so where the source takes it. Raises NotFoundError (no such unit, source or slot; nobody owes one) and
    TiendoError (the source takes no workbook, or no name fits it and none is given).
    """
    known = {str(row["unit_code"]): row for row in _records(units)}
    if unit_code not in known:
        raise NotFoundError(f"no unit '{unit_code}'", where=campaign.id, way_out="Give its code as units.csv has it")
    source = _source(campaign, source_id)
    inside = below(units, unit_code) | {unit_code}
    owed = _owed(campaign, units, source, inside)
    due = _records(calendar.slots(campaign).sort_values(["cutoff_at", "slot_id"]))
    if day is None:
        day = _next_day(campaign, due, {known[row["unit_code"]]["level"] for row in owed}, now)
    owing = _owing(campaign, units, owed, day)
    codes = [code for code in known if owing.get(code)] if campaign.slots else _reporting(campaign, units, source, inside)
    names = {name for code in codes for name in owing.get(code, ())}
    slots = list({row["slot_id"]: row for row in due if row["slot_date"] == day and row["slot_name"] in names}.values())
    if not codes or (campaign.slots and not slots):
        raise NotFoundError(
            f"neither unit '{unit_code}' nor one below it owes a report for {day}",
            where=campaign.id,
            way_out="Give another day with --at, or another unit: slots, obligations and exemptions in campaign.yml say who owes what",
        )
    if _is_of_one_unit(source) and len(codes) > 1:
        raise NotFoundError(
            f"a file of source '{source.id}' is of one unit, and '{unit_code}' has {len(codes)}",
            where=campaign.id,
            way_out=f"Ask for one of them: {', '.join(codes[:8])}",
        )
    first = next((slot["slot_name"] for slot in slots if slot["closes_at"] >= now), slots[0]["slot_name"] if slots else "")
    name = str(known[unit_code]["unit_name"])
    paths = {unit: {code for code, _ in _path(known, unit).values()} for unit in codes}
    listed = [(row["sender"], row["unit_code"]) for row in _records(load_senders(campaign, units))]
    senders = _senders(listed, list(paths.values()))
    file_name = _file_name(campaign, source, codes[0] if _is_of_one_unit(source) else unit_code, name, day, slots, senders, now, named)
    return Form(
        campaign=campaign,
        source=source,
        unit_code=unit_code,
        unit_name=name,
        day=day,
        slots=slots,
        columns=_columns(campaign, source),
        senders=senders,
        senders_of={unit: _senders(listed, [path]) for unit, path in paths.items()},
        rows=[row for code in codes for row in _unit_rows(campaign, source, known[code], _path(known, code), day, first)],
        last=_last(settings, campaign, codes, day, now),
        file_name=file_name,
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _source(campaign: Campaign, source_id: str | None) -> Source:
    fitting = [source for source in campaign.sources if source.format in ("auto", "xlsx") and source.rows == "figures"]
    if source_id is not None:
        found = [source for source in campaign.sources if source.id == source_id]
        if not found:
            raise NotFoundError(
                f"no source '{source_id}'", where=campaign.id, way_out=f"Allowed: {', '.join(source.id for source in campaign.sources)}"
            )
        fitting = [source for source in found if source in fitting]
    if not fitting:
        raise TiendoError(
            f"source {source_id} takes no filled-in workbooks" if source_id else "no source of the campaign takes filled-in workbooks",
            where=campaign.id,
            way_out="A form needs a source with format: auto or xlsx and rows: figures",
        )
    return fitting[0]


def _owed(campaign: Campaign, units: pd.DataFrame, source: Source, inside: set[str]) -> list[dict[str, Any]]:
    """Obligations of the units inside; only those of the source's level, where there are any."""
    owed = [row for row in _records(obligations(campaign, units)) if row["unit_code"] in inside]
    level = _level(campaign, source)
    at_level = set(units.loc[units["level"] == level, "unit_code"])
    return [row for row in owed if row["unit_code"] in at_level] or owed


def _owing(campaign: Campaign, units: pd.DataFrame, owed: list[dict[str, Any]], day: date) -> dict[str, set[str]]:
    """Unit -> names of the slots that it owes on `day`."""
    freed = [e for e in exemptions(campaign, units) if e["first_on"] <= day <= e["last_on"]]
    owing: dict[str, set[str]] = {}
    for row in owed:
        is_free = any(e["unit_code"] == row["unit_code"] and e["slot_name"] in (None, row["slot_name"]) for e in freed)
        if row["first_on"] <= day <= row["last_on"] and not is_free:
            owing.setdefault(row["unit_code"], set()).add(row["slot_name"])
    return owing


def _reporting(campaign: Campaign, units: pd.DataFrame, source: Source, inside: set[str]) -> list[str]:
    """Without slots nobody owes anything: the units of the level that the source reports at."""
    level = _level(campaign, source) or campaign.level_ids[-1]
    chosen = units[units["unit_code"].isin(inside) & (units["level"] == level) & (units["kind"] == "unit")]
    return list(chosen["unit_code"])


def _level(campaign: Campaign, source: Source) -> str | None:
    """The level that the source's rows report at: the one said, else the lowest named."""
    return source.unit.level or max(source.unit.names, key=campaign.level_ids.index, default=None)


def _next_day(campaign: Campaign, due: list[dict[str, Any]], levels: set[str], now: datetime) -> date:
    for slot in due:
        if slot["level"] in levels and slot["closes_at"] >= now:
            day: date = slot["slot_date"]
            return day
    if campaign.slots:
        raise NotFoundError("no slot is open any more", where=campaign.id, way_out="Give a day with --at")
    return now.astimezone(campaign.zone).date()


def _is_of_one_unit(source: Source) -> bool:
    return not (source.unit.code or source.unit.names)


def _indicators(campaign: Campaign, source: Source) -> list[Indicator]:
    named = set(source.indicators) if source.layout == "wide" else set(source.indicator_names.values())
    return [indicator for indicator in campaign.indicators if indicator.id in named or (source.layout == "long" and not named)]


def _columns(campaign: Campaign, source: Source) -> list[Column]:
    """The source's own headings, each once, in the order in which a form is filled in."""
    unit = source.unit
    listed = [(unit.codes[level], f"code.{level}", "") for level in campaign.level_ids if level in unit.codes]
    listed += [(unit.names[level], f"name.{level}", "") for level in campaign.level_ids if level in unit.names]
    if unit.code:
        listed.append((unit.code, "code", ""))
    if source.as_of_from == "column" and source.as_of:
        listed.append((source.as_of, "as_of", ""))
    if source.slot:
        listed.append((source.slot, "slot", ""))
    if source.layout == "wide":
        listed += [(source.indicators[i.id], "figure", i.id) for i in _indicators(campaign, source)]
    else:
        listed += [(str(source.indicator), "indicator", ""), (str(source.value), "figure", "")]
    for heading, use in ((source.sender, "sender"), (source.sender_role, "role"), (source.correction, "correction")):
        if heading:
            listed.append((heading, use, ""))
    columns: dict[str, Column] = {}
    for heading, use, indicator in listed:
        columns.setdefault(fold(heading) or heading, Column(heading, use, indicator))
    return list(columns.values())


def _path(known: dict[str, dict[str, Any]], code: str) -> dict[str, tuple[str, str]]:
    """Level -> code and name, from the unit up to the top."""
    path: dict[str, tuple[str, str]] = {}
    at: str | None = code
    while at in known:
        path[known[at]["level"]] = (at, known[at]["unit_name"])
        at = known[at]["parent_code"]
    return path


def _senders(listed: list[tuple[str, str]], paths: list[set[str]]) -> list[str]:
    """Senders that may report for every one of the units, given each unit's path to the top; in the order of senders.csv."""
    codes: dict[str, set[str]] = {}
    for sender, code in listed:
        codes.setdefault(sender, set()).add(code)
    return [sender for sender, own in codes.items() if all(path & own for path in paths)]


def _unit_rows(
    campaign: Campaign, source: Source, unit: dict[str, Any], path: dict[str, tuple[str, str]], day: date, slot: str
) -> list[dict[str, Any]]:
    cells: dict[str, Any] = {heading: path.get(level, ("", ""))[0] for level, heading in source.unit.codes.items()}
    cells |= {heading: path.get(level, ("", ""))[1] for level, heading in source.unit.names.items()}
    given = {source.unit.code: unit["unit_code"], source.as_of: day, source.slot: slot}
    cells |= {heading: value for heading, value in given.items() if heading}
    if len(source.allowed_roles) == 1 and source.sender_role:
        cells[source.sender_role] = source.allowed_roles[0]
    row = {"unit_code": unit["unit_code"], "unit_name": unit["unit_name"], "indicator": ""}
    if source.layout == "wide":
        return [row | {"cells": cells}]
    called = {indicator: name for name, indicator in reversed(source.indicator_names.items())}
    return [
        row | {"indicator": i.id, "cells": cells | {str(source.indicator): called.get(i.id, i.name.vi if not called else i.id)}}
        for i in _indicators(campaign, source)
    ]


def _last(
    settings: Settings, campaign: Campaign, codes: Sequence[str], day: date, now: datetime
) -> dict[tuple[str, str], tuple[float, datetime]]:
    """The newest accepted figure of each unit and indicator up to `day`, as known at `now`."""
    paths = lake.paths(settings, "figures", campaign.id)
    if not paths:
        return {}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(
            """WITH known AS (
                   SELECT * FROM read_parquet($paths, union_by_name = true, hive_partitioning = false)
                   WHERE lane = 'accepted' AND as_of_date <= $day AND received_at <= $now AND list_contains($codes, unit_code)
                   QUALIFY row_number() OVER (
                       PARTITION BY unit_code, indicator_id, as_of ORDER BY received_at DESC, priority DESC, file_id DESC) = 1
               )
               SELECT unit_code, indicator_id, arg_max(value, as_of), max(as_of) FROM known
               WHERE value IS NOT NULL GROUP BY ALL""",
            {"paths": paths, "day": day, "now": now, "codes": list(codes)},
        ).fetchall()
    return {(unit, indicator): (value, as_of) for unit, indicator, value, as_of in rows}


def _file_name(
    campaign: Campaign,
    source: Source,
    code: str,
    name: str,
    day: date,
    slots: Sequence[dict[str, Any]],
    senders: list[str],
    now: datetime,
    named: str,
) -> str:
    """`named` where the source reads it rightly, else a name that it does; '' where there is none and the caller has one."""
    slot = next((slot for slot in slots if slot["closes_at"] >= now), slots[0] if slots else None)
    at = slot["cutoff_at"].astimezone(campaign.zone) if slot else datetime.combine(day, time(), tzinfo=campaign.zone)
    if at.date() != day:  # a slot whose cutoff lies in the next day
        at = datetime.combine(day, time(), tzinfo=campaign.zone)
    told = Told(at, now.astimezone(campaign.zone), code, name, slot["slot_name"] if slot else "", senders)
    if named and is_right(source, named, told):
        return named
    found = name_of(source, told)
    if not found and not named:
        wanted = f"members: {source.members}" + (f", file_name: {source.file_name}" if source.file_name else "")
        raise TiendoError(
            f"no name of a workbook fits source '{source.id}'",
            where=wanted,
            way_out="Name the file yourself with -o, mend the pattern, or choose another source with --source",
        )
    return found
