"""Cells that a newer copy of a whole series leaves out: they are taken back, as a version without a value.

Only sources with `resubmits: whole_series` or `whole_file`. A report that repeats its series and no longer has a row says that
the row was wrong; without a version of its own the old figure would stand for ever. What the newer copy cannot speak of stays:
times before its first or after its last, and (but for whole_file, which speaks of all units) units that it does not report.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.settings import Settings

CELL = "withdrawn"


def add(settings: Settings, campaign: Campaign, staged: Path) -> int:
    """Add to `staged/figures.parquet` one row per figure taken back: value null, cell 'withdrawn', lane accepted, the
    submission that left it out (of a unit that is gone from the file: a submission of that file). Returns how many.

    Reads the staged tables and the lake's figures of the same sources. A copy that comes late is put in its place by arrival,
    and the next newer one, which is in the lake already, takes back what it does not have.
    """
    sources = [source.id for source in campaign.sources if source.resubmits != "slot"]
    whole_files = [source.id for source in campaign.sources if source.resubmits == "whole_file"]
    if not sources:
        return 0
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        acts = [Path(path).stem for path in lake.paths(settings, lake.ACTS, campaign.id)]
        table = _taken_back(connection, sources, whole_files, staged, lake.paths(settings, "figures", campaign.id), acts)
    if not table.num_rows:
        return 0
    figures = pq.read_table(staged / "figures.parquet", partitioning=None)
    pq.write_table(pa.concat_tables([figures, table.cast(figures.schema)]), staged / "figures.parquet", compression="zstd")
    return table.num_rows


def forget(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign, earlier: list[str]) -> None:
    """Delete from the table timeline (expectations/timeline.py) what the lake's files `earlier` know as taken back before this batch.

    A figure that somebody took back is nobody's baseline. What came again after it was taken back stays.
    """
    if all(source.resubmits == "slot" for source in campaign.sources) and not lake.paths(settings, lake.ACTS, campaign.id):
        return
    connection.execute(
        """DELETE FROM timeline USING (
               SELECT u.extent_no * 1000 + i.indicator_no AS series_no, f.as_of, max(f.received_at) AS gone_at
               FROM read_parquet($earlier, hive_partitioning = false) f JOIN extents u USING (unit_code)
               JOIN (SELECT DISTINCT indicator_no, indicator_id FROM indicators) i USING (indicator_id)
               WHERE f.lane = 'accepted' AND f.cell = 'withdrawn'
                   AND f.received_at <= (SELECT min(received_at) FROM timeline WHERE item_id IS NOT NULL)
               GROUP BY ALL
           ) gone
           WHERE timeline.item_id IS NULL AND timeline.series_no = gone.series_no AND timeline.as_of = gone.as_of
               AND timeline.received_at < gone.gone_at""",
        {"earlier": earlier},
    )


def _taken_back(
    connection: duckdb.DuckDBPyConnection, sources: list[str], whole_files: list[str], staged: Path, earlier: list[str], acts: list[str]
) -> pa.Table:
    here = str(staged / "figures.parquet")
    connection.execute(
        """
        CREATE TABLE figures AS
        SELECT *, true AS is_new FROM read_parquet($here, hive_partitioning = false) WHERE source_id IN $sources
        """,
        {"here": here, "sources": sources},
    )
    if earlier:
        # a figure released or corrected is still of the file that brought it: it is no newer copy of the series
        connection.execute(
            """
            INSERT INTO figures
            SELECT * REPLACE (CASE WHEN NOT list_contains(CAST($acts AS VARCHAR[]), batch_id) THEN received_at END AS received_at), false
            FROM read_parquet($earlier, hive_partitioning = false)
            WHERE source_id IN $sources AND cell <> 'withdrawn' AND file_id NOT IN (SELECT file_id FROM figures)
            """,
            {"earlier": earlier, "sources": sources, "acts": acts},
        )
    # a row that is there and was rejected has no figure, and is not left out all the same
    connection.execute(
        """
        CREATE TABLE rejected AS
        SELECT DISTINCT file_id, unit_code, as_of FROM read_parquet($findings, hive_partitioning = false)
        WHERE severity = 'reject' AND unit_code IS NOT NULL AND as_of IS NOT NULL
        """,
        {"findings": str(staged / "findings.parquet")},
    )
    return connection.execute(_QUERY, {"whole_files": whole_files}).to_arrow_table()


_QUERY = """
WITH spans AS (
    SELECT file_id, min(as_of) AS first_as_of, max(as_of) AS last_as_of FROM figures GROUP BY ALL
), copies AS (
    SELECT source_id, unit_code, file_id, any_value(submission_id) AS submission_id, any_value(slot_id) AS slot_id,
        max(received_at) AS received_at, any_value(priority) AS priority, bool_or(is_new) AS is_new
    FROM figures GROUP BY ALL
), followed AS (
    SELECT file_id AS old_file_id, source_id, unit_code, is_new AS is_old_new,
        lead(struct_pack(file_id, submission_id, slot_id, received_at, priority, is_new)) OVER series AS newer
    FROM copies
    WINDOW series AS (PARTITION BY source_id, unit_code ORDER BY received_at, priority, file_id)
), files AS (
    SELECT source_id, file_id, min(submission_id) AS submission_id, CAST(NULL AS VARCHAR) AS slot_id, max(received_at) AS received_at,
        any_value(priority) AS priority, bool_or(is_new) AS is_new
    FROM copies WHERE list_contains(CAST($whole_files AS VARCHAR[]), source_id) GROUP BY ALL
), followed_files AS (
    SELECT file_id AS old_file_id, source_id,
        lead(struct_pack(file_id, submission_id, slot_id, received_at, priority, is_new)) OVER series AS newer
    FROM files WINDOW series AS (PARTITION BY source_id ORDER BY received_at, priority, file_id)
), pairs AS (
    SELECT f.*, newer.file_id AS new_file_id, s.first_as_of, s.last_as_of
    FROM followed f JOIN spans s ON s.file_id = newer.file_id
    WHERE newer IS NOT NULL AND (is_old_new OR newer.is_new)
    UNION ALL
    SELECT o.file_id, o.source_id, o.unit_code, o.is_new, f.newer, f.newer.file_id, s.first_as_of, s.last_as_of
    FROM followed_files f JOIN copies o ON o.file_id = f.old_file_id AND o.source_id = f.source_id
    JOIN spans s ON s.file_id = f.newer.file_id
    ANTI JOIN copies n ON n.file_id = f.newer.file_id AND n.unit_code = o.unit_code
    WHERE f.newer IS NOT NULL AND (o.is_new OR f.newer.is_new)
), there AS (
    SELECT DISTINCT file_id, unit_code, as_of FROM figures UNION SELECT file_id, unit_code, as_of FROM rejected
), gone AS (
    SELECT DISTINCT o.campaign_id, o.source_id, p.new_file_id, p.newer, o.unit_code, o.indicator_id, o.as_of, o.as_of_date, o.is_total_row
    FROM pairs p
    JOIN figures o ON o.file_id = p.old_file_id AND o.source_id = p.source_id AND o.unit_code = p.unit_code
    ANTI JOIN there t ON t.file_id = p.new_file_id AND t.unit_code = o.unit_code AND t.as_of = o.as_of
    WHERE o.lane = 'accepted' AND o.as_of BETWEEN p.first_as_of AND p.last_as_of
)
SELECT (SELECT any_value(batch_id) FROM figures WHERE is_new) AS batch_id, campaign_id, source_id, new_file_id AS file_id,
    newer.submission_id AS submission_id, unit_code, indicator_id, as_of, as_of_date, newer.slot_id AS slot_id,
    CAST(NULL AS DOUBLE) AS value, 'withdrawn' AS cell, 'accepted' AS lane, false AS is_correction, is_total_row,
    CAST(0 AS BIGINT) AS row_count, newer.priority AS priority, newer.received_at AS received_at
FROM gone
ORDER BY source_id, received_at, file_id, unit_code, as_of, indicator_id
"""
