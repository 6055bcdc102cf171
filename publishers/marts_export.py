"""The marts of a finished warehouse as files for readers: one compact DuckDB file, and one Parquet file per table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from tiendo.errors import WarehouseError

Progress = Callable[[str, int, int], None]  # what, done, of

_CAMPAIGN = ("campaign_id",)
# Order of the rows of each table: its grain. Every one of these tables is promised to readers by docs/data.md.
GRAIN: dict[str, tuple[str, ...]] = {
    "dim_campaign": _CAMPAIGN,
    "dim_level": ("campaign_id", "level"),
    "dim_unit": ("campaign_id", "unit_code"),
    "dim_unit_period": ("campaign_id", "unit_code", "first_on"),
    "unit_crosswalk": ("campaign_id", "unit_code", "from_code", "first_on"),
    "dim_indicator": ("campaign_id", "indicator_id"),
    "dim_milestone": ("campaign_id", "milestone_id", "level"),
    "dim_meeting": ("campaign_id", "meeting_id"),
    "dim_tier": ("campaign_id", "tier_id"),
    "dim_slot": ("campaign_id", "slot_id", "level"),
    "dim_rule": ("campaign_id", "rule_id"),
    "dim_rule_version": ("campaign_id", "edition"),
    "fct_files": ("file_id", "batch_id"),
    "control_totals": ("file_id", "batch_id", "indicator_id"),
    "reconciliation": ("batch_id", "campaign_id"),
    "fct_submissions": ("submission_id",),
    "holds": ("campaign_id", "hold_id"),
    "audit": ("act_id",),
    "fct_slot_status": ("campaign_id", "unit_code", "slot_id"),
    "fct_figures": ("campaign_id", "indicator_id", "unit_code", "as_of"),
    "fct_restatements": ("campaign_id", "indicator_id", "unit_code", "as_of", "version"),
    "fct_findings": ("finding_id",),
    "board_restatements": ("campaign_id", "indicator_id", "level", "as_of_date", "since", "unit_code"),
    "briefing": ("campaign_id", "meeting_id", "section", "position"),
    "inherited_standings": ("campaign_id", "indicator_id", "level", "unit_code"),
    "parent_sums": ("campaign_id", "indicator_id", "unit_code", "as_of_date"),
    "progress": ("campaign_id", "indicator_id", "unit_code", "as_of_date"),
    "progress_as_now": ("campaign_id", "indicator_id", "unit_code", "as_of_date"),
    "forecasts": ("campaign_id", "indicator_id", "unit_code"),
    "before_after": ("campaign_id", "comparison_id", "indicator_id", "unit_code", "as_of_date"),
    "leaderboard": ("campaign_id", "indicator_id", "level", "as_of_date", "unit_code"),
    "milestones": ("campaign_id", "milestone_id", "unit_code"),
    "reporting": ("campaign_id", "unit_code", "period_kind", "period"),
    "silent": ("campaign_id", "slot_id", "unit_code"),
    "data_quality": ("campaign_id", "unit_code", "period_kind", "period"),
    "recounts": ("campaign_id", "recount_id"),
    "verification_factors": ("campaign_id", "indicator_id", "unit_code"),
    "recount_queue": ("campaign_id", "unit_code"),
    "rule_activity": ("campaign_id", "rule_id"),
    "device_productivity": ("campaign_id", "indicator_id", "unit_code", "as_of_date"),
    "bottlenecks": ("campaign_id", "remark_id", "unit_code", "code", "opened_at"),
    "bottleneck_counts": ("campaign_id", "remark_id", "unit_code", "code"),
    "good_practice": ("campaign_id", "period_kind", "period", "unit_code"),
    "emulation_parts": ("campaign_id", "period_id", "unit_code", "part_id"),
    "emulation_scores": ("campaign_id", "period_id", "unit_code"),
    "emulation_persons": ("campaign_id", "period_id", "level", "sender"),
    "reinforcement": ("campaign_id", "level", "as_of_date", "unit_code"),
}


def export_marts(warehouse: Path, folder: Path, progress: Progress | None = None) -> Path:
    """Copy every mart of `warehouse` (schema `marts`) to `folder`/marts.duckdb and `folder`/parquet/TABLE.parquet.

    Rows are sorted by grain and comments of tables and columns travel along (in Parquet as key-value metadata: `comment`,
    and `comment:COLUMN` for each column). Same marts, same Parquet bytes. Returns the DuckDB file; it has no WAL.
    The tables stand in the file's main schema: a schema `marts` inside a file `marts.duckdb` makes `marts.leaderboard`
    ambiguous to DuckDB, so that no query without three-part names would run.

    Raises WarehouseError where the warehouse or one of its marts is missing.
    """
    if not warehouse.is_file():
        raise WarehouseError("there is no finished warehouse to publish", where=str(warehouse), way_out="Run `tiendo run CAMPAIGN` first")
    target = folder / "marts.duckdb"
    (folder / "parquet").mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {_text(warehouse)} as warehouse (read_only)")
        con.execute(f"attach {_text(target)} as readers")
        tables = _marts(con, warehouse)
        con.execute("begin")  # one transaction: one flush instead of one for each table
        for number, table in enumerate(tables, start=1):
            _export_table(con, table, folder / "parquet" / f"{table}.parquet")
            if progress:
                progress("marts", number, len(tables))
        con.execute("commit")
        con.execute("checkpoint readers")
        con.execute("detach readers")
    return target


def _marts(con: duckdb.DuckDBPyConnection, warehouse: Path) -> list[str]:
    """Names of the marts, and an error if one that readers are promised is not there."""
    rows = con.execute(
        "select table_name from information_schema.tables where table_catalog = 'warehouse' and table_schema = 'marts' order by 1"
    ).fetchall()
    found = [name for (name,) in rows]
    missing = sorted(set(GRAIN) - set(found))
    if missing:
        raise WarehouseError(
            f"marts are missing: {', '.join(missing)}", where=str(warehouse), way_out="docs/data.md lists the marts; run `tiendo run` again"
        )
    return found


def _export_table(con: duckdb.DuckDBPyConnection, table: str, parquet: Path) -> None:
    grain = ", ".join(f'"{column}"' for column in GRAIN.get(table, ())) or "all"
    con.execute(f'create table readers.main."{table}" as select * from warehouse.marts."{table}" order by {grain}')
    about, columns = _comments(con, table)
    metadata = {}
    if about:
        con.execute(f'comment on table readers.main."{table}" is {_text(about)}')
        metadata["comment"] = about
    for column, text in columns:
        con.execute(f'comment on column readers.main."{table}"."{column}" is {_text(text)}')
        metadata[f"comment:{column}"] = text
    pairs = ", ".join(f"{_text(key)}: {_text(text)}" for key, text in metadata.items())
    kept = f", kv_metadata {{{pairs}}}" if pairs else ""
    con.execute(f'copy readers.main."{table}" to {_text(parquet)} (format parquet, compression zstd{kept})')


def _comments(con: duckdb.DuckDBPyConnection, table: str) -> tuple[str | None, list[tuple[str, str]]]:
    where = "database_name = 'warehouse' and schema_name = 'marts'"
    about = con.execute(
        f"select comment from duckdb_tables() where {where} and table_name = $1"
        f" union all select comment from duckdb_views() where {where} and view_name = $1",
        [table],
    ).fetchone()
    columns = con.execute(
        f"select column_name, comment from duckdb_columns() where {where} and table_name = $1 and comment is not null"
        " order by column_index",
        [table],
    ).fetchall()
    return (about[0] if about else None), columns


def _text(value: object) -> str:
    """A SQL literal: attach, comment and copy take no parameters."""
    return "'" + str(value).replace("'", "''") + "'"
