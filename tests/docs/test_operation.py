"""docs/operation.md says what the code says."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from tiendo import errors

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")


def test_the_exit_codes_in_the_runbook_are_those_of_the_errors():
    written = {name: int(code) for code, name in re.findall(r"^\| (\d+) \| (\w+Error) \|", TEXT, re.MULTILINE)}
    meant = {name: kind.exit_code for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.TiendoError)}
    assert len(meant) >= 8
    assert written == meant
    assert len(set(meant.values())) == len(meant)


def test_the_runbook_says_what_to_do_for_every_task_of_nightly():
    tasks = re.findall(r"task\(line\.(\w+)", (ROOT / "dags" / "nightly.py").read_text(encoding="utf-8"))
    assert len(tasks) >= 6
    table = TEXT.split("## When a task fails")[1].split("\n## ")[0]
    for task in set(tasks) - {"campaigns", "verdict"}:
        assert f"| `{task}` |" in table, task


def test_files_that_the_runbook_names_exist():
    named = re.findall(r"`((?:scripts|dags|tiendo)/[\w./]+|docker-compose\.yml|Dockerfile|\.env\.example|requirements\.lock)`", TEXT)
    assert len(named) >= 5
    for file in named:
        assert (ROOT / file).exists(), file
