"""What was found, at which price. A detector finds a fault when it flags a unit that carries it on a slot that carries it or on the next.

Every score is relative: 1 is the detector's own threshold, so that one number moves them all.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from bench.detection.faults import KINDS
from bench.detection.gate_run import Judged, judge_panel
from bench.detection.panels import Panel, half_of
from bench.detection.planting import Plan, Plant
from bench.detection.references import REFERENCES, Reference, panel_scores, scores_at, tested_series

OURS = "tiendo"
BASE_RATE = 10.0  # faults per 1,000 unit-days, at which precision is stated


@dataclass
class Detector:
    """`clean`: relative scores of the clean unit-days; `best`: per plant, the highest relative score in its window; `with_falls`: flags per
    1,000 unit-days when days of real falls are counted among the clean ones."""

    id: str
    label: str
    clean: np.ndarray
    best: np.ndarray
    with_falls: float = 0.0

    def false_alarms(self, level: float = 1.0) -> float:
        """Flags per 1,000 clean unit-days at a relative threshold."""
        return 1000 * float((self.clean >= level).mean()) if self.clean.size else 0.0

    def recall(self, chosen: np.ndarray, level: float = 1.0) -> float | None:
        """Share of the chosen plants that are found; None of none."""
        return float((self.best[chosen] >= level).mean()) if chosen.any() else None

    def level_for(self, false_alarms: float) -> float:
        """The lowest relative threshold at which no more than that many of 1,000 clean unit-days are flagged.

        Infinite where only rules that do not measure are left: they flag what they flag, perhaps more than that many.
        """
        ordered = np.sort(self.clean)[::-1]
        allowed = int(np.floor(false_alarms / 1000 * ordered.size + 1e-9))
        if allowed >= ordered.size:
            return float(np.nextafter(0, 1))
        return float(max(np.nextafter(ordered[allowed], np.inf), np.nextafter(0, 1)))


@dataclass
class Scored:
    """The results of one panel on one half of its units. `kinds` and `within` [plant]: kind, and whether within the unit's own ways."""

    panel: Panel
    half: str
    kinds: np.ndarray
    detectors: list[Detector]
    impossible: list[str]
    real_falls: int
    clean_days: int
    within: np.ndarray
    by_rule: dict[str, dict[str, float]] = field(default_factory=dict)
    alarms_by_rule: dict[str, float] = field(default_factory=dict)
    missed: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def kind_ids(self) -> list[str]:
        return [kind.id for kind in KINDS if (self.kinds == kind.id).any()]

    def of(self, *kinds: str) -> np.ndarray:
        return np.isin(self.kinds, kinds)

    def rows(self) -> list[tuple[str, np.ndarray]]:
        """Names and plants of the rows of a table: every kind, and below it, those beyond and within a unit's own ways, if any are."""
        found = []
        for kind in self.kind_ids():
            chosen = self.of(kind)
            found.append((kind, chosen))
            if (chosen & self.within).any():
                parts = [(f"{kind}, beyond its ways", chosen & ~self.within), (f"{kind}, within its ways", chosen & self.within)]
                found += [(name, plants) for name, plants in parts if plants.any()]
        return found

    def __getitem__(self, detector_id: str) -> Detector:
        return next(detector for detector in self.detectors if detector.id == detector_id)


def precision(recall: float, false_alarms: float) -> float:
    """Of what is flagged, the share that is a fault, where BASE_RATE of 1,000 unit-days have one."""
    found = BASE_RATE * recall
    return found / (found + false_alarms) if found + false_alarms else 1.0


def in_half(panel: Panel, half: str) -> np.ndarray:
    """[unit]: does the unit belong to that half (tune, report, all)?"""
    return np.array([half in ("all", half_of(code)) for code in panel.codes])


def run(found: Plan, half: str, say: Callable[[str], None] = lambda text: None) -> Scored:
    """Judge the true panel and every copy with tiendo, and every plant alone with the references; score one half of the units."""
    panel = found.panel
    chosen = in_half(panel, half)
    tested = panel.is_clean()[:, panel.tested()]
    clean = tested & chosen[:, None]
    came = ~np.isnan(panel.values).all(axis=0)[:, panel.tested()] & chosen[:, None]
    mine = np.array([bool(chosen[plant.unit]) for plant in found.plants], dtype=bool)
    say(f"{panel.name}: {len(found.plants)} faults in {len(found.copies)} copies, {int(clean.sum()):,} clean unit-days")
    with tempfile.TemporaryDirectory(prefix="tiendo-detection-") as scratch:
        true = judge_panel(panel, panel.values, Path(scratch) / "true")
        best = np.zeros(len(found.plants))
        by_plant: list[set[str]] = [set() for _ in found.plants]
        for number, values in enumerate(found.copies):
            judged = judge_panel(panel, values, Path(scratch) / f"copy-{number}")
            _best_of_copy(found, number, judged, best, by_plant)
            say(f"  copy {number + 1} of {len(found.copies)}")
    everybody = [(OURS, OURS, true.relative, best)]
    for reference in REFERENCES:
        everybody.append((reference.id, reference.label, panel_scores(reference, panel), _best_of_reference(found, reference)))
    detectors = [
        Detector(name, label, truth[:, panel.tested()][clean], highest[mine], 1000 * float((truth[:, panel.tested()][came] >= 1).mean()))
        for name, label, truth, highest in everybody
    ]
    kinds = np.array([plant.kind.id for plant in found.plants], dtype=object)[mine]
    within = np.array([plant.is_within for plant in found.plants], dtype=bool)[mine]
    scored = Scored(panel, half, kinds, detectors, found.impossible, int((came & ~clean).sum()), int(clean.sum()), within)
    scored.by_rule = _by_rule(kinds, [rules for rules, is_mine in zip(by_plant, mine, strict=True) if is_mine])
    scored.alarms_by_rule = _alarms(panel, true, clean)
    scored.missed = _missed(found, mine, best)
    return scored


def _best_of_copy(found: Plan, number: int, judged: Judged, best: np.ndarray, by_plant: list[set[str]]) -> None:
    """Fill `best` and `by_plant` for the plants of one copy.

    A rule that flagged the unit on both slots before the fault is not counted there: it still speaks of an earlier fault in the copy (a
    figure that was let in too high makes falls of all that follow).
    """
    of_unit = dict(iter(judged.found.groupby("unit_no")[["slot_no", "rule_id", "relative"]]))
    for n, plant in enumerate(found.plants):
        if plant.copy != number:
            continue
        window = plant.window(found.panel)
        for unit in plant.units():
            rows = of_unit.get(unit)
            if rows is None:
                continue
            flagged = rows[rows["relative"] >= 1]
            before = [set(flagged.loc[flagged["slot_no"] == slot, "rule_id"]) for slot in (plant.at - 2, plant.at - 1)]
            inside = rows[rows["slot_no"].between(window.start, window.stop - 1) & ~rows["rule_id"].isin(before[0] & before[1])]
            best[n] = max(best[n], inside["relative"].max() if len(inside) else 0.0)
            by_plant[n] |= set(inside.loc[inside["relative"] >= 1, "rule_id"])


def _best_of_reference(found: Plan, reference: Reference) -> np.ndarray:
    """Per plant the highest relative score in its window, every plant alone in its series."""
    best = np.zeros(len(found.plants))
    groups: dict[tuple[int, int], list[int]] = {}
    for n, plant in enumerate(found.plants):
        groups.setdefault((plant.slots, len(plant.units())), []).append(n)
    last = len(found.panel.days) - 1
    for (slots, _), members in groups.items():
        series = tested_series(found.panel, np.stack([found.solo[n] for n in members], axis=1))
        at = np.array([found.plants[n].at for n in members])
        for rows in series.transpose(0, 2, 1, 3).reshape(-1, *series.shape[1:2], series.shape[3]):
            for after in range(slots + 1):
                best[members] = np.maximum(best[members], scores_at(reference, rows, np.minimum(at + after, last)))
    return best


def _by_rule(kinds: np.ndarray, rules: list[set[str]]) -> dict[str, dict[str, float]]:
    """Kind -> rule -> share of its plants that the rule finds."""
    shares: dict[str, dict[str, float]] = {}
    for kind in dict.fromkeys(kinds):
        mine = [found for found, of in zip(rules, kinds, strict=True) if of == kind]
        counted = Counter(rule for found in mine for rule in found)
        shares[str(kind)] = {rule: count / len(mine) for rule, count in counted.most_common()}
    return shares


def _alarms(panel: Panel, true: Judged, clean: np.ndarray) -> dict[str, float]:
    """Rule -> flagged clean unit-days per 1,000."""
    slots, flagged = panel.tested(), true.found[true.found["relative"] >= 1]
    flagged = flagged[flagged["slot_no"].between(slots.start, slots.stop - 1)]
    on_clean = clean[flagged["unit_no"].to_numpy(int), flagged["slot_no"].to_numpy(int) - slots.start]
    days = flagged[on_clean].drop_duplicates(["rule_id", "unit_no", "slot_no"])
    return {str(rule): 1000 * count / clean.sum() for rule, count in days["rule_id"].value_counts().items()}


def _missed(found: Plan, mine: np.ndarray, best: np.ndarray) -> dict[str, list[dict[str, object]]]:
    """Kind -> up to ten plants that tiendo missed, with the figures around them: to look at, not to tune on."""
    shown: dict[str, list[dict[str, object]]] = {}
    for n, plant in enumerate(found.plants):
        examples = shown.setdefault(plant.kind.id, [])
        if mine[n] and best[n] < 1 and len(examples) < 10:
            examples.append(_example(found, plant, n))
    return {kind: examples for kind, examples in shown.items() if examples}


def _example(found: Plan, plant: Plant, number: int) -> dict[str, object]:
    panel = found.panel
    span = slice(max(0, plant.at - 8), plant.at + plant.slots + 2)
    planted, true = found.solo[number][:, 0, span], panel.values[:, plant.unit, span]
    return {
        "unit_code": panel.codes[plant.unit], "day": panel.days[plant.at].isoformat(), "slots": plant.slots, "copy": plant.copy,
        "from": panel.days[span.start].isoformat(), "planted": _plain(planted), "true": _plain(true),
    }  # fmt: skip


def _plain(values: np.ndarray) -> list[list[float | None]]:
    return [[None if pd.isna(value) else float(value) for value in row] for row in values]
