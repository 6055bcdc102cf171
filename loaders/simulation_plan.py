"""What `simulation.yml` may say, checked: a faulty one is a CampaignError with file and line."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tiendo.campaign import Campaign, Code, Id, Model, Names, Source, Weekday
from tiendo.campaign_file import nearest_line, read_model
from tiendo.errors import CampaignError

# What a kind of fault must say of itself, beside unit and day.
NEEDS: dict[str, set[str]] = {
    "late": {"minutes"},
    "missing": set(),
    "duplicate_file": {"minutes"},
    "fall": {"indicator", "by"},
    "unparsable": {"indicator", "text"},
    "wrong_code": {"code"},
    "wrong_name": {"name"},
    "deputy": {"role"},
}
MENDABLE = {"fall", "unparsable", "wrong_code", "wrong_name", "deputy"}


class DailyShape(Model):
    """How growth is spread over the days between two points: relative weights, then noise of that many percent."""

    weekdays: dict[Weekday, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    noise_pct: Annotated[float, Field(ge=0, lt=100)] = 0.0


class Arrival(Model):
    """A report arrives so many minutes before its cutoff, somewhere between the two."""

    earliest_minutes: Annotated[int, Field(ge=0)]
    latest_minutes: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _in_order(self) -> Arrival:
        if self.latest_minutes > self.earliest_minutes:
            raise ValueError("latest_minutes is before earliest_minutes: both count back from the cutoff")
        return self


class Form(Model):
    """How a file looks. Headings come from the source; `units` says who uses this form, none: everybody else."""

    format: Literal["csv", "xlsx"]
    delimiter: str = ";"
    encoding: Literal["utf-8", "utf-8-sig", "windows-1258"] = "utf-8-sig"
    thousands: Literal["", ".", ","] = ""
    dates: str = "%Y-%m-%d"
    sheet: str = "Sheet1"
    title: list[str] = Field(default_factory=list)  # lines above the heading
    units: list[Code] = Field(default_factory=list)


class Fault(Model):
    """One thing that goes wrong with one report; the series itself goes on from the true figure."""

    kind: Literal["late", "missing", "duplicate_file", "fall", "unparsable", "wrong_code", "wrong_name", "deputy"]
    unit: Code
    day: date
    slot: Id | None = None  # where a day has several
    minutes: Annotated[int | None, Field(gt=0)] = None  # late: after the cutoff; duplicate_file: after the first
    indicator: Id | None = None
    by: Annotated[int | None, Field(gt=0)] = None  # fall: below the true figure of the occasion before
    text: str | None = None  # unparsable: what is written; {value} is the true figure
    code: Code | None = None
    name: str | None = None
    role: str | None = None
    mended_minutes: Annotated[int | None, Field(gt=0)] = None  # the right file follows so long after the cutoff
    reason: str = ""

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> Fault:
        needed = NEEDS[self.kind]
        given = {key for key in ("minutes", "indicator", "by", "text", "code", "name", "role") if getattr(self, key) is not None}
        if given != needed:
            takes, found = ", ".join(sorted(needed)) or "no more keys", ", ".join(sorted(given)) or "none"
            raise ValueError(f"a fault '{self.kind}' takes {takes}; found {found}")
        if self.mended_minutes and self.kind not in MENDABLE:
            raise ValueError(f"a fault '{self.kind}' cannot be mended later")
        return self


class Said(Model):
    """What a unit writes into the column of a remark, on the days from first_on to last_on."""

    remark: Id
    unit: Code
    first_on: date
    last_on: date
    slot: Id | None = None  # default: every slot
    text: str


class Simulation(Model):
    """A campaign's submissions, made from published points."""

    note: Names  # what is simulated, for readers of the file
    points: str  # CSV: unit_code, indicator_id, as_of_date, value (cumulative), basis
    first_on: date
    last_on: date
    slots: dict[Id, list[Code]] = Field(
        default_factory=dict
    )  # who reports in a slot; a slot not named: every unit of its levels that has points
    one_file_per: Literal["unit", "parent", "slot"] = "unit"
    as_of: Literal["day", "cutoff"] = "day"  # what the report writes as its time; cutoff: tells apart the slots of a day
    columns: list[str]  # headings in their order
    unit_name: str | None = None  # heading of the unit's name, where the source does not read it
    sender: str  # {unit} is the unit's name inside a sentence
    sender_role: str | None = None
    daily_shape: DailyShape = DailyShape()
    arrival: Arrival
    forms: Annotated[list[Form], Field(min_length=1)]
    faults: list[Fault] = Field(default_factory=list)
    remarks: list[Said] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> Simulation:
        if self.last_on < self.first_on:
            raise ValueError("last_on is before first_on")
        if [bool(form.units) for form in self.forms].count(False) != 1:
            raise ValueError("exactly one form has no units: the one that everybody else uses")
        formats = [form.format for form in self.forms]
        if self.one_file_per != "unit" and len(set(formats)) < len(formats):
            raise ValueError("forms: two forms of one format would share a file name. Keep one, or one_file_per: unit")
        keys = [(fault.unit, fault.day, fault.slot) for fault in self.faults]
        if len(set(keys)) < len(keys):
            raise ValueError("faults: two faults for one unit, day and slot. Keep one")
        return self


@dataclass(frozen=True)
class Unit:
    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True)
class Plan:
    """A simulation with its units and points: points[unit, indicator] = {day: cumulative value}."""

    simulation: Simulation
    units: dict[str, Unit]
    points: dict[tuple[str, str], dict[date, int]]


def read_plan(campaign: Campaign, source: Source) -> Plan:
    """The plan of a simulation source, checked; raises CampaignError with all faults."""
    file = campaign.folder / source.path
    simulation, lines, faults = read_model(file, Simulation, "Add it, or mend the source's path")
    units = _units(campaign, faults)
    points = _points(campaign, file.parent / simulation.points, units, faults)
    senders = {unit for unit, _ in points}
    read = {*source.indicators, *source.indicator_names.values()}
    for n, fault in enumerate(simulation.faults):
        where = f"{file}:{nearest_line(lines, ('faults', n))}"
        if fault.unit not in senders:
            faults.append(f"{where}: unit: found '{fault.unit}', which has no points in {simulation.points}. Use a unit that reports")
        if not simulation.first_on <= fault.day <= simulation.last_on:
            faults.append(f"{where}: day: found {fault.day}, outside {simulation.first_on} to {simulation.last_on}")
        if fault.indicator is not None and fault.indicator not in read:
            faults.append(f"{where}: indicator: found '{fault.indicator}', which the source does not read")
    for n, said in enumerate(simulation.remarks):
        where = f"{file}:{nearest_line(lines, ('remarks', n))}"
        if said.unit not in senders:
            faults.append(f"{where}: unit: found '{said.unit}', which has no points in {simulation.points}. Use a unit that reports")
        if said.remark not in source.remarks:
            faults.append(f"{where}: remark: found '{said.remark}', which the source does not read")
    for slot_id, codes in simulation.slots.items():
        where = f"{file}:{nearest_line(lines, ('slots', slot_id))}: slots"
        if slot_id not in {slot.id for slot in campaign.slots}:
            faults.append(f"{where}: found '{slot_id}', which is no slot of the campaign")
        faults += [f"{where}: found unit '{code}', which has no points in {simulation.points}" for code in codes if code not in senders]
    if source.layout == "wide":
        known = _headings(source, simulation)
        for n, heading in enumerate(simulation.columns):
            if heading not in known:
                where = f"{file}:{nearest_line(lines, ('columns', n))}"
                faults.append(f"{where}: columns: found '{heading}'. The source has: {', '.join(known)}")
    if faults:
        raise CampaignError(faults)
    return Plan(simulation, units, points)


def _headings(source: Source, simulation: Simulation) -> list[str]:
    named = [source.unit.code, source.as_of, source.slot, source.sender, source.sender_role, source.correction, simulation.unit_name]
    return [*filter(None, named), *source.unit.names.values(), *source.unit.codes.values(), *source.indicators.values(),
            *source.remarks.values()]  # fmt: skip


def _units(campaign: Campaign, faults: list[str]) -> dict[str, Unit]:
    if campaign.units.file is None:
        faults.append(f"{campaign.folder / 'campaign.yml'}: a simulation needs units: {{file: units.csv}}, not discovered ones")
        return {}
    with (campaign.folder / campaign.units.file).open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {row["unit_code"]: Unit(row["unit_code"], row["unit_name"], row["level"], row.get("parent_code") or "") for row in rows}


def _points(campaign: Campaign, file: Path, units: dict[str, Unit], faults: list[str]) -> dict[tuple[str, str], dict[date, int]]:
    indicators = [indicator.id for indicator in campaign.indicators]
    points: dict[tuple[str, str], dict[date, int]] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            for number, row in enumerate(csv.DictReader(handle), start=2):
                try:
                    unit, indicator = row["unit_code"], row["indicator_id"]
                    day, value = date.fromisoformat(row["as_of_date"]), int(row["value"])
                except (KeyError, TypeError, ValueError) as error:
                    columns = "unit_code, indicator_id, as_of_date (2023-06-13), value"
                    faults.append(f"{file}:{number}: not a point ({error}). Columns: {columns}")
                    continue
                if unit not in units or indicator not in indicators:
                    faults.append(f"{file}:{number}: '{unit}' or '{indicator}' is not of this campaign")
                points.setdefault((unit, indicator), {})[day] = value
    except OSError as error:
        faults.append(f"{file}: cannot be read ({error.strerror}). Add it, or mend points:")
    for (unit, indicator), found in points.items():
        days = sorted(found)
        for before, after in pairwise(days):
            if found[after] < found[before]:
                faults.append(f"{file}: {indicator} of {unit} falls from {found[before]} to {found[after]} on {after}. Points only grow")
    return points
