"""`python -m bench.detection`: plant faults in true series, and see who finds them. docs/detection.md says how it is counted."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from rich.console import Console

from bench.detection import panels, planting, report, scoring
from bench.measure import ROOT

PER_KIND = {"it_dpc_province": (160, 48), "my_citf": (48, 8), "simulation": (160, 32)}  # faults of a kind, both halves; with --fast
PANELS = tuple(PER_KIND)


def main() -> int:
    """Run, print and write; 0 when every goal that was looked at is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("var/bench-detection"), help="folder for tables, charts and JSON")
    parser.add_argument("--half", choices=("report", "tune", "all"), default="report", help="units that are scored")
    parser.add_argument("--fast", action="store_true", help="fewer faults: about a minute")
    parser.add_argument("--per-kind", type=int, help="faults of a kind in each data set, over both halves")
    parser.add_argument("--only", choices=PANELS, action="append", help="this data set only; may be given again")
    parser.add_argument("--data", type=Path, help="folder of the real series; default TIENDO_SHARED_DATA or ../shared/data")
    parser.add_argument("--seed", type=int, default=20270101)
    parser.add_argument("--update-docs", action="store_true", help="put the results into docs/detection.md as well")
    options = parser.parse_args()
    console = Console(width=max(170, Console().width))
    data = options.data or Path(os.environ.get("TIENDO_SHARED_DATA") or ROOT.parent / "shared" / "data")
    started, results = time.perf_counter(), []
    for name in options.only or PANELS:
        panel = _panel(name, data, options.fast)
        if panel is None:
            console.print(f"{name}: the real series are not there ({data}); set TIENDO_SHARED_DATA. Going on without them", style="yellow")
            continue
        plan = planting.plan(panel, options.per_kind or PER_KIND[name][options.fast], options.seed)
        results.append(scoring.run(plan, options.half, lambda text: console.print(text, style="dim")))
        report.show(console, results[-1])
        if name == "it_dpc_province":
            report.show_earlier(console, results[-1])
    met = report.goals(console, results)
    report.write(options.into, results, met, options.fast, options.seed)
    if options.update_docs:
        report.update(ROOT / "docs" / "detection.md", (options.into / "results.md").read_text(encoding="utf-8"))
    console.print(f"{time.perf_counter() - started:.0f} s; tables, curves and numbers are in {options.into}")
    return 0 if all(goal.is_met for goal in met) else 1


def _panel(name: str, data: Path, fast: bool) -> panels.Panel | None:
    if name == "it_dpc_province":
        return panels.it_dpc_province(data)
    return panels.my_citf(data) if name == "my_citf" else panels.simulation(400 if fast else 1000)


if __name__ == "__main__":
    sys.exit(main())
