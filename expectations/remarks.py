"""Remarks of a batch on their way to the lake: each stands or falls with its row."""

from __future__ import annotations

from pathlib import Path

import duckdb

from expectations.context import ROW_BITS
from expectations.lanes import write_table
from tiendo.campaign import Campaign


def write(connection: duckdb.DuckDBPyConnection, campaign: Campaign, parsed: Path, folder: Path) -> None:
    """`remarks.parquet` in `folder`: what accepted and held rows said, of what and when. Nothing where the readers found no remarks."""
    path = parsed / "remarks.parquet"
    if not path.is_file():
        return
    write_table(
        connection,
        folder,
        "remarks",
        f"""SELECT DISTINCT (SELECT any_value(batch_id) FROM files) AS batch_id, '{campaign.id}' AS campaign_id, s.source_id, s.file_id,
                s.submission_id, s.unit_code, s.slot_id, r.as_of, r.as_of_on AS as_of_date, g.remark_id, g.code, g.raw_text, l.lane,
                r.received_at
            FROM read_parquet('{path}') g JOIN files f USING (file_id)
            JOIN context_rows r ON r.row_id = (f.file_no << {ROW_BITS}) + g.row_number
            JOIN row_lanes l USING (row_id) JOIN submissions s USING (submission_no)
            WHERE l.lane IN ('accepted', 'held') AND r.as_of IS NOT NULL""",
        "file_id, unit_code, as_of, remark_id, code, raw_text",
    )
