"""Airflow's scheduler itself: `airflow standalone` on a port and a home of its own sees a scheduled run through."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import psutil
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.scheduler]

START_UP = timedelta(seconds=40)
PATIENCE = 180


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _run_states(line, dag_id: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(f"file:{line.home}/airflow/airflow.db?mode=ro", uri=True, timeout=10)) as database:
        return database.execute("select run_type, state from dag_run where dag_id = ?", (dag_id,)).fetchall()


def _stop(process: subprocess.Popen) -> None:
    """End the tree that this test started, each process by its own number."""
    tree = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    for one in tree:
        with suppress(psutil.NoSuchProcess):
            one.terminate()
    _, alive = psutil.wait_procs(tree, timeout=15)
    for one in alive:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()


def test_a_campaign_is_collected_by_the_scheduler_when_its_slot_comes(tmp_path, new_line, copy_campaign):
    # A run two minutes before the cutoff: put the cutoff so that this falls on the next full minute after start-up.
    fires = (datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")) + START_UP + timedelta(minutes=1)).replace(second=0, microsecond=0)
    cutoff = (fires + timedelta(minutes=2)).strftime("%H:%M")
    copy_campaign(tmp_path / "campaigns", "soon", **{'cutoff: "16:00"': f'cutoff: "{cutoff}"'})
    (tmp_path / "home").mkdir()
    line = new_line(tmp_path / "home", tmp_path / "campaigns", _free_port())
    line.prepare()
    assert line.run("airflow", "dags", "reserialize").returncode == 0
    assert line.run("airflow", "dags", "unpause", "--yes", "collect_soon").returncode == 0

    with (line.home / "standalone.log").open("wb") as log:
        process = subprocess.Popen(line.command("airflow", "standalone"), env=line.env, cwd=line.home, stdout=log, stderr=log)
        try:
            until = time.monotonic() + PATIENCE
            while not (states := _run_states(line, "collect_soon")) or states[0][1] not in ("success", "failed"):
                assert process.poll() is None, "standalone has ended: see standalone.log"
                assert time.monotonic() < until, f"no scheduled run has ended; seen: {states}"
                time.sleep(1)
        finally:
            _stop(process)
    assert states == [("scheduled", "success")]
    assert list((line.home / "lake" / "batches" / "campaign_id=soon").glob("*.parquet"))
