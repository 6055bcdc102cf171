"""Series between published points: whole numbers that only grow, pass through every point, and are the same everywhere.

Chance is a hash of campaign, unit, indicator and occasion, so that no figure depends on another, on order, or on the machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise

from loaders.simulation_plan import DailyShape
from tiendo.calendar import WEEKDAYS

_FINE = 1_000_000  # weights become whole numbers of this fineness: sums then do not depend on how a machine rounds


def chance(*parts: str) -> float:
    """A number in [0, 1) that follows from the parts alone."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def series(
    seed: tuple[str, ...], points: dict[date, int], occasions: Sequence[tuple[date, str]], shape: DailyShape
) -> dict[tuple[date, str], int]:
    """Cumulative value at every occasion (day, slot name); `occasions` are in their order.

    A point holds at the end of its day: at its last occasion, or between two where the day has none. Growth between two
    points follows the weekday weights and noise of `shape`, and speeds up or slows down as the neighbouring stretches
    imply. Raises ValueError where the points do not cover the occasions.
    """
    days = sorted(points)
    if not occasions:
        return {}
    if not days or days[0] > occasions[0][0] or days[-1] < occasions[-1][0]:
        covered = f"from {days[0]} to {days[-1]}" if days else "of no day"
        raise ValueError(f"points {covered} do not cover {occasions[0][0]} to {occasions[-1][0]}")
    timeline, pins = _timeline(points, occasions)
    ends = sorted(pins)
    slopes = [(pins[b] - pins[a]) / (b - a) for a, b in pairwise(ends)]
    values = {timeline[position]: pins[ends[0]] for position in range(ends[0] + 1)}
    for n, (start, end) in enumerate(pairwise(ends)):
        at_start = (slopes[n - 1] + slopes[n]) / 2 if n else slopes[n]
        at_end = (slopes[n] + slopes[n + 1]) / 2 if n + 1 < len(slopes) else slopes[n]
        moments = timeline[start + 1 : end + 1]
        paces = [at_start + (at_end - at_start) * step / (end - start) for step in range(1, end - start + 1)]
        weights = [_weight(seed, moment, shape, pace) for moment, pace in zip(moments, paces, strict=True)]
        total, rise = sum(weights), pins[end] - pins[start]
        values |= {moment: pins[start] + rise * done // total for moment, done in zip(moments, accumulate(weights), strict=True)}
    return {occasion: values[occasion] for occasion in occasions}


def _timeline(points: dict[date, int], occasions: Sequence[tuple[date, str]]) -> tuple[list[tuple[date, str]], dict[int, int]]:
    """Every occasion between the first and the last point, a day without one standing for itself; and position -> point."""
    slots: dict[date, list[str]] = {}
    for day, slot in occasions:
        slots.setdefault(day, []).append(slot)
    first = min(points)
    span = [first + timedelta(days=n) for n in range((max(points) - first).days + 1)]
    timeline = [(day, slot) for day in span for slot in slots.get(day, [""])]
    last_of_day = {day: position for position, (day, _) in enumerate(timeline)}
    return timeline, {last_of_day[day]: value for day, value in points.items()}


def _weight(seed: tuple[str, ...], occasion: tuple[date, str], shape: DailyShape, pace: float) -> int:
    day, slot = occasion
    noise = 1 + shape.noise_pct / 100 * (2 * chance(*seed, day.isoformat(), slot) - 1)
    weekdays: dict[str, float] = dict(shape.weekdays.items())
    return 1 + int(_FINE * max(pace, 0.0) * weekdays.get(WEEKDAYS[day.weekday()], 1.0) * noise)
