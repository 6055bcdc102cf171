"""Airflow's scheduler itself: `airflow standalone` on a port and a home of its own sees a scheduled run through."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import time
import urllib.request
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psutil
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.scheduler]

START_UP = timedelta(seconds=40)
PATIENCE_S = 240  # a machine with nothing else to do needs 100


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _until(what, found, process: subprocess.Popen, end: float):
    """Wait for `found()` to be true, as long as the process lives and `end` has not come."""
    while not (value := found()):
        assert process.poll() is None, "standalone has ended: see standalone.log"
        assert time.monotonic() < end, f"no {what} in time"
        time.sleep(1)
    return value


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _ended(line, dag_id: str, logical_date: datetime) -> tuple[str, str] | None:
    """Type and state of the run of that date, once it has ended."""
    with closing(sqlite3.connect(f"file:{line.home}/airflow/airflow.db?mode=ro", uri=True, timeout=10)) as database:
        runs = database.execute("select run_type, state, logical_date from dag_run where dag_id = ?", (dag_id,)).fetchall()
    meant = logical_date.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    return next(((kind, state) for kind, state, at in runs if at.startswith(meant) and state in ("success", "failed")), None)


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
    port = _free_port()
    line = new_line(tmp_path / "home", tmp_path / "campaigns", port)
    line.prepare()
    assert line.run("airflow", "dags", "reserialize").returncode == 0

    end = time.monotonic() + PATIENCE_S
    with (line.home / "standalone.log").open("wb") as log:
        process = subprocess.Popen(line.command("airflow", "standalone"), env=line.env, cwd=line.home, stdout=log, stderr=log)
        try:
            _until("answer of the API server", lambda: _answers(port), process, end)
            assert line.run("airflow", "dags", "unpause", "--yes", "collect_soon").returncode == 0
            ended = _until("scheduled run", lambda: _ended(line, "collect_soon", fires), process, end)
        finally:
            _stop(process)
    assert ended == ("scheduled", "success")
    assert list((line.home / "lake" / "batches" / "campaign_id=soon").glob("*.parquet"))
