"""A parsed batch put into context once, set-based: the relations that every rule of the gate is a predicate over.

`context_rows`: one row per parsed row, with its unit, slot, arrival and what it repeats. `item_id` = `row_id`.
`context_cells`: one row per parsed cell, with its indicator. `expectations/series.py` adds `context_series`.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from expectations import slots
from expectations.catalogue import Tuned
from expectations.messages import MACROS
from tiendo.campaign import Campaign, Source
from tiendo.errors import ReconciliationError, RuleError
from tiendo.senders import roles_of
from tiendo.text import fold
from tiendo.units import load_reorganisation

LEAST_MEMORY = 2_300_000_000  # bytes
ROW_BITS = 32  # row_id = file number and row number in one integer, so that rows sort as the sender sees them


def open_connection(scratch: Path, rows: int = 0) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that spills into `scratch`, with times in UTC and the macros that messages use.

    It takes 2.3 GB at most, for a batch of more than a million rows in proportion, but never more than half of the machine's memory.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = max(LEAST_MEMORY, min(LEAST_MEMORY * rows // 1_000_000, machine // 2))
    connection = duckdb.connect(":memory:", config={"temp_directory": str(scratch / "spill"), "memory_limit": f"{limit // 10**6}MB"})
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true;" + MACROS)
    return connection


def build(connection: duckdb.DuckDBPyConnection, campaign: Campaign, parsed: Path, units: pd.DataFrame, tuned: Tuned) -> None:
    """Tables files, units, slots, indicators, context_rows and context_cells from the parsed batch in folder `parsed`."""
    _facts(connection, campaign, parsed, units)
    slots.facts(connection, campaign)
    _rows(connection, campaign, parsed, units)
    _faults(connection, tuned)
    slots.place_rows(connection)
    _repeats(connection)
    connection.execute(_CONTEXT_ROWS)
    connection.execute(_CONTEXT_CELLS)
    connection.execute("DROP TABLE base_rows; DROP TABLE placed; DROP TABLE submission_heads")


def scalar(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The one value of a query."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def given_indicators(campaign: Campaign, source: Source) -> set[str]:
    """Indicators that a source reports: those its columns or names lead to; all where it names none."""
    named = set(source.indicators) | set(source.indicator_names.values())
    return named or {indicator.id for indicator in campaign.indicators}


def _facts(connection: duckdb.DuckDBPyConnection, campaign: Campaign, parsed: Path, units: pd.DataFrame) -> None:
    given_files = f"read_parquet('{parsed / 'files.parquet'}')"
    connection.execute(f"CREATE TABLE files AS SELECT row_number() OVER (ORDER BY file_id) - 1 AS file_no, * FROM {given_files}")
    connection.execute("ALTER TABLE files ADD COLUMN IF NOT EXISTS failure_text_vi VARCHAR")
    _table(
        connection, "sources",
        [(s.id, s.rows == "summed", s.resubmits != "slot", s.priority) for s in campaign.sources],
        source_id=pa.string(), is_summed=pa.bool_(), is_whole_series=pa.bool_(), priority=pa.int64(),
    )  # fmt: skip
    _table(connection, "span", [(campaign.starts_on, campaign.ends_on)], starts_on=pa.date32(), ends_on=pa.date32())
    required = [
        (s.id, n, i.id, i.name.vi, i.name.en, i.kind, i.part_of, i.fractional, i.required and i.id in given_indicators(campaign, s))
        for s in campaign.sources
        for n, i in enumerate(campaign.indicators)
    ]
    _table(
        connection, "indicators", required, source_id=pa.string(), indicator_no=pa.int64(), indicator_id=pa.string(), name_vi=pa.string(),
        name_en=pa.string(), kind=pa.string(), part_of=pa.string(), is_fractional=pa.bool_(), is_required=pa.bool_(),
    )  # fmt: skip
    columns = ["unit_code", "unit_name", "level", "kind", "opened_on", "closed_on"]
    known = [tuple(None if pd.isna(value) else value for value in row) for row in units[columns].itertuples(index=False)]
    _table(
        connection, "given_units", known, unit_code=pa.string(), unit_name=pa.string(), level=pa.string(), kind=pa.string(),
        opened_on=pa.date32(), closed_on=pa.date32(),
    )  # fmt: skip
    connection.execute("CREATE TABLE units AS SELECT row_number() OVER (ORDER BY unit_code) AS unit_no, * FROM given_units")
    _extents(connection, campaign)
    connection.execute(
        f"""CREATE VIEW given_cells AS
            SELECT c.file_row_number AS item_id, (f.file_no << {ROW_BITS}) + c.row_number AS row_id, f.source_id,
                c.* EXCLUDE (file_id, row_number, file_row_number)
            FROM read_parquet('{parsed / "cells.parquet"}', file_row_number = true) c JOIN files f USING (file_id)"""
    )


def _extents(connection: duckdb.DuckDBPyConnection, campaign: Campaign) -> None:
    """Table extents (extent_no, unit_no, unit_code, unit_name, level, kind, since, until): what a code stood for, and when.

    A unit that takes others in, or gives a part away, and keeps its code is another unit to whoever compares figures: its series begins
    anew on that day. `since` and `until` are null at the ends; a unit that never changed has one extent, with its own number.
    """
    days: list[tuple[str, date]] = []
    if campaign.units.crosswalk:
        rows = load_reorganisation(campaign).crosswalk.rows
        changed = rows[(rows["old_code"] != rows["new_code"]) | (rows["weight"] < 1)][["new_code", "valid_from"]].drop_duplicates()
        days = list(changed.itertuples(index=False, name=None))
    _table(connection, "changes", days, unit_code=pa.string(), since=pa.date32())
    connection.execute(
        """CREATE TABLE extents AS
           WITH begun AS (
               SELECT unit_no, CAST(NULL AS TIMESTAMP) AS since FROM units
               UNION ALL
               SELECT unit_no, CAST(since AS TIMESTAMP) FROM changes JOIN units USING (unit_code)
           ), numbered AS (
               SELECT unit_no, since, lead(since) OVER times AS until, row_number() OVER times - 1 AS change_no
               FROM begun WINDOW times AS (PARTITION BY unit_no ORDER BY since NULLS FIRST)
           )
           SELECT unit_no + change_no * (SELECT count(*) FROM units) AS extent_no, unit_no, unit_code, unit_name, level, kind, since, until
           FROM numbered JOIN units USING (unit_no)"""
    )


def _rows(connection: duckdb.DuckDBPyConnection, campaign: Campaign, parsed: Path, units: pd.DataFrame) -> None:
    source = f"read_parquet('{parsed / 'rows.parquet'}')"
    # The zone's calendar is slow per row and the moments of arrival are few.
    connection.execute(
        f"""CREATE TABLE arrivals AS SELECT received_at, CAST(received_at AT TIME ZONE '{campaign.time_zone}' AS DATE) AS received_on
            FROM (SELECT DISTINCT received_at FROM {source})"""
    )
    # Who signs without a role has the one that senders.csv gives.
    listed = roles_of(campaign, units)
    who = "coalesce(nullif(r.sender, ''), nullif(f.sender, ''))" if listed else "CAST(NULL AS VARCHAR)"
    roles = connection.execute(f"SELECT DISTINCT f.source_id, {who}, r.sender_role FROM {source} r JOIN files f USING (file_id)").fetchall()
    allowed = {s.id: {fold(role) for role in s.allowed_roles} for s in campaign.sources}
    judged = [
        (s, sender, role, not allowed.get(s) or not allowed[s].isdisjoint({fold(role)} if role else listed.get(fold(sender or ""), {""})))
        for s, sender, role in roles
    ]
    _table(connection, "roles", judged, source_id=pa.string(), sender=pa.string(), sender_role=pa.string(), is_role_allowed=pa.bool_())
    connection.execute(
        f"""CREATE TABLE base_rows AS
            SELECT (f.file_no << {ROW_BITS}) + r.row_number AS row_id, f.file_no, r.row_number, f.source_id, s.is_summed,
                s.is_whole_series, s.priority, r.unit_code, u.unit_no, r.unit_match, u.kind AS unit_kind, u.level AS unit_level,
                u.opened_on, u.closed_on, r.as_of, CAST(r.as_of AS DATE) AS as_of_on,
                nullif(trim(r.slot_raw), '') AS slot_raw, r.sender, r.sender_role,
                coalesce(o.is_role_allowed, true) AS is_role_allowed, coalesce(r.is_correction, false) AS is_correction,
                r.received_at, a.received_on, least(CAST(r.as_of AS DATE), a.received_on) AS judged_on,
                nullif(r.fault_rule, '') AS fault_rule, r.row_key
            FROM {source} r
            JOIN files f USING (file_id) JOIN sources s USING (source_id)
            LEFT JOIN units u USING (unit_code)
            LEFT JOIN arrivals a ON a.received_at = r.received_at
            LEFT JOIN roles o ON o.source_id = f.source_id AND o.sender_role IS NOT DISTINCT FROM r.sender_role
                AND o.sender IS NOT DISTINCT FROM {who}"""
    )
    given, kept, distinct, strange = connection.execute(
        f"""SELECT (SELECT count(*) FROM {source}), count(*), count(DISTINCT row_id), count(unit_code) - count(unit_no) FROM base_rows"""
    ).fetchone() or (0, 0, 0, 0)
    if not given == kept == distinct or strange:
        raise ReconciliationError(
            f"{given} rows were parsed, {kept} belong to a file and source of the campaign, {distinct} have a row number of their own, "
            f"{strange} are of units that the register does not have",
            where=campaign.id,
            way_out="Report it with the parsed batch: nothing was committed",
        )


def _faults(connection: duckdb.DuckDBPyConnection, tuned: Tuned) -> None:
    """Faults that the readers found; a row with a fault that rejects is not judged any further."""
    connection.execute(
        """UPDATE base_rows SET fault_rule = 'unknown_indicator' WHERE fault_rule IS NULL AND row_id IN (
               SELECT row_id FROM given_cells WHERE coalesce(indicator_id, '') NOT IN (SELECT indicator_id FROM indicators))"""
    )
    faults = [row[0] for row in connection.execute("SELECT DISTINCT fault_rule FROM base_rows WHERE fault_rule IS NOT NULL").fetchall()]
    for rule_id in faults:
        if tuned[rule_id].over not in ("rows", "marks"):
            raise RuleError(f"readers gave fault_rule '{rule_id}', which is no rule over rows or marks", where="rows.parquet")
    rejecting = [rule_id for rule_id in faults if tuned[rule_id].severity == "reject"]
    _table(connection, "rejecting_faults", [(rule_id,) for rule_id in rejecting], fault_rule=pa.string())


def _repeats(connection: duckdb.DuckDBPyConnection) -> None:
    """Rows of one file that repeat or contradict each other: (row_id, is_duplicate, is_conflicting, other_row).

    Rows that add up repeat each other when their keys are equal. Figures do when they say the same of one unit, time and
    slot, and are in conflict when they say different values of one indicator.
    """
    connection.execute("CREATE TABLE repeats (row_id BIGINT, is_duplicate BOOLEAN, is_conflicting BOOLEAN, other_row BIGINT)")
    connection.execute(
        """INSERT INTO repeats
           WITH suspects AS (
               SELECT file_no, hash(row_key) AS key_hash FROM base_rows WHERE is_summed AND row_key IS NOT NULL
               GROUP BY ALL HAVING count(*) > 1
           ), ordered AS (
               SELECT r.row_id, row_number() OVER w AS place, first_value(r.row_number) OVER w AS first_row
               FROM base_rows r JOIN suspects s ON s.file_no = r.file_no AND s.key_hash = hash(r.row_key)
               WHERE r.is_summed AND r.fault_rule IS NULL
               WINDOW w AS (PARTITION BY r.file_no, r.row_key ORDER BY r.row_id)
           )
           SELECT row_id, true, false, first_row FROM ordered WHERE place > 1"""
    )
    # Rows of different indicators stand side by side in a long file: they repeat nothing.
    connection.execute(
        """CREATE TABLE suspect_rows AS
           WITH figures AS (
               SELECT p.row_id, p.file_no, p.unit_no, p.as_of, p.slot_no FROM placed p
               SEMI JOIN (SELECT row_id FROM base_rows WHERE NOT is_summed AND fault_rule IS NULL) USING (row_id)
               WHERE p.unit_no IS NOT NULL AND p.as_of IS NOT NULL
           ), keys AS (
               SELECT file_no, unit_no, as_of, slot_no, min(row_id) AS place FROM figures GROUP BY ALL HAVING count(*) > 1
           ), told AS (
               SELECT row_id, place FROM figures JOIN keys USING (file_no, unit_no, as_of, slot_no)
           ), repeated AS (
               SELECT DISTINCT place FROM (
                   SELECT place FROM told JOIN given_cells USING (row_id) GROUP BY place, indicator_id HAVING count(*) > 1)
           )
           SELECT t.row_id, r.row_number, r.sender_role, r.is_correction, t.place
           FROM told t SEMI JOIN repeated USING (place) JOIN base_rows r USING (row_id)"""
    )
    if not scalar(connection, "SELECT count(*) FROM suspect_rows"):
        return
    connection.execute(
        """INSERT INTO repeats
           WITH said AS (
               SELECT s.*, c.indicator_id, c.cell, coalesce(CAST(c.value AS VARCHAR), c.cell || coalesce(c.raw_text, '')) AS what
               FROM suspect_rows s JOIN given_cells c USING (row_id)
           ), signed AS (
               SELECT row_id, any_value(row_number) AS row_number, any_value(place) AS place, any_value(sender_role) AS sender_role,
                   any_value(is_correction) AS is_correction,
                   string_agg(concat(indicator_id, chr(30), what), chr(31) ORDER BY indicator_id, what) AS words
               FROM said GROUP BY row_id
           ), ordered AS (
               SELECT row_id, row_number() OVER w > 1 AS is_duplicate, first_value(row_number) OVER w AS first_row
               FROM signed WINDOW w AS (PARTITION BY place, sender_role, is_correction, words ORDER BY row_id)
           ), clashes AS (
               SELECT place, indicator_id, min(row_number) AS low, max(row_number) AS high
               FROM said JOIN ordered USING (row_id) WHERE NOT is_duplicate AND cell IN ('value', 'zero', 'nil')
               GROUP BY ALL HAVING count(DISTINCT what) > 1
           ), conflicting AS (
               SELECT row_id, any_value(row_number) AS row_number, min(low) AS low, max(high) AS high
               FROM said JOIN clashes USING (place, indicator_id) WHERE cell IN ('value', 'zero', 'nil') GROUP BY row_id
           )
           SELECT o.row_id, o.is_duplicate, NOT o.is_duplicate AND c.row_id IS NOT NULL,
               CASE WHEN o.is_duplicate THEN o.first_row WHEN c.row_number = c.low THEN c.high ELSE c.low END
           FROM ordered o LEFT JOIN conflicting c USING (row_id)
           WHERE o.is_duplicate OR c.row_id IS NOT NULL"""
    )


_CONTEXT_ROWS = """
CREATE TABLE context_rows AS
SELECT r.row_id AS item_id, r.* EXCLUDE (row_key), p.slot_no, t.slot_id, t.cutoff_at, t.closes_at, p.is_slot_unknown,
    r.fault_rule IS NULL OR r.fault_rule NOT IN (SELECT fault_rule FROM rejecting_faults) AS is_readable,
    s.submission_no, coalesce(s.submission_no = r.row_id, false) AS is_submission_head,
    date_diff('minute', t.cutoff_at, r.received_at) AS minutes_late,
    coalesce(d.is_duplicate, false) AS is_duplicate, coalesce(d.is_conflicting, false) AS is_conflicting, d.other_row,
    (SELECT starts_on FROM span) AS starts_on, (SELECT ends_on FROM span) AS ends_on
FROM base_rows r
JOIN placed p USING (row_id) JOIN slot_times t USING (slot_no)
LEFT JOIN submission_heads s ON s.file_no = r.file_no AND s.unit_no = r.unit_no AND s.report_no = t.report_no
LEFT JOIN repeats d USING (row_id)
"""

_CONTEXT_CELLS = """
CREATE TABLE context_cells AS
SELECT c.item_id, c.row_id, i.indicator_no, c.indicator_id, c.value, c.cell, i.kind, i.is_required, i.is_fractional,
    r.is_correction, r.received_on, r.judged_on, r.submission_no, r.slot_no
FROM given_cells c
JOIN context_rows r USING (row_id) JOIN indicators i ON i.source_id = c.source_id AND i.indicator_id = c.indicator_id
WHERE r.is_readable
"""


def _table(connection: duckdb.DuckDBPyConnection, name: str, rows: list[tuple[Any, ...]], **columns: pa.DataType) -> None:
    """A small table from tuples, with the types given."""
    arrays = [pa.array([row[n] for row in rows], type=kind) for n, kind in enumerate(columns.values())]
    given = pa.table(arrays, schema=pa.schema(list(columns.items())))
    connection.register("given", given)
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
    connection.unregister("given")
