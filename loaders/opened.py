"""What every reader makes of a file: how it was read, its header, and its rows as text in DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

MACHINE = "\x1f"  # before a number or date that the file holds typed: no locale applies to it


@dataclass(frozen=True)
class Opened:
    """A file whose header was found. `fill(con)` inserts its rows into `fresh`; it may raise Unreadable.

    `fresh` has row_number (as the sender sees it), fields VARCHAR[] (one per heading, null or text, typed values in machine
    form) and fault (the raw line where the row cannot be read, else null).
    """

    format: str
    headings: tuple[str, ...]
    columns: dict[str, int]
    fill: Callable[[duckdb.DuckDBPyConnection], None]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None


FRESH = "create or replace temp table fresh (row_number bigint, fields varchar[], fault varchar)"
