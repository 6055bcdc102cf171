"""`python -m bench.forecast`: forecast from every past day, and see how far off it was. docs/forecast.md says how it is counted."""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.forecast import backtest, panels, report
from bench.measure import ROOT

PANELS = ("my_citf", "it_vaccini", "simulation")


def main() -> int:
    """Run, print and write; 0 when every goal that was looked at is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.forecast", description=__doc__)
    parser.add_argument("--half", choices=("report", "tune", "all"), default="report", help="units that are scored")
    parser.add_argument("--only", choices=PANELS, action="append", help="this data set only; may be given again")
    parser.add_argument("--data", type=Path, help="folder of the real series; default TIENDO_SHARED_DATA or ../shared/data")
    parser.add_argument("--seed", type=int, default=20230505, help="of the simulated campaigns")
    parser.add_argument("--update-docs", action="store_true", help="put the results into docs/forecast.md as well")
    options = parser.parse_args()
    console = Console(width=max(170, Console().width), soft_wrap=True)
    data = options.data or Path(os.environ.get("TIENDO_SHARED_DATA") or ROOT.parent / "shared" / "data")
    started, results, met = time.perf_counter(), [], []
    for name in options.only or PANELS:
        panel = _panel(name, data, options.seed)
        if panel is None:
            console.print(f"{name}: the real series are not there ({data}); set TIENDO_SHARED_DATA. Going on without them", style="yellow")
            continue
        results.append(report.scores(name, backtest.run(panel), options.half))
        met += report.goals(results[-1])
        console.print("\n".join(["", *report.table(results[-1])]), markup=False)
    console.print(f"\n{sum(goal.is_met for goal in met)} of {len(met)} goals met in {time.perf_counter() - started:.0f} s")
    for goal in met:
        if not goal.is_met:
            console.print(f"missed: {goal.panel}: {goal.what}: {goal.found}", style="red", markup=False)
    if options.update_docs:
        report.update(ROOT / "docs" / "forecast.md", report.markdown(results, met, f"{datetime.now(UTC):%Y-%m-%d}"))
    return 0 if all(goal.is_met for goal in met) else 1


def _panel(name: str, data: Path, seed: int) -> list[panels.Series] | None:
    if name == "simulation":
        return panels.simulation(seed=seed)
    return panels.my_citf(data) if name == "my_citf" else panels.it_vaccini(data)


if __name__ == "__main__":
    sys.exit(main())
