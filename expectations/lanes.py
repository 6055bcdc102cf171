"""From findings to lanes, and from lanes to the lake's tables."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from expectations.context import scalar
from expectations.rule import Rule
from expectations.waivers import unless_waived
from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.errors import ReconciliationError
from tiendo.settings import Settings

LANES = ("accepted", "held", "rejected", "duplicate")
_STRENGTH = {"held": 1, "duplicate": 2, "rejected": 3}
SQL_TYPES = {
    pa.string(): "VARCHAR", pa.int64(): "BIGINT", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN", pa.date32(): "DATE",
    pa.timestamp("us"): "TIMESTAMP", pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
}  # fmt: skip
_BY_LANE = ", ".join(f"count(*) FILTER (lane = '{lane}') AS rows_{lane}" for lane in LANES)
_COUNTS = ", ".join(f"coalesce(c.rows_{lane}, 0) AS rows_{lane}" for lane in ("received", *LANES))


def judge_rows(connection: duckdb.DuckDBPyConnection, rules: list[Rule]) -> None:
    """Table row_lanes (row_id, lane) from the table found: rejected, else duplicate, else held, else accepted."""
    effects = [(rule, rule.over, rule.effect, _STRENGTH[rule.lane_effect]) for rule in rules if rule.lane_effect]
    connection.execute("CREATE OR REPLACE TABLE hits (row_id BIGINT, strength INTEGER)")
    for rule, over, effect, strength in effects:
        rows = f"SELECT row_id FROM found WHERE edition = '{rule.edition}'"
        if strength == _STRENGTH["held"]:
            rows += f" AND {unless_waived(rule.id, 'row_id')}"
        if over == "series":
            rows = f"SELECT g.row_id FROM ({rows}) f JOIN series_rows h USING (row_id) JOIN series_rows g ON g.group_id = h.group_id"
        if over == "marks":
            rows = f"""SELECT a.row_id FROM ({rows.replace("SELECT row_id", "SELECT row_id, item_id", 1)}) f
                JOIN context_marks m USING (item_id)
                JOIN context_rows a ON a.row_id = m.row_id OR (m.is_of_file AND a.row_id >> 32 = m.row_id >> 32)"""
        if effect == "submission":
            rows = f"SELECT a.row_id FROM ({rows}) f JOIN context_rows h USING (row_id) JOIN context_rows a USING (submission_no)"
        connection.execute(f"INSERT INTO hits SELECT row_id, {strength} FROM ({rows})")
    names = " ".join(f"WHEN {strength} THEN '{lane}'" for lane, strength in _STRENGTH.items())
    connection.execute(
        f"""CREATE OR REPLACE TABLE row_lanes AS
            SELECT r.row_id, CASE h.strength {names} ELSE 'accepted' END AS lane
            FROM context_rows r LEFT JOIN (SELECT row_id, max(strength) AS strength FROM hits GROUP BY row_id) h USING (row_id)"""
    )


def build_tables(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign, parsed: Path) -> None:
    """Tables out_<table> for the lake, findings excepted (expectations/findings.py); then every count is checked."""
    connection.execute(f"CREATE TABLE file_counts AS SELECT file_no, count(*) AS rows_received, {_BY_LANE} {_LANED} GROUP BY file_no")
    submissions(connection)
    _figures(connection)
    # Sums of fractions depend on the order of adding; the order of a parallel sum is not ours to choose.
    has_fractions = scalar(connection, "SELECT coalesce(bool_or(value <> floor(value)), false) FROM context_cells")
    _totals(connection, "c.value ORDER BY c.item_id" if has_fractions else "c.value")
    _batches(connection, settings, campaign)
    _units(connection, campaign, parsed)
    check(connection, campaign)


_LANED = "FROM context_rows JOIN row_lanes USING (row_id)"


def submissions(connection: duckdb.DuckDBPyConnection) -> None:
    """A submission is numbered by its first row, whose sender and role are the submission's."""
    connection.execute(
        f"""CREATE TABLE submissions AS
            WITH counted AS (
                SELECT submission_no, max(as_of) AS as_of, max(received_at) AS received_at, count(*) AS rows_received, {_BY_LANE}
                {_LANED} WHERE submission_no IS NOT NULL GROUP BY submission_no
            )
            SELECT c.*, f.file_id, r.source_id, r.unit_code, r.slot_id,
                left(md5(concat_ws(chr(31), f.file_id, r.unit_code, coalesce(r.slot_id, ''))), 20) AS submission_id
            FROM counted c JOIN context_rows r ON r.row_id = c.submission_no JOIN files f USING (file_no)"""
    )


def _figures(connection: duckdb.DuckDBPyConnection) -> None:
    """One row per (submission, indicator, as_of, lane). Where two held rows contradict each other, the later row is the one shown."""
    connection.execute(
        """CREATE VIEW kept_cells AS
           SELECT c.item_id, c.indicator_no, c.value, c.cell, l.lane, c.submission_no, r.as_of,
               r.is_correction, r.unit_match = 'total' AS is_total_row, r.received_at, r.is_summed,
               r.is_summed OR r.row_id IN (SELECT row_id FROM suspect_rows) AS may_repeat
           FROM context_cells c JOIN row_lanes l USING (row_id) JOIN context_rows r USING (row_id)
           WHERE l.lane IN ('accepted', 'held') AND c.cell IN ('value', 'zero', 'nil')
               AND c.submission_no IS NOT NULL AND r.as_of IS NOT NULL"""
    )
    fractions = scalar(connection, "SELECT coalesce(bool_or(value <> floor(value)), false) FROM context_cells")
    added = "sum(value ORDER BY item_id)" if fractions else "sum(value)"
    columns = "submission_no, indicator_no, as_of, lane"
    connection.execute(
        f"""CREATE TABLE added_figures AS
            SELECT {columns}, value, cell, is_correction, is_total_row, received_at, 1 AS row_count FROM kept_cells WHERE NOT may_repeat
            UNION ALL
            SELECT {columns}, CASE WHEN bool_and(is_summed) THEN {added} ELSE arg_max(value, item_id) END,
                CASE WHEN NOT bool_and(is_summed) THEN arg_max(cell, item_id)
                    WHEN bool_or(cell = 'value') THEN 'value' WHEN bool_or(cell = 'zero') THEN 'zero' ELSE 'nil' END,
                bool_or(is_correction), bool_or(is_total_row), max(received_at), count(*)
            FROM kept_cells WHERE may_repeat GROUP BY {columns}"""
    )


def _totals(connection: duckdb.DuckDBPyConnection, summed: str) -> None:
    by_lane = ", ".join(f"coalesce(sum({summed}) FILTER (l.lane = '{lane}'), 0) AS {lane}_total" for lane in LANES)
    connection.execute(
        f"""CREATE TABLE file_totals AS
            SELECT c.row_id >> 32 AS file_no, c.indicator_id, coalesce(sum({summed}), 0) AS received_total, {by_lane}
            FROM context_cells c JOIN row_lanes l USING (row_id) GROUP BY ALL"""
    )


def _batches(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign) -> None:
    """A file that repeats another counts as many rows as that one has, all of them duplicates."""
    connection.execute(
        f"""CREATE TABLE out_batches AS
            SELECT f.* EXCLUDE (rows_received), {_COUNTS}
            FROM files f LEFT JOIN file_counts c USING (file_no)"""
    )
    earlier = lake.paths(settings, "batches", campaign.id)
    originals = "SELECT file_id, rows_received FROM out_batches WHERE status = 'read'"
    if earlier:
        files = "[" + ", ".join(f"'{path}'" for path in earlier) + "]"
        originals += f" UNION SELECT file_id, rows_received FROM read_parquet({files}) WHERE status = 'read'"
    connection.execute(
        f"""UPDATE out_batches b SET rows_received = o.n, rows_duplicate = o.n
            FROM (SELECT file_id, max(rows_received) AS n FROM ({originals}) GROUP BY file_id) o
            WHERE b.status = 'duplicate' AND o.file_id = b.duplicate_of"""
    )


def _units(connection: duckdb.DuckDBPyConnection, campaign: Campaign, parsed: Path) -> None:
    discovered = parsed / "units.parquet"
    given = f"read_parquet('{discovered}')" if discovered.is_file() else "(SELECT *, NULL AS parent_code FROM units LIMIT 0)"
    connection.execute(
        f"""CREATE TABLE out_units AS
            SELECT b.batch_id, '{campaign.id}' AS campaign_id, u.unit_code, u.unit_name, u.level, u.parent_code, u.kind,
                coalesce(s.first_seen_at, b.first_seen_at) AS first_seen_at
            FROM {given} u
            CROSS JOIN (SELECT any_value(batch_id) AS batch_id, min(received_at) AS first_seen_at FROM files) b
            LEFT JOIN (SELECT unit_code, min(received_at) AS first_seen_at FROM context_rows GROUP BY ALL) s USING (unit_code)"""
    )


_SUBMISSION_FACTS = """
SELECT s.*, nullif(r.sender_role, '') AS sender_role, coalesce(nullif(r.sender, ''), nullif(f.sender, '')) AS sender,
    coalesce(g.figure_count, 0) AS figure_count, coalesce(n.finding_count, 0) AS finding_count,
    coalesce(a.checks_applied, 0) AS checks_applied,
    CASE WHEN s.rows_rejected > 0 THEN 'rejected' WHEN s.rows_held > 0 THEN 'held'
        WHEN s.rows_accepted > 0 THEN 'accepted' ELSE 'duplicate' END AS lane,
    list_has_all(coalesce(g.given, []), coalesce(q.required, [])) AS is_complete
FROM submissions s JOIN context_rows r ON r.row_id = s.submission_no JOIN files f ON f.file_no = r.file_no
LEFT JOIN (
    SELECT submission_no, count(*) AS figure_count, list(indicator_no) FILTER (lane = 'accepted') AS given
    FROM added_figures GROUP BY submission_no
) g ON g.submission_no = s.submission_no
LEFT JOIN (
    SELECT source_id, list(indicator_no) AS required FROM indicators WHERE is_required GROUP BY source_id
) q ON q.source_id = s.source_id
LEFT JOIN (
    SELECT submission_id, count(*) AS finding_count FROM out_findings WHERE effect <> 'none' GROUP BY ALL
) n ON n.submission_id = s.submission_id
LEFT JOIN (
    SELECT submission_no, sum(checks_applied) AS checks_applied FROM submission_checks GROUP BY ALL
) a ON a.submission_no = s.submission_no
"""


def write_tables(connection: duckdb.DuckDBPyConnection, campaign: Campaign, folder: Path) -> None:
    """The lake's tables as Parquet in `folder`, with exactly the schema of tiendo.lake and in a fixed order of rows."""
    batch = "(SELECT any_value(batch_id) FROM files) AS batch_id, " + f"'{campaign.id}' AS campaign_id"
    write_table(connection, folder, "batches", f"SELECT * REPLACE ('{campaign.id}' AS campaign_id) FROM out_batches", "file_id")
    write_table(
        connection, folder, "submissions",
        f"SELECT {batch}, *, lane = 'accepted' AND is_complete AS is_valid FROM ({_SUBMISSION_FACTS})",
        "submission_no",
    )  # fmt: skip
    write_table(
        connection, folder, "figures",
        f"""SELECT {batch}, s.source_id, s.file_id, s.submission_id, s.unit_code, a.*, CAST(a.as_of AS DATE) AS as_of_date,
                s.slot_id, p.priority, i.indicator_id
            FROM added_figures a JOIN submissions s USING (submission_no) JOIN sources p USING (source_id)
            JOIN (SELECT DISTINCT indicator_no, indicator_id FROM indicators) i USING (indicator_no)""",
        "submission_no, as_of, indicator_no, lane",
    )  # fmt: skip
    write_table(connection, folder, "findings", "SELECT * FROM out_findings", "file_id, row_number, rule_id, indicator_id, column_name")
    write_table(
        connection, folder, "totals", f"SELECT {batch}, t.*, f.file_id, f.source_id FROM file_totals t JOIN files f USING (file_no)",
        "file_id, indicator_id",
    )  # fmt: skip
    write_table(connection, folder, "checks", f"SELECT {batch}, * FROM rule_checks", "edition, slot_id")
    write_table(connection, folder, "units", "SELECT * FROM out_units", "unit_code")


def write_row_lanes(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """The lane of every row, for those who compare two judgements (pipeline/replay.py)."""
    connection.execute(
        f"""COPY (SELECT f.file_id, f.file_name, r.row_number, r.unit_code, l.lane
                  FROM context_rows r JOIN row_lanes l USING (row_id) JOIN files f USING (file_no) ORDER BY r.row_id)
            TO '{target}' (FORMAT parquet, COMPRESSION zstd)"""
    )


def write_table(connection: duckdb.DuckDBPyConnection, folder: Path, table: str, query: str, order: str) -> None:
    """One table of the lake as Parquet in `folder`, from a query that has its columns, sorted by `order`."""
    columns = ", ".join(f"CAST({field.name} AS {SQL_TYPES[field.type]}) AS {field.name}" for field in lake.SCHEMAS[table])
    target = folder / f"{table}.parquet"
    ordered = ", ".join(f"{part.strip()} NULLS FIRST" for part in order.split(","))
    connection.execute(f"COPY (SELECT {columns} FROM ({query}) ORDER BY {ordered}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def check(connection: duckdb.DuckDBPyConnection, campaign: Campaign) -> None:
    """Raises ReconciliationError unless every row of every file is in exactly one lane and every total adds up."""
    lanes = " + ".join(f"b.rows_{lane}" for lane in LANES)
    totals = " + ".join(f"{lane}_total" for lane in LANES)
    faults = connection.execute(
        f"""SELECT b.file_name || ': received ' || b.rows_received || ', in lanes ' || ({lanes}) || ', read ' || f.rows_read
            FROM out_batches b JOIN (SELECT file_no, coalesce(rows_received, 0) AS rows_read FROM files) f USING (file_no)
            WHERE b.rows_received <> {lanes} OR (b.status = 'read' AND b.rows_received <> f.rows_read)
                OR (b.status = 'unreadable' AND b.rows_received <> 0)
            UNION ALL
            SELECT f.file_name || ', ' || indicator_id || ': total received ' || received_total || ', in lanes ' || ({totals})
            FROM file_totals JOIN files f USING (file_no) WHERE abs(received_total - ({totals})) > 1e-9 * greatest(1, abs(received_total))
            UNION ALL
            SELECT 'rows in no lane: ' || count(*) FROM context_rows ANTI JOIN row_lanes USING (row_id) HAVING count(*) > 0
            ORDER BY 1 LIMIT 5"""
    ).fetchall()
    if faults:
        raise ReconciliationError(
            "counts do not add up: " + "; ".join(row[0] for row in faults), where=campaign.id, way_out="Report it: nothing was committed"
        )
