"""What goes wrong on the machine is one line on stderr with an exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tiendo.cli.starter import write_starter


def tiendo(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tiendo", "--lang", "en", *words]
    everything = {**os.environ, "TIENDO_HOME": str(folder / "home"), "TIENDO_CAMPAIGNS": str(folder), "PYTHONUTF8": "1", **environment}
    return subprocess.run(command, capture_output=True, text=True, env=everything, check=False, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_starter(tmp_path / "trial", "trial")
    return tmp_path


def told(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    return line


def test_a_home_that_is_a_file_is_one_line(folder: Path) -> None:
    (folder / "home").write_text("", encoding="utf-8")
    assert told(tiendo(folder, "run", "trial")).startswith(f"{folder / 'home'}/scratch: Not a directory. Look at the path")


def test_a_clock_that_is_none_is_one_line(folder: Path) -> None:
    assert told(tiendo(folder, "run", "trial", TIENDO_NOW="yesterday")).startswith("TIENDO_NOW is 'yesterday', which is no time.")


def test_a_damaged_receipt_is_named_with_the_way_out(folder: Path) -> None:
    receipt = folder / "home" / "landing" / "receipts" / "campaign_id=trial" / "r.json"
    receipt.parent.mkdir(parents=True)
    receipt.write_text("{", encoding="utf-8")
    assert told(tiendo(folder, "run", "trial")).startswith(f"{receipt}: a receipt that cannot be read. Restore landing/")


@pytest.mark.parametrize("words", [("run", "trial", "--from", "2026-01-02", "--to", "2026-01-01"), ("findings", "trial", "--limit", "-1")])
def test_options_that_make_no_sense_are_refused(folder: Path, words: tuple[str, ...]) -> None:
    done = tiendo(folder, *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Error: " in done.stderr


def test_a_damaged_file_of_the_lake_is_named_with_the_way_out(folder: Path) -> None:
    batch = folder / "home" / "lake" / "batches" / "campaign_id=trial" / "20260101T000000Z-abc.parquet"
    batch.parent.mkdir(parents=True)
    batch.write_text("no parquet", encoding="utf-8")
    line = told(tiendo(folder, "reconcile"))
    assert str(batch) in line
    assert "Restore the file it names from the backup" in line


def test_peer_groups_in_a_column_that_is_not_there_are_a_fault(folder: Path) -> None:
    campaign = folder / "trial" / "campaign.yml"
    campaign.write_text(campaign.read_text(encoding="utf-8") + "leaderboard: {peer_group: column}\n", encoding="utf-8")
    done = tiendo(folder, "campaign", "check", str(folder / "trial"))
    assert done.returncode == 2
    assert "peer_group: column, but no unit has a peer_group" in done.stderr
