"""Where dbt's time went, from what dbt itself left: its log (every statement with its seconds) and run_results.json."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

# The models between figures and ranks of communes: what bench/national/floor.py does in one statement.
LIKE_THE_FLOOR = ("stg_figures", "fct_figures", "int_own_days", "int_unit_days", "int_progress_days", "int_ranks")
_ON = re.compile(r"\[(Thread-\d+)[^\]]*\]: On ((?:model|test)\.[\w.]+): ")
_DONE = re.compile(r"\[(Thread-\d+)[^\]]*\]: SQL status: \w+ in ([\d.]+) seconds")


@dataclass
class Models:
    """Seconds of a dbt run. `by_model`, `by_test`: of their SQL statements, added up over threads; `elapsed`: from first to last node."""

    elapsed: float
    by_model: dict[str, float]
    by_test: dict[str, float]

    @property
    def models(self) -> float:
        return sum(self.by_model.values())

    @property
    def tests(self) -> float:
        return sum(self.by_test.values())

    @property
    def like_the_floor(self) -> float:
        return sum(self.by_model.get(name, 0) for name in LIKE_THE_FLOOR)

    def slowest(self, count: int = 10) -> list[tuple[str, float]]:
        return sorted(self.by_model.items(), key=lambda item: -item[1])[:count]


def last_run(home: Path) -> Models:
    """The newest dbt run of that home; nothing where none ran."""
    folder = home / "warehouse" / "dbt"
    elapsed = json.loads((folder / "run_results.json").read_bytes())["elapsed_time"]
    found: dict[str, defaultdict[str, float]] = {"model": defaultdict(float), "test": defaultdict(float)}
    node: dict[str, tuple[str, str]] = {}
    with (folder / "logs" / "dbt.log").open(encoding="utf-8") as log:
        for line in log:
            if "Running with dbt=" in line:
                for seconds in found.values():
                    seconds.clear()
            elif on := _ON.search(line):
                kind, _, name = on[2].split(".")[:3]
                node[on[1]] = (kind, name)
            elif (done := _DONE.search(line)) and done[1] in node:
                kind, name = node[done[1]]
                found[kind][name] += float(done[2])
    return Models(elapsed, dict(found["model"]), dict(found["test"]))
