"""The results as tables for people, curves for the eye and JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.detection.faults import GROUPS, KINDS
from bench.detection.scoring import BASE_RATE, OURS, Scored, precision

MOST_FALSE_ALARMS = 5.0
AT_LEAST = {
    "x10": 97, "decimal_shift": 97, "unit_swap": 97, "zero_for_missing": 97, "fall_5": 97, "digit_swap": 85, "stale_3": 95,
}  # fmt: skip
AHEAD = (
    "clone_increment", "clone_run", "clone_vector", "held_back", "rounded_10", "rounded_50", "rounded_100", "inflated_slot", "inflated_run",
    "inflated_level",
)  # fmt: skip
# What was measured for this project before, on it_dpc_province: DHIS2 z, DHIS2 min-max, elementary 14; percent, then false alarms.
EARLIER = {
    "x10_increment": (87, 95, 90), "digit_swap": (52, 65, 44), "decimal_shift": (100, 100, 100), "unit_swap": (96, 97, 95),
    "zero_for_missing": (100, 100, 100), "stale_3": (3, 20, 0), "clone_increment": (21, 33, 13), "fall_5": (96, 99, 81),
    "held_back": (58, 71, 42), "rounded_100": (21, 46, 13),
}  # fmt: skip
EARLIER_ALARMS = (37, 109, 12)
EARLIER_OF = ("dhis2_z", "dhis2_min_max", "elementary_14")
MARKS = ("<!-- results: written by python -m bench.detection --update-docs -->", "<!-- end of results -->")
SURE = 0.995  # where both find everything, nobody can be ahead


@dataclass(frozen=True)
class Goal:
    """`found` and `needed` in percent, or false alarms per 1,000."""

    panel: str
    what: str
    found: float
    needed: float
    is_met: bool
    note: str = ""


def show(console: Console, scored: Scored) -> None:
    """Recall per kind and detector in percent, with false alarms and precision."""
    title = f"{scored.panel.name}, half {scored.half}: faults found, percent"
    table = Table(title=title, title_justify="left")
    table.add_column("kind", no_wrap=True)
    table.add_column("n", justify="right")
    for detector in scored.detectors:
        table.add_column(detector.label, justify="right")
    for kind, chosen in scored.rows():
        table.add_row(kind, str(int(chosen.sum())), *[_percent(d.recall(chosen)) for d in scored.detectors])
    every = scored.of(*scored.kind_ids())
    table.add_section()
    table.add_row("all", str(int(every.sum())), *[_percent(d.recall(every)) for d in scored.detectors])
    table.add_row("false alarms per 1,000", "", *[f"{d.false_alarms():.1f}" for d in scored.detectors])
    table.add_row("the same, real falls included", "", *[f"{d.with_falls:.1f}" for d in scored.detectors])
    table.add_row(
        f"precision at {BASE_RATE:.0f} per 1,000",
        "",
        *[_percent(precision(d.recall(every) or 0, d.false_alarms())) for d in scored.detectors],
    )
    console.print(table)
    alarms = ", ".join(f"{rule} {rate:.2f}" for rule, rate in scored.alarms_by_rule.items()) or "none"
    console.print(f"{scored.clean_days:,} clean unit-days; {scored.real_falls} real falls are left out. False alarms by rule: {alarms}")
    if scored.impossible:
        console.print(f"Cannot be planted here: {', '.join(scored.impossible)}")


def show_earlier(console: Console, scored: Scored) -> None:
    """The references on it_dpc_province beside what was measured before, both in percent."""
    table = Table(title="it_dpc_province: measured before / here", title_justify="left")
    table.add_column("kind")
    for name in EARLIER_OF:
        table.add_column(scored[name].label, justify="right")
    for kind, before in EARLIER.items():
        chosen = scored.of(kind)
        cells = [f"{then} / {_percent(scored[name].recall(chosen))}" for name, then in zip(EARLIER_OF, before, strict=True)]
        table.add_row(kind, *cells)
    alarms = [f"{then} / {scored[name].with_falls:.0f}" for name, then in zip(EARLIER_OF, EARLIER_ALARMS, strict=True)]
    table.add_row("false alarms, real falls included", *alarms)
    console.print(table)


def goals(console: Console, results: list[Scored]) -> list[Goal]:
    """Every goal, judged and printed."""
    found = [goal for scored in results for goal in _goals(scored)]
    for goal in found:
        mark = "[green]pass[/]" if goal.is_met else "[red]MISS[/]"
        console.print(f"{mark} {goal.panel}: {goal.what}: {goal.found:.1f} (needed {goal.needed:.1f}){goal.note}", highlight=False)
    return found


def _goals(scored: Scored) -> list[Goal]:
    ours, name = scored[OURS], scored.panel.name
    alarms = ours.false_alarms()
    found = [Goal(name, "false alarms per 1,000, at most", alarms, MOST_FALSE_ALARMS, alarms <= MOST_FALSE_ALARMS)]
    for kind, needed in AT_LEAST.items():
        recall = ours.recall(scored.of(kind))
        if recall is not None:
            found.append(Goal(name, f"{kind} found, at least", 100 * recall, needed, 100 * recall >= needed, _beyond(scored, kind)))
    for kind in AHEAD:
        chosen = scored.of(kind)
        if chosen.any():
            found.append(_ahead(scored, kind, chosen))
    return found


def _beyond(scored: Scored, kind: str) -> str:
    """How many of a kind are found where they go beyond the unit's own ways: said beside a goal, which is for all."""
    chosen = scored.of(kind)
    recall = scored[OURS].recall(chosen & ~scored.within)
    return f" ({_percent(recall)} of those beyond the unit's own ways)" if recall is not None and (chosen & scored.within).any() else ""


def _ahead(scored: Scored, kind: str, chosen: np.ndarray) -> Goal:
    """Ahead of every reference, at the reference's own false-alarm rate; the one that comes nearest is named."""
    ours = scored[OURS]
    gaps: list[tuple[float, float, float, str]] = []
    for other in scored.detectors[1:]:
        rate = other.false_alarms()
        level = ours.level_for(rate)
        reaches = ours.false_alarms(level) <= rate
        mine, theirs = (ours.recall(chosen, level) or 0.0) if reaches else 0.0, other.recall(chosen) or 0.0
        gap = 1.0 if min(mine, theirs) >= SURE else mine - theirs
        gaps.append((gap, mine, theirs, f" at the {rate:.1f} false alarms of {other.label}{'' if reaches else ', so few we never have'}"))
    gap, mine, theirs, note = min(gaps)
    return Goal(scored.panel.name, f"{kind} found, more than", 100 * mine, 100 * theirs, gap > 0, note)


def curve(scored: Scored, detector_id: str, chosen: np.ndarray) -> list[dict[str, float]]:
    """Points of recall against false alarms as the threshold moves, from few alarms to 300 per 1,000."""
    detector, points = scored[detector_id], []
    for wanted in (0, 0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 60, 80, 110, 150, 200, 300):
        level = detector.level_for(wanted)
        points.append({"false_alarms": detector.false_alarms(level), "recall": 100 * (detector.recall(chosen, level) or 0.0)})
    return points


def write(folder: Path, results: list[Scored], met: list[Goal], fast: bool, seed: int) -> None:
    """results.json, results.md and one SVG per data set with a curve per group of kinds, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "fast": fast, "seed": seed,
        "panels": [_numbers(scored) for scored in results], "goals": [asdict(goal) for goal in met],
    }  # fmt: skip
    (folder / "results.json").write_text(json.dumps(found, indent=1, allow_nan=False), encoding="utf-8")
    (folder / "results.md").write_text(markdown(results, met, str(found["measured_at"])[:10], fast), encoding="utf-8")
    for scored in results:
        (folder / f"curve_{scored.panel.name}.svg").write_text(chart(scored), encoding="utf-8")


def _numbers(scored: Scored) -> dict[str, Any]:
    every = scored.of(*scored.kind_ids())
    return {
        "panel": scored.panel.name, "half": scored.half, "clean_unit_days": scored.clean_days, "real_falls": scored.real_falls,
        "impossible": scored.impossible, "planted": {row: int(chosen.sum()) for row, chosen in scored.rows()},
        "detectors": [
            {
                "id": detector.id, "label": detector.label, "false_alarms_per_1000": detector.false_alarms(),
                "false_alarms_per_1000_with_real_falls": detector.with_falls,
                "recall": {row: detector.recall(chosen) for row, chosen in scored.rows()},
                "precision": precision(detector.recall(every) or 0, detector.false_alarms()),
                "curves": {group: curve(scored, detector.id, scored.of(*_kinds_of(group))) for group in GROUPS},
            }
            for detector in scored.detectors
        ],
        "false_alarms_by_rule": scored.alarms_by_rule, "found_by_rule": scored.by_rule, "missed": scored.missed,
    }  # fmt: skip


def _kinds_of(group: str) -> list[str]:
    return [kind.id for kind in KINDS if kind.group == group]


def markdown(results: list[Scored], met: list[Goal], day: str, fast: bool) -> str:
    """Tables and goals as the docs show them."""
    missed = [f"- {goal.panel}: {goal.what} {goal.needed:.1f}: {goal.found:.1f}{goal.note}" for goal in met if not goal.is_met]
    lines = [f"Measured on {day}{' with few faults (FAST=1)' if fast else ''}: {len(met) - len(missed)} of {len(met)} goals met."]
    lines += ["", "Missed:", "", *missed] if missed else []
    return "\n".join(lines + [line for scored in results for line in ("", *_table(scored))]) + "\n"


def _table(scored: Scored) -> list[str]:
    labels = [detector.label for detector in scored.detectors]
    lines = [f"### {scored.panel.name}, half {scored.half}: found, percent", "", "| kind | n | " + " | ".join(labels) + " |"]
    lines.append("|---|" + "--:|" * (len(labels) + 1))
    for kind, chosen in scored.rows():
        cells = " | ".join(_percent(detector.recall(chosen)) for detector in scored.detectors)
        lines.append(f"| {kind} | {int(chosen.sum())} | {cells} |")
    lines.append("| **false alarms per 1,000** | | " + " | ".join(f"{detector.false_alarms():.1f}" for detector in scored.detectors) + " |")
    lines.append("| the same, real falls included | | " + " | ".join(f"{detector.with_falls:.1f}" for detector in scored.detectors) + " |")
    alarms = ", ".join(f"{rule} {rate:.1f}" for rule, rate in scored.alarms_by_rule.items()) or "none"
    return [*lines, "", f"{scored.clean_days:,} clean unit-days. tiendo's false alarms per 1,000 by rule: {alarms}."]


def update(document: Path, text: str) -> None:
    """Put the results into a document, between its two markers."""
    before, rest = document.read_text(encoding="utf-8").split(MARKS[0])
    document.write_text(f"{before}{MARKS[0]}\n{text}{MARKS[1]}{rest.split(MARKS[1])[1]}", encoding="utf-8")


def chart(scored: Scored) -> str:
    """An SVG: a curve per detector and group of kinds, a dot where the detector's own threshold is. Needs no network."""
    import altair as alt
    import vl_convert

    points = [
        {"detector": detector.label, "group": group, "n": n, **point}
        for detector in scored.detectors
        for group in GROUPS
        for n, point in enumerate(curve(scored, detector.id, scored.of(*_kinds_of(group))))
    ]
    own = [
        {
            "detector": d.label,
            "group": group,
            "false_alarms": d.false_alarms(),
            "recall": 100 * (d.recall(scored.of(*_kinds_of(group))) or 0),
        }
        for d in scored.detectors
        for group in GROUPS
    ]
    x = alt.X(
        "false_alarms:Q",
        title="false alarms per 1,000 clean unit-days",
        scale=alt.Scale(type="symlog", constant=2, domain=[0, 300]),
        axis=alt.Axis(values=[0, 1, 2, 5, 10, 20, 50, 100, 200]),
    )
    y = alt.Y("recall:Q", title="found, percent", scale=alt.Scale(domain=[0, 100]))
    labels = [detector.label for detector in scored.detectors]
    colour = alt.Color("detector:N", title=None, sort=labels, scale=alt.Scale(domain=labels, scheme="tableau10"))
    layers = []
    for group in GROUPS:
        lines = (
            alt.Chart(alt.Data(values=[p for p in points if p["group"] == group])).mark_line().encode(x=x, y=y, color=colour, order="n:Q")
        )
        dots = alt.Chart(alt.Data(values=[p for p in own if p["group"] == group])).mark_point(filled=True, size=70, clip=True)
        layers.append((lines + dots.encode(x=x, y=y, color=colour)).properties(title=group, width=330, height=240))
    whole = alt.concat(*layers, columns=2).properties(title=f"{scored.panel.name}, half {scored.half}")
    svg: str = vl_convert.vegalite_to_svg(whole.to_dict(), allowed_base_urls=[])
    return svg


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f}"
