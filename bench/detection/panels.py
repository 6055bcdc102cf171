"""The series that faults are planted in: units by slots, truthful as far as anybody knows."""

from __future__ import annotations

import csv
import hashlib
import io
import tarfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

PLACEHOLDERS = ("Fuori Regione", "In fase di definizione")


@dataclass(frozen=True)
class Indicator:
    """`daily_of`: the cumulative indicator whose increments an increment indicator reports; `part_of` as in a campaign."""

    id: str
    kind: str
    daily_of: str | None = None
    part_of: str | None = None


@dataclass
class Panel:
    """Figures `values` [indicator, unit, slot] (NaN: no report), one slot a day.

    `first` and `last`: slots that are tested, both included; those before are history. `due`: slots on which a milestone is due, with its
    percentage of the unit's target. `gap`: slots between two plants in one unit. `rules`: what a campaign over this source says of rules.
    """

    name: str
    time_zone: str
    indicators: list[Indicator]
    codes: list[str]
    parents: list[str]
    days: list[date]
    values: np.ndarray
    first: int
    last: int
    gap: int
    targets: np.ndarray | None = None
    due: dict[int, float] = field(default_factory=dict)
    rules: dict[str, Any] = field(default_factory=dict)

    def cumulatives(self) -> list[int]:
        return [n for n, indicator in enumerate(self.indicators) if indicator.kind == "cumulative"]

    def daily(self, cumulative: int) -> int | None:
        """The indicator that reports the increments of a cumulative one."""
        name = self.indicators[cumulative].id
        return next((n for n, indicator in enumerate(self.indicators) if indicator.daily_of == name), None)

    def tested(self) -> slice:
        return slice(self.first, self.last + 1)

    def is_clean(self) -> np.ndarray:
        """[unit, slot]: the unit reported and no cumulative figure of it falls: a real fall is a real finding, not a false alarm."""
        levels = self.values[self.cumulatives()]
        known = carried(levels)
        falls = np.zeros(levels.shape[1:], dtype=bool)
        falls[:, 1:] = (levels[:, :, 1:] < known[:, :, :-1]).any(axis=0)
        return ~np.isnan(self.values).all(axis=0) & ~falls


def half_of(unit_code: str) -> str:
    """tune or report: thresholds are chosen on one half of the units and reported on the other. Stable for ever."""
    return "tune" if hashlib.sha256(unit_code.encode()).digest()[0] % 2 == 0 else "report"


def carried(levels: np.ndarray) -> np.ndarray:
    """The last known value along the last axis, where one is missing."""
    slots = np.where(np.isnan(levels), 0, np.arange(levels.shape[-1]))
    return np.take_along_axis(levels, np.maximum.accumulate(slots, axis=-1), axis=-1)


def increments(levels: np.ndarray) -> np.ndarray:
    """Each value less the last known one before it, along the last axis; NaN in the first slot and where nothing came."""
    found = np.full(levels.shape, np.nan)
    found[..., 1:] = levels[..., 1:] - carried(levels)[..., :-1]
    return found


def it_dpc_province(data: Path) -> Panel | None:
    """107 provinces, cumulative cases, 2020-02-24 to 2020-12-31; None where the data is not there."""
    archive = data / "it_dpc_province" / "province_daily_2020.tar.gz"
    if not archive.is_file():
        return None
    figures: dict[tuple[str, str], float] = {}
    parents: dict[str, str] = {}
    with tarfile.open(archive) as members:
        for member in members:
            stream = members.extractfile(member)
            if stream is None or not member.name.endswith(".csv"):
                continue
            for row in csv.DictReader(io.StringIO(stream.read().decode("utf-8-sig"))):
                if not row["denominazione_provincia"].startswith(PLACEHOLDERS):
                    figures[row["codice_provincia"], row["data"][:10]] = float(row["totale_casi"])
                    parents.setdefault(row["codice_provincia"], row["denominazione_regione"])
    codes, days = sorted(parents), sorted({day for _, day in figures})
    values = np.array([[[figures.get((code, day), np.nan) for day in days] for code in codes]])
    dates = [date.fromisoformat(day) for day in days]
    return Panel(
        "it_dpc_province", "Europe/Rome", [Indicator("cases", "cumulative")], codes, [parents[code] for code in codes], dates, values,
        dates.index(date(2020, 3, 15)), len(dates) - 1, 40,
        rules={"cumulative_fall": {"severity": "flag"}},  # the publisher's corrections are silent falls, and the figures stay
    )  # fmt: skip


def my_citf(data: Path) -> Panel | None:
    """16 states, first and second doses, cumulative and daily, as known on 2021-07-31; July 2021 is tested. None without the data."""
    archive = data / "my_citf" / "snapshots_2021-07.tar.gz"
    if not archive.is_file():
        return None
    with tarfile.open(archive) as members:
        name = max(name for name in members.getnames() if name.endswith("/vax_state.csv"))
        stream = members.extractfile(name)
        assert stream is not None
        rows = list(csv.DictReader(io.StringIO(stream.read().decode("utf-8-sig"))))
    codes, days = sorted({row["state"] for row in rows}), sorted({row["date"] for row in rows})
    columns = {"dose1": "dose1_cumul", "dose2": "dose2_cumul", "dose1_daily": "dose1_daily", "dose2_daily": "dose2_daily"}
    found = {(row["state"], row["date"]): row for row in rows}
    values = np.array(
        [
            [[float(found[code, day][column]) if (code, day) in found else np.nan for day in days] for code in codes]
            for column in columns.values()
        ]
    )
    dates = [date.fromisoformat(day) for day in days]
    indicators = [
        Indicator("dose1", "cumulative"), Indicator("dose2", "cumulative", part_of="dose1"),
        Indicator("dose1_daily", "increment", daily_of="dose1"), Indicator("dose2_daily", "increment", daily_of="dose2"),
    ]  # fmt: skip
    return Panel(
        "my_citf", "Asia/Kuala_Lumpur", indicators, codes, ["MY"] * len(codes), dates, values, dates.index(date(2021, 7, 1)),
        len(dates) - 1, 13,
    )  # fmt: skip


def simulation(units: int = 1000, slots: int = 60, seed: int = 20260601) -> Panel:
    """A clean campaign: dossiers received and accounts activated by `units` communes over `slots` days, cumulative.

    Sizes over three orders of magnitude; counts overdispersed (negative binomial); quiet Saturdays and Sundays, which some offices enter
    on Monday; two holidays with a busy day after them; some units finish; now and then a mobile team doubles or trebles a day, and one
    report in a hundred does not come. All of it is true, so every finding on it is a false alarm.
    """
    rng = np.random.default_rng(seed)
    start = date(2023, 5, 15)
    days = [start + timedelta(days=n) for n in range(slots)]
    size = np.round(10 ** rng.uniform(2.3, 5.3, units))
    pace = size / rng.uniform(25, 130, units)  # slots it would take at full pace
    weekday = np.array([[1.0, 1.05, 1.0, 1.0, 0.95, 0.45, 0.08][day.weekday()] for day in days])
    holidays = [n for n in (17, 18, 44) if n < slots]
    weekday[holidays] = 0.03
    weekday[[n + 1 for n in holidays if n + 1 < slots and n + 1 not in holidays]] *= 1.7
    drift = np.cumsum(rng.normal(0, 0.05, (units, slots)), axis=1)  # a unit's pace wanders slowly
    mean = pace[:, None] * weekday[None, :] * np.exp(drift - drift.mean(axis=1, keepdims=True))
    mean *= np.where(rng.random((units, slots)) < 0.002, rng.uniform(2, 3, (units, slots)), 1)
    spread = rng.uniform(6, 40, units)[:, None]
    wanted = rng.poisson(np.maximum(mean, 1e-9) * rng.gamma(spread, 1 / spread, (units, slots)))
    is_late = rng.random(units) < 0.25
    received = _received(_enter_on_monday(wanted, days, is_late), size)
    activated = _activated(rng, received)
    values = np.stack([received, activated]).astype(float)
    silent = rng.random((units, slots)) < 0.01
    silent[:, 0] = False
    values[:, silent] = np.nan
    codes = [f"{10000 + n * 7}" for n in range(units)]
    parents = [f"{100 + n // 20}" for n in range(units)]
    due = {n: share for n, share in ((29, 40.0), (44, 60.0), (slots - 2, 80.0)) if n < slots}
    indicators = [Indicator("received", "cumulative"), Indicator("activated", "cumulative", part_of="received")]
    return Panel(
        "simulation",
        "Asia/Ho_Chi_Minh",
        indicators,
        codes,
        parents,
        days,
        values,
        min(15, slots // 3),
        slots - 1,
        18,
        targets=size,
        due=due,
    )


def _enter_on_monday(wanted: np.ndarray, days: list[date], is_late: np.ndarray) -> np.ndarray:
    """Offices that enter the work of Saturday and Sunday on Monday."""
    entered = wanted.copy()
    for n, day in enumerate(days):
        if day.weekday() == 0 and n >= 2:
            entered[is_late, n] += wanted[is_late, n - 1] + wanted[is_late, n - 2]
            entered[is_late, n - 2 : n] = 0
    return entered


def _received(wanted: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Cumulative: the last eighth of a unit's people are harder and harder to reach, until all are."""
    level, found = np.zeros(len(size)), np.zeros(wanted.shape)
    for n in range(wanted.shape[1]):
        left = size - level
        level = level + np.minimum(left, np.ceil(wanted[:, n] * np.minimum(left / (size / 8), 1)))
        found[:, n] = level
    return found


def _activated(rng: np.random.Generator, received: np.ndarray) -> np.ndarray:
    """Of what is received and not yet activated, a share is activated each day."""
    share = rng.uniform(0.25, 0.6, received.shape[0])
    level = np.zeros(received.shape[0])
    found = np.zeros(received.shape)
    for n in range(received.shape[1]):
        level = level + rng.binomial((received[:, n] - level).astype(np.int64), share)
        found[:, n] = level
    return found
