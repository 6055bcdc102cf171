"""A simulation as a source: the submissions of a campaign, made from published points, arrive like any other files.

Every figure follows from simulation.yml, its points and the campaign; the labels `received_by: simulation` and
`is_simulated` go with them to whatever is shown.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import BinaryIO

from loaders.offers import Offer
from loaders.simulation_forms import WRITER, Cell, number_text, written
from loaders.simulation_plan import Fault, Form, Plan, Unit, read_plan
from loaders.simulation_series import chance, series
from tiendo.calendar import slots
from tiendo.campaign import Campaign, Source
from tiendo.errors import CampaignError
from tiendo.lake import digest
from tiendo.text import slug

Occasion = tuple[date, str]  # day, slot name


@dataclass(frozen=True)
class Report:
    """What one unit sends on one occasion; `row` is filled by the form it is written in."""

    unit: Unit
    occasion: Occasion
    as_of: date  # as written: the day, or the cutoff's wall clock
    values: dict[str, int]  # indicator -> what is reported
    received_at: datetime
    fault: Fault | None = None
    suffix: str = ""


def offers(campaign: Campaign, source: Source) -> Iterator[Offer]:
    """The files of a simulation source, by time of arrival; raises CampaignError if simulation.yml is faulty."""
    plan = read_plan(campaign, source)
    made = [offer for group in _grouped(plan, _reports(campaign, source, plan)) for offer in _files(campaign, source, plan, group)]
    yield from sorted(made, key=lambda offer: (offer.received_at, offer.file_name))


def true_values(campaign: Campaign, source: Source, plan: Plan) -> dict[tuple[str, str], dict[Occasion, int]]:
    """Cumulative value per (unit, indicator) and occasion, before anything goes wrong; a part never exceeds its whole."""
    values: dict[tuple[str, str], dict[Occasion, int]] = {}
    calendar = _occasions(campaign, plan)
    faults: list[str] = []
    for unit, indicator in sorted(plan.points):
        occasions = list(calendar.get(unit, {}))
        seed = (campaign.id, source.id, unit, indicator)
        try:
            values[unit, indicator] = series(seed, plan.points[unit, indicator], occasions, plan.simulation.daily_shape)
        except ValueError as error:
            faults.append(f"{campaign.folder / plan.simulation.points}: {indicator} of {unit}: {error}. Add points")
    wholes = {indicator.id: indicator.part_of for indicator in campaign.indicators}
    for unit, indicator in sorted(values, key=lambda key: _depth(wholes, key[1])):
        whole = values.get((unit, wholes[indicator] or ""))
        if whole:
            values[unit, indicator] = {occasion: min(value, whole[occasion]) for occasion, value in values[unit, indicator].items()}
        shown = {day: value for (day, _), value in values[unit, indicator].items()}
        faults += [
            f"{campaign.folder / plan.simulation.points}: {indicator} of {unit} exceeds {wholes[indicator]} on {day}"
            for day, value in plan.points[unit, indicator].items()
            if shown.get(day, value) != value
        ]
    if faults:
        raise CampaignError(faults)
    return values


def _depth(wholes: dict[str, str | None], indicator: str) -> int:
    whole = wholes.get(indicator)
    return 0 if whole is None else 1 + _depth(wholes, whole)


def _occasions(campaign: Campaign, plan: Plan) -> dict[str, dict[Occasion, datetime]]:
    """Per unit with points: its occasions in order of their cutoffs."""
    simulation = plan.simulation
    frame = slots(campaign).sort_values(["cutoff_at", "slot_id"])
    senders = sorted({unit for unit, _ in plan.points})
    found: dict[str, dict[Occasion, datetime]] = {unit: {} for unit in senders}
    rows = zip(frame["slot_name"], frame["slot_date"], frame["cutoff_at"], frame["level"], strict=True)
    for name, day, cutoff, level in rows:
        if simulation.first_on <= day <= simulation.last_on:
            for unit in senders:
                if plan.units[unit].level == level and unit in simulation.slots.get(name, senders):
                    found[unit][day, name] = cutoff.to_pydatetime()
    return found


def _reports(campaign: Campaign, source: Source, plan: Plan) -> Iterator[Report]:
    values, calendar = true_values(campaign, source, plan), _occasions(campaign, plan)
    kinds = {indicator.id: indicator.kind for indicator in campaign.indicators}
    faults = {(fault.unit, fault.day, fault.slot): fault for fault in plan.simulation.faults}
    for code, cutoffs in calendar.items():
        indicators = [indicator for unit, indicator in plan.points if unit == code]
        first_day = next(iter(cutoffs), (date.max, ""))[0]
        starts = {i: min(plan.points[code, i].items()) for i in indicators}
        before = {i: value for i, (day, value) in starts.items() if day < first_day}
        for occasion, cutoff in cutoffs.items():
            day, slot = occasion
            true = {indicator: values[code, indicator][occasion] for indicator in indicators}
            shown = {i: v - before.get(i, 0) if kinds[i] == "increment" else v for i, v in true.items()}
            as_of = cutoff.astimezone(campaign.zone).replace(tzinfo=None) if plan.simulation.as_of == "cutoff" else day
            report = Report(plan.units[code], occasion, as_of, shown, cutoff - _lead(campaign, plan, code, occasion))
            fault = faults.get((code, day, slot)) or faults.get((code, day, None))
            yield from _with_fault(report, fault, cutoff, before) if fault else [report]
            before = true


def _lead(campaign: Campaign, plan: Plan, code: str, occasion: Occasion) -> timedelta:
    arrival = plan.simulation.arrival
    span = 60 * (arrival.earliest_minutes - arrival.latest_minutes)
    return timedelta(seconds=60 * arrival.latest_minutes + int(span * chance(campaign.id, "arrival", code, str(occasion[0]), occasion[1])))


def _with_fault(report: Report, fault: Fault, cutoff: datetime, before: dict[str, int]) -> Iterator[Report]:
    minutes = timedelta(minutes=fault.minutes or 0)
    faulty = replace(report, fault=fault)
    if fault.kind == "late":
        yield replace(faulty, received_at=cutoff + minutes)
    elif fault.kind == "duplicate_file":
        yield faulty
        yield replace(faulty, received_at=report.received_at + minutes, suffix=" (1)")
    elif fault.kind == "fall" and fault.indicator and fault.by:
        fallen = before.get(fault.indicator, report.values[fault.indicator]) - fault.by
        yield replace(faulty, values=report.values | {fault.indicator: max(fallen, 0)})
    elif fault.kind != "missing":
        yield faulty
    if fault.mended_minutes:
        yield replace(report, received_at=cutoff + timedelta(minutes=fault.mended_minutes), suffix="_bo-sung")


def _grouped(plan: Plan, reports: Iterator[Report]) -> list[list[Report]]:
    """Reports that share a file. One with a fault, or after a fault, travels alone."""
    groups: dict[tuple[object, ...], list[Report]] = {}
    for report in reports:
        parts = {"unit": report.unit.code, "parent": report.unit.parent, "slot": ""}
        alone = (report.unit.code, report.suffix) if report.fault or report.suffix else ()
        form = plan.simulation.forms.index(_form(plan, report.unit.code))
        groups.setdefault((report.occasion, parts[plan.simulation.one_file_per], form, alone), []).append(report)
    return list(groups.values())


def _form(plan: Plan, unit: str) -> Form:
    own = [form for form in plan.simulation.forms if unit in form.units]
    return own[0] if own else next(form for form in plan.simulation.forms if not form.units)


def _files(campaign: Campaign, source: Source, plan: Plan, group: list[Report]) -> Iterator[Offer]:
    lead, last = group[0], max(report.received_at for report in group)
    form = _form(plan, lead.unit.code)
    several = len([slot for slot in campaign.slots if lead.unit.level in slot.levels]) > 1
    whose = lead.unit
    if plan.simulation.one_file_per != "unit" and not (lead.fault or lead.suffix):
        path = _path(plan, lead.unit)
        whose = list(path.values())[1 if plan.simulation.one_file_per == "parent" and len(path) > 1 else -1]
    headings = plan.simulation.columns
    rows = [row for report in group for row in _rows(source, plan, form, report)]
    day, slot = lead.occasion
    name = "_".join([f"{day:%Y%m%d}", *([slot] if several else []), whose.code, slug(whose.name)]) + f"{lead.suffix}.{form.format}"
    yield Offer(
        file_name=name,
        container_name="",
        origin=f"{campaign.id}/{source.path}#{name}",
        open=partial(_open, form, headings, rows),
        received_at=last,
        received_by="simulation",
        sender=_sender(plan, whose),
        stamp=digest(repr((form, headings, rows)), WRITER),
    )


def _open(form: Form, headings: list[str], rows: list[dict[str, Cell]]) -> BinaryIO:
    return io.BytesIO(written(form, headings, rows))


def _rows(source: Source, plan: Plan, form: Form, report: Report) -> list[dict[str, Cell]]:
    """One row of a report, or one per indicator where the source is long; what the fault says is in it."""
    fault = report.fault
    cells: dict[str, Cell] = {}
    path = _path(plan, report.unit)
    for level, heading in source.unit.names.items():
        cells[heading] = path[level].name if level in path else None
    for level, heading in source.unit.codes.items():
        cells[heading] = path[level].code if level in path else None
    named: dict[str | None, Cell] = {
        source.unit.code: (fault and fault.code) or report.unit.code,
        source.unit.names.get(report.unit.level) or plan.simulation.unit_name: (fault and fault.name) or report.unit.name,
        source.as_of: report.as_of,
        source.slot: report.occasion[1],
        source.sender: _sender(plan, report.unit),
        source.sender_role: (fault and fault.role) or plan.simulation.sender_role,
    }
    cells |= {heading: cell for heading, cell in named.items() if heading}
    cells |= _said(source, plan, report)
    figures: dict[str, Cell] = dict(report.values)
    if fault and fault.text is not None and fault.indicator:
        figures[fault.indicator] = fault.text.format(value=number_text(form, report.values[fault.indicator]))
    if source.layout == "wide":
        return [cells | {heading: figures.get(indicator) for indicator, heading in source.indicators.items()}]
    called = {indicator: name for name, indicator in source.indicator_names.items()}
    return [
        cells | {str(source.indicator): called.get(indicator, indicator), str(source.value): value} for indicator, value in figures.items()
    ]


def _said(source: Source, plan: Plan, report: Report) -> dict[str, Cell]:
    """What the unit writes beside its figures, in the columns of remarks."""
    day, slot = report.occasion
    return {
        heading: "; ".join(
            said.text
            for said in plan.simulation.remarks
            if said.remark == remark and said.unit == report.unit.code and said.first_on <= day <= said.last_on
            and said.slot in (None, slot)
        )
        for remark, heading in source.remarks.items()
    }  # fmt: skip


def _sender(plan: Plan, unit: Unit) -> str:
    return plan.simulation.sender.format(unit=unit.name[:1].lower() + unit.name[1:])


def _path(plan: Plan, unit: Unit) -> dict[str, Unit]:
    """Level -> unit, from the unit itself up to the top."""
    path = {unit.level: unit}
    while unit.parent in plan.units:
        unit = plan.units[unit.parent]
        path[unit.level] = unit
    return path
