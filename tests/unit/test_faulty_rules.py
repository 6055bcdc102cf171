"""A rule of the warehouse that raises is named; one on trial is left out and stops nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.rule_tables import SCHEMA
from pipeline.faulty_rules import leave_out
from tiendo.errors import RuleError
from tiendo.settings import Settings


def house(home: Path, **conditions: tuple[str, bool]) -> tuple[Settings, Path]:
    """An unfinished warehouse with one relation, and rules over it: edition=(condition, on trial)."""
    scratch = home / "warehouse" / "next.duckdb"
    scratch.parent.mkdir(parents=True)
    with duckdb.connect(str(scratch)) as connection:
        connection.execute("CREATE SCHEMA intermediate")
        connection.execute("CREATE VIEW intermediate.int_checked_slot_status AS SELECT 'c' AS campaign_id, 'missing' AS status")
    rows: list[dict[str, Any]] = [
        {"campaign_id": "c", "rule_id": name, "edition": name, "place": "warehouse", "relation": "slot_status", "is_on": True,
         "is_shadow": is_shadow, "condition": condition}
        for name, (condition, is_shadow) in conditions.items()
    ]  # fmt: skip
    target = home / "register" / "rules" / "campaign_id=c.parquet"
    target.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), target)
    return Settings(home, ()), scratch


def test_a_rule_on_trial_that_raises_is_switched_off_and_told(tmp_path: Path) -> None:
    settings, scratch = house(tmp_path, sound=("status = 'missing'", False), broken=("CAST(status AS INTEGER) > 0", True))
    (line,) = leave_out(settings, scratch)
    assert "'broken'" in line and "Conversion Error" in line
    rules = pq.read_table(settings.register / "rules" / "campaign_id=c.parquet")
    assert rules.schema.names == SCHEMA.names
    assert {row["edition"]: row["is_on"] for row in rules.to_pylist()} == {"sound": True, "broken": False}


def test_any_other_rule_that_raises_stops_the_run_by_name(tmp_path: Path) -> None:
    settings, scratch = house(tmp_path, broken=("nonesuch > 0", False))
    with pytest.raises(RuleError, match=r"'broken'.*nonesuch"):
        leave_out(settings, scratch)


def test_where_no_rule_is_at_fault_nothing_is_left_out(tmp_path: Path) -> None:
    settings, scratch = house(tmp_path, sound=("status = 'missing'", False))
    assert leave_out(settings, scratch) == []
