"""The warehouse: one dbt build in a copy that is swapped in whole, and only when there is something to do."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline import faulty_rules
from pipeline.steps import Progress, load_rightful_campaign, timed
from tiendo import lake
from tiendo.errors import WarehouseError
from tiendo.folders import keep_folder
from tiendo.home import only_one, write_json
from tiendo.register import write_register
from tiendo.settings import ROOT, Settings, child_environment

DBT_PROJECT = ROOT / "dbt_project"
SCRATCH = "next.duckdb"  # a fixed name: dbt parses anew when its profile changes


@dataclass
class TransformResult:
    """`build_id` names the state of the warehouse; `changed` says whether dbt had to run."""

    build_id: str
    changed: bool
    full_refresh: bool = False
    problems: list[str] = field(default_factory=list)  # rules on trial that raised and were left out
    seconds: dict[str, float] = field(default_factory=dict)


def transform(
    settings: Settings,
    horizons: dict[str, datetime],
    *,
    full_refresh: bool = False,
    progress: Progress | None = None,
) -> TransformResult:
    """Bring register and warehouse up to date with lake and campaign folders.

    `horizons` names the campaigns whose boards move on, and up to when they look. Nothing new in lake, folders,
    horizons or models: nothing runs. New batches or horizons: an incremental build. Changed folders or models: a full one.
    Raises WarehouseError when dbt fails, and RuleError where a rule of ours made it fail; the warehouse is then as it was.
    """
    from expectations.rule_tables import write_rules

    seconds: dict[str, float] = {}
    with only_one(settings.warehouse / "warehouse.lock", "the warehouse"):
        state = _read_state(settings)
        with timed(seconds, "register"):
            registers = dict(state.get("registers", {}))
            for campaign_id, horizon in sorted(horizons.items()):
                campaign = load_rightful_campaign(settings, campaign_id)
                keep_folder(settings, campaign, horizon)
                written = write_register(settings, campaign, horizon)
                rules = hashlib.sha256(write_rules(settings, campaign).read_bytes()).hexdigest()
                registers[campaign_id] = {"digest": written.digest, "rules": rules, "horizon_at": written.horizon_at.isoformat()}
        wanted = {"registers": registers, "models": _digest_of_files(DBT_PROJECT), "batches": _all_batches(settings)}
        build_id = _build_id(wanted)
        if state.get("build_id") == build_id and _file(settings).is_file() and not full_refresh:
            return TransformResult(build_id, changed=False, seconds=seconds)
        full = full_refresh or not _file(settings).is_file() or not _grew(state, wanted)
        problems: list[str] = []
        with timed(seconds, "dbt"):
            try:
                _build(settings, full, progress)
            except WarehouseError:
                problems = faulty_rules.leave_out(settings, settings.warehouse / SCRATCH)
                if not problems:
                    raise
                _build(settings, full, progress)
        write_json(settings.warehouse / "state.json", wanted | {"build_id": build_id})
    return TransformResult(build_id, changed=True, full_refresh=full, problems=problems, seconds=seconds)


def _grew(state: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether the change is only campaigns or batches added and horizons moved on, which an incremental build can follow.

    A campaign whose batches came into the warehouse before its register did was loaded without slots and units: not that one.
    """
    fixed = {key: {**entry, "horizon_at": ""} for key, entry in state.get("registers", {}).items()}
    now_fixed = {key: {**entry, "horizon_at": ""} for key, entry in wanted["registers"].items()}
    known = set(state.get("batches", []))
    early = any(batch.split("/")[0] == f"campaign_id={key}" for key in now_fixed.keys() - fixed.keys() for batch in known)
    return not early and fixed.items() <= now_fixed.items() and state.get("models") == wanted["models"] and known <= set(wanted["batches"])


def _build(settings: Settings, full_refresh: bool, progress: Progress | None) -> None:
    target = _file(settings)
    scratch = settings.warehouse / SCRATCH
    for leftover in (scratch, scratch.with_suffix(".duckdb.wal")):
        leftover.unlink(missing_ok=True)
    if target.is_file() and not full_refresh:
        shutil.copyfile(target, scratch)
    if progress:
        progress("dbt", 0, 1)
    _dbt(settings, scratch, full_refresh)
    scratch.replace(target)
    scratch.with_suffix(".duckdb.wal").unlink(missing_ok=True)
    if progress:
        progress("dbt", 1, 1)


def _dbt(settings: Settings, database: Path, full_refresh: bool) -> None:
    folder = settings.warehouse / "dbt"
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "dbt.cli.main", "--quiet", "build", "--project-dir", str(DBT_PROJECT),
        "--profiles-dir", str(DBT_PROJECT), "--target-path", str(folder), "--log-path", str(folder / "logs"),
        "--exclude-resource-type", "unit_test",
    ]  # fmt: skip
    if full_refresh:
        command.append("--full-refresh")
    environment = child_environment(
        TIENDO_WAREHOUSE=str(database),
        TIENDO_LAKE=str(settings.lake),
        TIENDO_REGISTER=str(settings.register),
        TIENDO_DBT_TARGET=str(folder),
        DO_NOT_TRACK="1",
    )
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode != 0:
        log = folder / "last_failure.log"
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        raise WarehouseError(
            f"dbt failed: {_first_failure(folder, done.stdout + done.stderr)}",
            where=str(log),
            way_out="Nothing was published and the warehouse is as it was. Mend the cause, then run again",
        )


def _first_failure(folder: Path, output: str) -> str:
    results = folder / "run_results.json"
    if results.is_file():
        for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
            if result["status"] in ("error", "fail"):
                message = " ".join(str(result.get("message") or "").split())[:300]
                return f"{result['unique_id'].split('.')[2]}: {message}"
    lines = [line.strip() for line in output.splitlines() if line.strip() and "Warning" not in line]
    telling = [line for line in lines if "Error" in line] or lines
    return telling[-1][:300] if telling else "no output"


def _read_state(settings: Settings) -> dict[str, Any]:
    """What the warehouse was made of; nothing where that is not known, so that it is built anew."""
    file = settings.warehouse / "state.json"
    try:
        found = json.loads(file.read_bytes()) if file.is_file() else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _all_batches(settings: Settings) -> list[str]:
    folder = settings.lake / lake.LAST
    return sorted(str(path.relative_to(folder)) for path in folder.glob("campaign_id=*/*.parquet"))


def _build_id(wanted: dict[str, Any]) -> str:
    last = max((entry["horizon_at"] for entry in wanted["registers"].values()), default="1970-01-01T00:00:00")
    content = json.dumps(wanted | {"publishers": _digest_of_files(ROOT / "publishers")}, sort_keys=True)
    stamp = "".join(c for c in last[:19] if c.isalnum())
    return f"{stamp}Z-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _digest_of_files(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.is_file() and inside[0] not in ("target", "logs") and "__pycache__" not in inside:
            total.update("/".join(inside).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _file(settings: Settings) -> Path:
    return settings.warehouse / "warehouse.duckdb"
