"""Where the faults go: a plan of plants over several copies of a panel, the same for the same seed.

Several plants share a copy when they cannot disturb each other: two in one unit are `gap` slots apart, a unit that lends its figures to
another's fault has no fault of its own there, and at most 3 % of the
units (two of few) have a fault on one slot, so that peers stay peers. No fault is planted where the series really falls.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bench.detection.faults import KINDS, Kind, Site
from bench.detection.panels import Panel, increments

TRIES = 60
MOST_COPIES = 36
SMALLEST = 5  # faults are planted where a unit really reports at least so many more, and move figures by as much: else nobody would look


@dataclass
class Plant:
    """One fault: `slots` from slot `at` on carry it. `seed` makes it, so that it can be planted again in another copy.

    `is_within`: it is within the unit's own ways there (Kind.within).
    """

    kind: Kind
    copy: int
    unit: int
    partner: int
    at: int
    seed: int
    slots: int = 0
    is_within: bool = False

    def window(self, panel: Panel) -> range:
        """Slots on which a flag finds the fault: those that carry it, and the next one."""
        return range(self.at, min(self.at + self.slots + 1, len(panel.days)))

    def units(self) -> list[int]:
        """Units that carry the fault."""
        return [self.unit, self.partner] if self.kind.id == "unit_swap" else [self.unit]


@dataclass
class Plan:
    """`copies`: panels of values with faults [indicator, unit, slot]; `solo`: per plant, the units' figures with that fault alone."""

    panel: Panel
    plants: list[Plant] = field(default_factory=list)
    copies: list[np.ndarray] = field(default_factory=list)
    solo: list[np.ndarray] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)


def plan(panel: Panel, per_kind: int, seed: int = 1) -> Plan:
    """`per_kind` plants of every kind that the panel can carry, in as many copies as they need."""
    rng = np.random.default_rng(seed)
    found = Plan(panel)
    wanted = {kind.id: per_kind for kind in KINDS if any(_place(panel, Board(panel), kind, 0, rng) for _ in range(10))}
    found.impossible = [kind.id for kind in KINDS if kind.id not in wanted]
    while any(wanted.values()) and len(found.copies) < MOST_COPIES:
        board, placed = Board(panel), 0
        for kind in _turns(wanted, panel, rng):
            plant = _place(panel, board, kind, len(found.copies), rng)
            if plant and wanted[kind.id]:
                board.take(plant)
                found.plants.append(plant)
                wanted[kind.id] -= 1
                placed += 1
        if not placed:
            break
        found.copies.append(np.empty(0))
    _sow(found)
    return found


def _turns(wanted: dict[str, int], panel: Panel, rng: np.random.Generator) -> list[Kind]:
    """Kinds in the order in which they are tried in one copy: those most behind first, so that all end together."""
    room = len(panel.codes) * max(1, (panel.last - panel.first) // panel.gap)
    left = sum(wanted.values())
    turns: list[Kind] = []
    for kind in KINDS:
        turns += [kind] * min(wanted.get(kind.id, 0), -(-room * wanted.get(kind.id, 0) // left))
    return [turns[n] for n in rng.permutation(len(turns))]


class Board:
    """What is taken in one copy: `busy` [unit, slot] (faults and their neighbourhood), `lent` (must stay true), `faulty` per slot."""

    def __init__(self, panel: Panel) -> None:
        shape = panel.values.shape[1:]
        self.busy, self.lent, self.faulty = np.zeros(shape, bool), np.zeros(shape, bool), np.zeros(shape[1], int)
        self.most = max(2, int(0.03 * shape[0]))
        self.clean = panel.is_clean()
        self.grows = (increments(panel.values[panel.cumulatives()]) >= SMALLEST).any(axis=0)

    def is_free(self, unit: int, partner: int, at: int, span: slice, near: slice, is_swap: bool) -> bool:
        units = [unit, partner] if is_swap else [unit]
        if (
            not self.grows[unit, at]
            or not self.clean[units, span].all()
            or self.busy[unit, near].any()
            or self.lent[unit, span].any()
            or self.faulty[span].max() >= self.most
        ):
            return False
        return partner < 0 or not (self.busy[partner, near].any() or (is_swap and self.lent[partner, span].any()))

    def take(self, plant: Plant) -> None:
        span = slice(plant.at - 1, plant.at + plant.slots + 2)
        self.busy[plant.unit, span] = True
        self.faulty[plant.at : plant.at + plant.slots] += 1
        if plant.partner >= 0:
            (self.busy if len(plant.units()) > 1 else self.lent)[plant.partner, span] = True


def _place(panel: Panel, board: Board, kind: Kind, number: int, rng: np.random.Generator) -> Plant | None:
    slots = len(panel.days)
    for _ in range(TRIES):
        unit = int(rng.integers(len(panel.codes)))
        last = panel.last - kind.slots
        due = [at for at in panel.due if panel.first <= at <= last]
        if last < panel.first or (kind.id == "deadline_jump" and not due):
            return None
        at = int(rng.choice(due)) if kind.id == "deadline_jump" else int(rng.integers(panel.first, last + 1))
        span = slice(at - 1, min(at + kind.slots + 2, slots))
        near = slice(max(0, at - panel.gap), min(at + kind.slots + panel.gap, slots))
        partner = _partner(panel, kind, unit, at, rng)
        is_swap = kind.id == "unit_swap"
        if (kind.partner != "none" and partner < 0) or not board.is_free(unit, partner, at, span, near, is_swap):
            continue
        plant = Plant(kind, number, unit, partner, at, int(rng.integers(2**62)))
        if np.isnan(panel.values[:, plant.units(), at - 1 : at + kind.slots + 1]).any():
            continue
        plant.slots = apply(panel, _rows(panel.values, plant), plant)
        if plant.slots:
            return plant
    return None


def _partner(panel: Panel, kind: Kind, unit: int, at: int, rng: np.random.Generator) -> int:
    """Another unit: of the same parent (neighbour), or among the three nearest in size on that slot (alike); -1 where there is none."""
    if kind.partner == "none":
        return -1
    if kind.partner == "neighbour":
        others = [n for n, parent in enumerate(panel.parents) if parent == panel.parents[unit] and n != unit]
    else:
        apart = np.abs(panel.values[0, :, at] - panel.values[0, unit, at])
        apart[unit] = np.nan
        others = [int(n) for n in np.argsort(apart)[:3] if not np.isnan(apart[n])]
    return int(rng.choice(others)) if others else -1


def _rows(values: np.ndarray, plant: Plant) -> np.ndarray:
    """Copies of the rows of unit and partner: [indicator, 2, slot]."""
    return values[:, [plant.unit, plant.partner]].copy()


def apply(panel: Panel, rows: np.ndarray, plant: Plant) -> int:
    """Plant the fault in `rows` [indicator, unit and partner, slot]; how many slots carry it, 0 where it is not counted."""
    site = _site(panel, plant)
    before = rows.copy()
    slots = plant.kind.plant(rows[:, 0], rows[:, 1], site)
    span = slice(plant.at, plant.at + slots)
    return slots if is_worth_counting(before[:, 0, span], rows[:, 0, span]) else 0


def _site(panel: Panel, plant: Plant) -> Site:
    rng = np.random.default_rng(plant.seed)
    site = Site(panel, plant.at, rng, int(rng.integers(len(panel.indicators))), int(rng.choice(panel.cumulatives())))
    if panel.targets is not None:
        site.target = float(panel.targets[plant.unit])
    return site


def is_worth_counting(true: np.ndarray, planted: np.ndarray) -> bool:
    """Does the fault change figures by SMALLEST in all, or take one away? A stale repeat in a flat series is no fault at all."""
    if np.isnan(planted).any():
        return True
    return bool(planted.size and np.abs(planted - true).sum() >= SMALLEST)


def _sow(found: Plan) -> None:
    """The copies, planted in the order of time (a fault may copy figures of another unit), and every plant by itself."""
    panel = found.panel
    found.plants.sort(key=lambda plant: (plant.copy, plant.at, plant.unit))
    found.copies = [panel.values.copy() for _ in found.copies]
    kept: list[Plant] = []
    for plant in found.plants:
        rows = _rows(found.copies[plant.copy], plant)
        if not apply(panel, rows, plant):
            continue
        found.copies[plant.copy][:, plant.unit] = rows[:, 0]
        if plant.kind.id == "unit_swap":
            found.copies[plant.copy][:, plant.partner] = rows[:, 1]
        alone = _rows(panel.values, plant)
        apply(panel, alone, plant)
        if plant.kind.within:
            plant.is_within = plant.kind.within(panel.values[:, plant.unit], alone[:, 0], _site(panel, plant))
        found.solo.append(alone[:, : len(plant.units())])
        kept.append(plant)
    found.plants = kept
