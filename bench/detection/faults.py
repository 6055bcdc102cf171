"""The kinds of faults, each planted in one unit at one slot.

A fault is a function of (own, other, at): `own` and `other` are the figures [indicator, slot] of the unit and of its partner, changed in
place from slot `at` on. It returns how many slots carry the fault, or 0 where it cannot be planted there. What is typed wrong stands in one
slot only and the truth comes back; what is made up shifts every later cumulative figure with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.detection.panels import Panel, increments

Array = np.ndarray
RUN = 7  # slots of a habit
BUSY = 5  # a unit that usually grows by fewer in a slot is quiet: to stand still is what it does


@dataclass
class Site:
    """Where a fault is planted; `cell` is the one indicator that a slip of the keys hits, `level` the cumulative one."""

    panel: Panel
    at: int
    rng: np.random.Generator
    cell: int
    level: int
    target: float = float("nan")


Fault = Callable[[Array, Array, Site], int]


@dataclass(frozen=True)
class Kind:
    """`partner`: which other unit takes part (none, neighbour: same parent, alike: nearest in size). `slots`: at most so many.

    `within`: of (true figures, those with the fault, site), whether the fault is within the unit's own ways there; counted apart as well.
    """

    id: str
    group: str
    plant: Fault
    slots: int = 1
    partner: str = "none"
    within: Callable[[Array, Array, Site], bool] | None = None


def _typed(change: Callable[[float, Site], float | None]) -> Fault:
    """One cell of one slot typed wrong."""

    def plant(own: Array, other: Array, site: Site) -> int:
        typed = change(float(own[site.cell, site.at]), site)
        if typed is None:
            return 0
        own[site.cell, site.at] = typed
        return 1

    return plant


def _level(change: Callable[[float, Site], float | None]) -> Fault:
    """One cumulative figure of one slot wrong."""

    def plant(own: Array, other: Array, site: Site) -> int:
        typed = change(float(own[site.level, site.at]), site)
        if typed is None:
            return 0
        own[site.level, site.at] = typed
        return 1

    return plant


def swap_digits(value: float, site: Site) -> float | None:
    """Two neighbouring digits that differ change places."""
    text = f"{value:.0f}"
    places = [n for n in range(len(text) - 1) if text[n] != text[n + 1]]
    if not places:
        return None
    n = int(site.rng.choice(places))
    return float(text[:n] + text[n + 1] + text[n] + text[n + 2 :])


def usual(true: Array, site: Site) -> Array:
    """[indicator]: the unit's median growth in the 14 slots before (of an increment indicator its median)."""
    kinds = [indicator.kind for indicator in site.panel.indicators]
    steps = np.array([increments(row) if kind == "cumulative" else row for row, kind in zip(true, kinds, strict=True)])
    past = steps[:, max(1, site.at - 14) : site.at]
    return np.array([np.median(row[~np.isnan(row)]) if (~np.isnan(row)).any() else 0.0 for row in past])


def is_small_slip(true: Array, planted: Array, site: Site) -> bool:
    """Is the figure off by less than what the unit usually grows in a slot?"""
    return bool(abs(planted[site.cell, site.at] - true[site.cell, site.at]) < usual(true, site)[site.cell])


def is_quiet(true: Array, planted: Array, site: Site) -> bool:
    """Does the unit usually grow by less than BUSY in a slot?"""
    return bool(usual(true, site)[site.panel.cumulatives()].max() < BUSY)


def extra_digit(value: float, site: Site) -> float | None:
    """One digit is struck twice."""
    text = f"{value:.0f}"
    n = int(site.rng.integers(len(text)))
    return float(text[: n + 1] + text[n] + text[n + 1 :])


def dropped_digit(value: float, site: Site) -> float | None:
    text = f"{value:.0f}"
    n = int(site.rng.integers(len(text)))
    return float(text[:n] + text[n + 1 :]) if len(text) > 1 else None


def _fall(own: Array, other: Array, site: Site) -> int:
    """A cumulative figure 5 % below the slot before."""
    own[site.level, site.at] = np.floor(0.95 * own[site.level, site.at - 1])
    return 1


def _transposed(own: Array, other: Array, site: Site) -> int:
    if len(own) < 2:
        return 0
    a, b = site.rng.choice(len(own), 2, replace=False)
    own[[a, b], site.at] = own[[b, a], site.at]
    return 1


def _swapped_units(own: Array, other: Array, site: Site) -> int:
    own[:, site.at], other[:, site.at] = other[:, site.at].copy(), own[:, site.at].copy()
    return 1


def _copied_vector(own: Array, other: Array, site: Site) -> int:
    own[:, site.at] = other[:, site.at]
    return 1


def shift(own: Array, site: Site, made_up: dict[int, Array]) -> int:
    """The increments of a run replaced by `made_up` (cumulative indicator: increments); all later levels move with them."""
    slots = 0
    for level, steps in made_up.items():
        slots = len(steps)
        end = site.at + slots
        before = own[level, site.at - 1]
        moved = before + np.sum(steps) - own[level, end - 1]
        own[level, site.at : end] = before + np.cumsum(steps)
        own[level, end:] += moved
        daily = site.panel.daily(level)
        if daily is not None:
            own[daily, site.at : end] = steps
    return slots


def _made_up(slots: int, change: Callable[[Array, Array, Site], Array | None]) -> Fault:
    """Increments of `slots` slots of every cumulative indicator made up from (true increments, the unit's last ones before, site)."""

    def plant(own: Array, other: Array, site: Site) -> int:
        steps: dict[int, Array] = {}
        for level in site.panel.cumulatives():
            true = increments(own[level])
            run, past = true[site.at : site.at + slots], true[max(1, site.at - 14) : site.at]
            if np.isnan(run).any() or np.isnan(own[level, site.at - 1]) or np.isnan(past).all():
                return 0
            found = change(run, past[~np.isnan(past)], site)
            if found is None:
                return 0
            steps[level] = np.round(found)
        return shift(own, site, steps)

    return plant


def _copied_increments(slots: int) -> Fault:
    def plant(own: Array, other: Array, site: Site) -> int:
        span = slice(site.at, site.at + slots)
        steps = {level: increments(other[level])[span] for level in site.panel.cumulatives()}
        if any(np.isnan(run).any() for run in steps.values()) or np.isnan(own[:, site.at - 1 : site.at + slots]).any():
            return 0
        return shift(own, site, steps)

    return plant


def _rounded_run(base: int) -> Fault:
    """The habit of rounding: the increments of a week to the nearest `base`, where they are big enough to be rounded."""
    return _made_up(RUN, lambda run, past, site: np.round(run / base) * base if np.median(run) >= base else None)


def _held_back(own: Array, other: Array, site: Site) -> int:
    """Three slots repeat the figures before them, the fourth brings everything: counted with its jump."""
    kept = 3
    own[site.panel.cumulatives(), site.at : site.at + kept] = own[site.panel.cumulatives(), site.at - 1][:, None]
    for level in site.panel.cumulatives():
        daily = site.panel.daily(level)
        if daily is not None:
            own[daily, site.at + kept] = own[daily, site.at : site.at + kept + 1].sum()
            own[daily, site.at : site.at + kept] = 0
    return kept + 1


def _wrong_day(own: Array, other: Array, site: Site) -> int:
    """Yesterday's figures sent as today's; tomorrow's are right again."""
    own[:, site.at] = own[:, site.at - 1]
    return 1


def _missing_then_doubled(own: Array, other: Array, site: Site) -> int:
    """Nothing comes, and the next report counts the missed work twice."""
    missed = {level: increments(own[level])[site.at] for level in site.panel.cumulatives()}
    if np.isnan(list(missed.values())).any():
        return 0
    for level, step in missed.items():
        own[level, site.at + 1 :] += step
        daily = site.panel.daily(level)
        if daily is not None:
            own[daily, site.at + 1] += 2 * step
    own[:, site.at] = np.nan
    return 2


def _level_for_increment(own: Array, other: Array, site: Site) -> int:
    """The level sent where the increment belongs; where only levels are sent, the level is added to itself."""
    daily = site.panel.daily(site.level)
    if daily is None:
        own[site.level, site.at] += own[site.level, site.at - 1]
    else:
        own[daily, site.at] = own[site.level, site.at]
    return 1


def _increment_for_level(own: Array, other: Array, site: Site) -> int:
    own[site.level, site.at] = increments(own[site.level])[site.at]
    return 1


def _inflated_level(own: Array, other: Array, site: Site) -> int:
    """All cumulative figures of a slot 10 % too high, and the later ones by as much."""
    for level in site.panel.cumulatives():
        extra = np.round(0.1 * own[level, site.at])
        own[level, site.at :] += extra
        daily = site.panel.daily(level)
        if daily is not None:
            own[daily, site.at] += extra
    return 1


def _deadline_jump(own: Array, other: Array, site: Site) -> int:
    """On the day a milestone is due the unit reports just enough to pass it; the truth catches up later."""
    panel, share = site.panel, site.panel.due.get(site.at)
    if share is None or panel.targets is None:
        return 0
    level = panel.cumulatives()[-1]
    goal = np.ceil(site.target * share / 100)
    usual = np.nanmedian(increments(own[level])[max(1, site.at - 14) : site.at])
    short = goal - own[level, site.at]
    if not 2 * usual <= short <= 12 * usual or usual < 1:
        return 0
    for n in panel.cumulatives():
        own[n, site.at :] = np.maximum(own[n, site.at :], goal)
    return 1


def _ramp(run: Array, past: Array, site: Site) -> Array:
    return run * (1 + 0.05 * np.arange(1, len(run) + 1))


def _same(run: Array, past: Array, site: Site) -> Array | None:
    usual = np.median(past)
    return np.full(len(run), np.round(usual)) if usual >= 3 else None


def _constant(run: Array, past: Array, site: Site) -> Array:
    return run + max(2, np.round(np.median(past) / 2))


KINDS = [
    Kind("x10", "typing", _typed(lambda v, s: v * 10)),
    Kind("x10_increment", "typing", _made_up(1, lambda run, past, s: run * 10)),
    Kind("decimal_shift", "typing", _typed(lambda v, s: float(np.floor(v / 10)))),
    Kind("digit_swap", "typing", _typed(swap_digits), within=is_small_slip),
    Kind("extra_digit", "typing", _typed(extra_digit)),
    Kind("dropped_digit", "typing", _typed(dropped_digit)),
    Kind("separator_misread", "typing", _typed(lambda v, s: v / 1000 if v >= 1000 else None)),
    Kind("sign", "typing", _typed(lambda v, s: -v)),
    Kind("zero_for_missing", "typing", _typed(lambda v, s: 0.0)),
    Kind("fall_5", "typing", _fall),
    Kind("transposed_cells", "misplaced", _transposed),
    Kind("unit_swap", "misplaced", _swapped_units, partner="neighbour"),
    Kind("wrong_day", "misplaced", _wrong_day),
    Kind("level_for_increment", "misplaced", _level_for_increment),
    Kind("increment_for_level", "misplaced", _increment_for_level),
    Kind("missing_then_doubled", "misplaced", _missing_then_doubled, slots=2),
    Kind("stale_3", "repeated", _made_up(3, lambda run, past, s: np.zeros(3)), slots=3, within=is_quiet),
    Kind("held_back", "repeated", _held_back, slots=4),
    Kind("same_increment", "repeated", _made_up(RUN, _same), slots=RUN),
    Kind("clone_increment", "repeated", _copied_increments(1), partner="neighbour"),
    Kind("clone_run", "repeated", _copied_increments(5), slots=5, partner="neighbour"),
    Kind("clone_vector", "repeated", _copied_vector, partner="alike"),
    Kind("rounded_10", "made up", _rounded_run(10), slots=RUN),
    Kind("rounded_50", "made up", _rounded_run(50), slots=RUN),
    Kind("rounded_100", "made up", _level(lambda v, s: float(np.round(v / 100) * 100) if v >= 100 else None)),
    Kind("inflated_slot", "made up", _made_up(1, lambda run, past, s: run * 1.1)),
    Kind("inflated_run", "made up", _made_up(RUN, lambda run, past, s: run * 1.1), slots=RUN),
    Kind("inflated_level", "made up", _inflated_level),
    Kind("deadline_jump", "made up", _deadline_jump),
    Kind("constant_added", "made up", _made_up(RUN, _constant), slots=RUN),
    Kind("ramp", "made up", _made_up(10, _ramp), slots=10),
]
BY_ID = {kind.id: kind for kind in KINDS}
GROUPS = list(dict.fromkeys(kind.group for kind in KINDS))
