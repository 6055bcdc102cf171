"""`make demo`: the nightly DAG through Airflow for one campaign, then its boards and where everything is.

Runs in the environment of scripts/airflow_env.sh. Airflow's own words go to log/demo.log in the home folder; the terminal gets a
line per task. Exit code: 0, or 1 with the last errors and the way out.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
STARTING = re.compile(r"\[DAG TEST\] starting task_id=(\S+)")
ENDED = re.compile(r"\[DAG TEST\] end task task_id=(\S+)")
DONE = re.compile(r"done: \S+?(?: \S+)?: (.*?)\s+\[tiendo_tasks\]")
FAILED = re.compile(r"^(?:\S*[Ee]rror|\S*Exception): (.+)")
QUIET = ("campaigns", "verdict")  # tasks that only say what to do next


def main() -> int:
    campaign_id = sys.argv[1]
    home = Path(os.environ["TIENDO_HOME"])
    log_file = home / "log" / "demo.log"
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("w", encoding="utf-8") as log:
        began = time.monotonic()
        if not _quietly([str(ROOT / "scripts" / "airflow_init.sh")], log):
            return _give_up(["Airflow's database could not be prepared"], log_file)
        _tell("Airflow's database and pool", time.monotonic() - began, "ready")
        errors = _nightly(campaign_id, log)
        if errors is not None:
            return _give_up(errors, log_file)
    print(f"  {'in all':<30}{time.monotonic() - began:5.1f} s\n", flush=True)
    for words in (["leaderboard", campaign_id], ["milestones", campaign_id]):
        if (code := subprocess.run(["tiendo", *words], check=False).returncode) != 0:
            return code
    _where(home, campaign_id)
    return 0


def _quietly(command: list[str], log: TextIO) -> bool:
    return subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode == 0


def _nightly(campaign_id: str, log: TextIO) -> list[str] | None:
    """Run the DAG; a line per task as it ends. None if all went well, else the errors found in Airflow's log."""
    conf = json.dumps({"campaigns": [campaign_id]})
    command = ["airflow", "dags", "test", "nightly", "--conf", conf]
    print(f"nightly, through Airflow, for {campaign_id}", flush=True)
    errors: list[str] = []
    began, summary = time.monotonic(), ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace") as run:
        for text in run.stdout or ():
            log.write(text)
            if STARTING.search(text):
                began, summary = time.monotonic(), ""
            elif found := DONE.search(text):
                summary = found[1]
            elif found := FAILED.match(text):
                errors.append(found[1].strip())
            elif (found := ENDED.search(text)) and found[1] not in QUIET:
                _tell(found[1], time.monotonic() - began, summary or "FAILED")
    return None if run.returncode == 0 else errors


def _tell(step: str, seconds: float, what: str) -> None:
    print(f"  {step:<30}{seconds:5.1f} s   {what}", flush=True)


def _give_up(errors: list[str], log_file: Path) -> int:
    print("\nThe run has failed. What it said last:", file=sys.stderr)
    said = [text for text in dict.fromkeys(errors) if "its own log says" not in text]
    for text in said[:5] or log_file.read_text(encoding="utf-8").splitlines()[-10:]:
        print(f"  {text}", file=sys.stderr)
    print(f"All of it: {_short(log_file)}. What to do for each failure: docs/operation.md. A re-run is safe.", file=sys.stderr)
    return 1


def _where(home: Path, campaign_id: str) -> None:
    published = home / "published"
    pages = sorted((published / "pages" / campaign_id).glob("*.html"), reverse=True)  # index.html before index.en.html
    print()
    for title, place in (
        *(("Page", page) for page in pages),
        ("Marts", published / "marts.duckdb"),
        ("Parquet", published / "parquet"),
        ("Findings", published / "parquet" / "fct_findings.parquet"),
    ):
        print(f"{title:<10}{_short(place)}")
    print(f"\nThe findings in words: tiendo findings {campaign_id}    Airflow's own page: make up")


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main())
