"""Runs of the five real campaigns, once per session, and their published marts.

The data are read from TIENDO_SHARED_DATA (default: ../shared/data beside the repository) and never copied; without them
these tests are skipped. TIENDO_ACCEPTANCE_HOMES names a folder in which finished runs are kept between sessions.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
CAMPAIGNS = Path(__file__).resolve().parent / "campaigns"
SHARED_DATA = Path(os.environ.get("TIENDO_SHARED_DATA") or ROOT.parent / "shared" / "data").absolute()
sys.path.insert(0, str(ROOT))  # bench/, whose campaigns are tested here too
NOW = "2026-06-01T00:00:00+00:00"  # after the last day of all five campaigns


@dataclass(frozen=True)
class Marts:
    """The published marts of one run, opened read-only."""

    home: Path
    connection: duckdb.DuckDBPyConnection

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, list(values)).fetchall()

    def row(self, sql: str, *values: Any) -> tuple[Any, ...]:
        found = self.rows(sql, *values)
        assert len(found) == 1, found[:5]
        return found[0]

    def value(self, sql: str, *values: Any) -> Any:
        return self.row(sql, *values)[0]

    def column(self, sql: str, *values: Any) -> list[Any]:
        return [row[0] for row in self.rows(sql, *values)]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real submissions; skips where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real submissions are not there: {SHARED_DATA} (set TIENDO_SHARED_DATA)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def published(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Marts]]:
    """`published(campaign_id)` runs a campaign from its sources to its marts, once for all workers, and opens them."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    homes = Path(os.environ.get("TIENDO_ACCEPTANCE_HOMES") or shared / "acceptance")
    opened: dict[str, Marts] = {}

    def open_marts(campaign_id: str) -> Marts:
        if campaign_id not in opened:
            home = homes / campaign_id
            _run_once(campaign_id, home, shared_data)
            connection = duckdb.connect(str((home / "published").resolve() / "marts.duckdb"), read_only=True)
            connection.execute("set timezone = 'UTC'")
            opened[campaign_id] = Marts(home, connection)
        return opened[campaign_id]

    yield open_marts
    for marts in opened.values():
        marts.connection.close()


def _run_once(campaign_id: str, home: Path, shared_data: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (home / "run.done").is_file():
            return
        command = [sys.executable, "-m", "tiendo", "--home", str(home), "--campaigns", str(CAMPAIGNS), "run", campaign_id]
        environment = {**os.environ, "TIENDO_SHARED_DATA": str(shared_data), "TIENDO_NOW": NOW}
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.fail(f"`tiendo run {campaign_id}` ended with {done.returncode}:\n{done.stdout}\n{done.stderr}", pytrace=False)
        (home / "run.done").write_text(done.stdout, encoding="utf-8")
