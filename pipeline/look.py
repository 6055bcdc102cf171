"""Any dbt command over a copy of the warehouse: `source freshness`, `ls`, `docs generate`. What is live is not touched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.transform import DBT_PROJECT
from tiendo.errors import NotFoundError
from tiendo.home import only_one
from tiendo.settings import Settings, child_environment


def look(settings: Settings, arguments: Sequence[str]) -> tuple[int, Path]:
    """Run dbt with `arguments`, its output going where ours goes; returns its exit code and the folder of what it wrote.

    Raises NotFoundError before the first run, and LockedError while another look is under way.
    """
    warehouse = settings.warehouse / "warehouse.duckdb"
    if not warehouse.is_file():
        raise NotFoundError("there is no finished warehouse yet", where=str(warehouse), way_out="Run `tiendo run CAMPAIGN` first")
    folder = settings.warehouse / "look"
    folder.mkdir(exist_ok=True)
    copy = folder / "warehouse.duckdb"
    with only_one(settings.warehouse / "look.lock", "the copy of the warehouse"):
        try:
            shutil.copyfile(warehouse, copy)
            places = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target-path", str(folder / "target")]
            environment = child_environment(
                TIENDO_WAREHOUSE=str(copy),
                TIENDO_LAKE=str(settings.lake),
                TIENDO_REGISTER=str(settings.register),
                TIENDO_DBT_TARGET=str(folder / "target"),
                DO_NOT_TRACK="1",
            )
            command = [sys.executable, "-W", "ignore", "-m", "dbt.cli.main", *arguments, *places, "--log-path", str(folder / "logs")]
            done = subprocess.run(command, env=environment, check=False, cwd=folder)
        finally:
            copy.unlink(missing_ok=True)
    return done.returncode, folder / "target"
