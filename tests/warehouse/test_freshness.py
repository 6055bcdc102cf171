"""`dbt source freshness`: a campaign that runs and hears nothing is stale; one that is over is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tiny_lake import PROJECT, House, campaign_row, daily_slots, day, indicator, submission, unit


def test_only_a_campaign_that_runs_today_can_be_stale(tmp_path: Path) -> None:
    house = House(tmp_path)
    found = []
    for ends_on in ("2023-06-30", "2999-12-31"):
        house.write_register(
            "c", campaigns=[campaign_row("2023-06-02 23:59:59", ends_on=day(ends_on))], units=[unit("A", "commune", None)],
            indicators=[indicator()], slots=daily_slots("2023-06-01", 1, "commune"),
        )  # fmt: skip
        house.write_batch("c", "b1", submissions=[submission("a", "A", "daily/2023-06-01", "2023-06-01 10:00")])
        target = tmp_path / "target"
        places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target), "--log-path", str(target)]
        command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "source", "freshness", "--select", "source:lake.batches", *places]
        done = subprocess.run(command, env=house.environment(), capture_output=True, text=True, check=False)
        [result] = json.loads((target / "sources.json").read_text(encoding="utf-8"))["results"]
        found.append((result["status"], done.returncode))
    assert found == [("pass", 0), ("error", 1)]
