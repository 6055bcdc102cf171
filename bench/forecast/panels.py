"""The series that are forecast: real campaigns, and simulated ones with and without a final sprint."""

from __future__ import annotations

import csv
import io
import tarfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from bench.detection.panels import carried, half_of
from bench.detection.panels import my_citf as citf_panel

WEEKDAYS = (1.0, 1.05, 1.0, 1.0, 0.95, 0.6, 0.4)


@dataclass
class Series:
    """Levels `values` [unit, day] of one campaign and indicator, NaN before a unit's first figure.

    `aims`: what each unit is to reach by the day `due` (None where nothing is due). `halves`: tune or report, by unit.
    """

    panel: str
    campaign: str
    indicator: str
    codes: list[str]
    values: np.ndarray
    halves: list[str]
    aims: np.ndarray | None = None
    due: int | None = None


def my_citf(data: Path) -> list[Series] | None:
    """First and second doses of 16 states, 2021-02-24 to 07-31, as known on the last day; None without the data."""
    panel = citf_panel(data)
    if panel is None:
        return None
    names = {indicator.id: n for n, indicator in enumerate(panel.indicators)}
    return [_real("my_citf", name, panel.codes, panel.values[names[name]]) for name in ("dose1", "dose2")]


def it_vaccini(data: Path) -> list[Series] | None:
    """Doses, first and second doses of 21 regions, 2020-12-27 to 2021-03-31, as known on the last day; None without the data."""
    archive = data / "it_vaccini" / "snapshots_2021-01-05_2021-03-31.tar.gz"
    if not archive.is_file():
        return None
    with tarfile.open(archive) as members:
        name = max(name for name in members.getnames() if name.endswith("somministrazioni-vaccini-summary-latest.csv"))
        stream = members.extractfile(name)
        assert stream is not None
        rows = [row for row in csv.DictReader(io.StringIO(stream.read().decode("utf-8-sig"))) if row["area"] != "ITA"]
    days = sorted({date.fromisoformat(row["data_somministrazione"][:10]) for row in rows})
    codes = sorted({row["area"] for row in rows})
    found = []
    for indicator, column in (("doses", "totale"), ("first_doses", "prima_dose"), ("second_doses", "seconda_dose")):
        increments = np.zeros((len(codes), (days[-1] - days[0]).days + 1))
        for row in rows:
            day = (date.fromisoformat(row["data_somministrazione"][:10]) - days[0]).days
            increments[codes.index(row["area"]), day] += float(row[column])
        found.append(_real("it_vaccini", indicator, codes, increments.cumsum(axis=1)))
    return found


def _real(panel: str, indicator: str, codes: list[str], values: np.ndarray) -> Series:
    levels = carried(values)
    begun = np.maximum.accumulate(np.nan_to_num(levels), axis=1) > 0
    return Series(panel, panel, indicator, codes, np.where(begun, levels, np.nan), [half_of(code) for code in codes])


def simulation(campaigns: int = 24, seed: int = 20230505) -> list[Series]:
    """Campaigns of 8 to 13 weeks with a target due on their last day; whole campaigns are in one half.

    In two of three a sprint multiplies the pace by 2 to 7 in the last 10 to 21 days, more in some units than in others, as Hà Nội went from
    21 % to 73 % in eight weeks of 2023, most of it in the last two; in the third nothing of the kind happens. Paces wander, alone and
    together; counts are overdispersed; weekends are quiet; targets are between 80 and 120 % of the people that can be reached, so many
    units never reach theirs; one report in a hundred does not come.
    """
    rng = np.random.default_rng(seed)
    found = []
    for number in range(campaigns):
        units, days = int(rng.integers(25, 70)), int(rng.integers(56, 92))
        has_sprint, sprint_days, boost = (number // 2) % 3 > 0, int(rng.integers(10, 22)), rng.uniform(2, 7)
        size = np.round(10 ** rng.uniform(2.8, 4.8, units))
        day = np.arange(days)
        base = rng.uniform(0.25, 0.6, units) * size / days
        own_boost = np.maximum(1, np.exp(rng.normal(0, 0.3, units)) * boost) if has_sprint else np.ones(units)
        sprint = np.clip((day - (days - sprint_days)) / (sprint_days * 0.4), 0, 1)
        drift = np.cumsum(rng.normal(0, 0.03, days)) + np.cumsum(rng.normal(0, 0.04, (units, days)), axis=1)
        mean = base[:, None] * np.array(WEEKDAYS)[day % 7] * np.exp(drift) * (1 + sprint * (own_boost[:, None] - 1))
        spread = rng.uniform(5, 30, units)[:, None]
        counts = rng.poisson(mean * rng.gamma(spread, 1 / spread, (units, days)))
        levels = np.minimum(np.round(rng.uniform(0.1, 0.3, units) * size)[:, None] + counts.cumsum(axis=1), size[:, None])
        silent = rng.random((units, days)) < 0.01
        silent[:, 0] = False
        levels[silent] = np.nan
        name = f"{'sprint' if has_sprint else 'steady'} {number:02d}"
        half = "tune" if number % 2 == 0 else "report"
        aims = np.round(size * rng.uniform(0.8, 1.2, units))
        codes = [f"{number:02d}{unit:03d}" for unit in range(units)]
        found.append(Series("simulation", name, "done", codes, carried(levels), [half] * units, aims, days - 1))
    return found
