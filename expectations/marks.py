"""What the readers noticed (marks.parquet of the parsed batch) in context: the relation `context_marks` that rules over marks judge."""

from __future__ import annotations

from pathlib import Path

import duckdb

from expectations.context import ROW_BITS


def build(connection: duckdb.DuckDBPyConnection, parsed: Path) -> None:
    """Table context_marks: one row per mark, on its row or, where its reach is the file, on the first place or the file's first row.

    `item_id` numbers them; `is_of_file`: it holds for all rows of the file; `is_placed`: it names a row. Empty without the file.
    """
    path = parsed / "marks.parquet"
    given = (
        f"read_parquet('{path}', file_row_number = true)"
        if path.is_file()
        else """(SELECT '' AS file_id, 0::BIGINT AS row_number, '' AS column_name, '' AS indicator_id, '' AS mark, '' AS raw_text, 0::BIGINT
            AS count, '' AS reach, 0 AS file_row_number LIMIT 0)"""
    )
    connection.execute(
        f"""CREATE TABLE context_marks AS
            SELECT m.file_row_number AS item_id, r.row_id, m.mark, m.column_name, m.indicator_id, m.raw_text, m.count,
                m.reach = 'file' AS is_of_file, m.row_number IS NOT NULL AS is_placed, r.received_on, r.judged_on,
                r.submission_no, r.slot_no
            FROM {given} m JOIN files f USING (file_id)
            JOIN (SELECT file_no, min(row_id) AS first_row FROM context_rows GROUP BY file_no) h USING (file_no)
            JOIN context_rows r ON r.row_id = coalesce((f.file_no << {ROW_BITS}) + m.row_number, h.first_row)"""
    )
