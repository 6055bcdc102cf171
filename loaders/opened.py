"""What every reader makes of a file: how it was read, its header, and its rows as text in DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

MACHINE = "\x1f"  # before a number or date that the file holds typed: no locale applies to it

FRESH = "create or replace temp table fresh (file_no integer, row_number bigint, fields varchar[], fault varchar)"


@dataclass(frozen=True)
class Opened:
    """A file whose header was found; its rows go to `fresh`, in one of two ways, and either may raise Unreadable.

    `fresh` has row_number (as the sender sees it), fields (text per heading, '' or beyond the end where the cell is empty, typed values
    in machine form) and fault (the raw line where the row cannot be read, else null).

    `fill(con, file_no)` inserts them. Or `batches()` yields them as Arrow tables, and `insert` is the SQL that moves such tables, with
    file_no added and those of files with the same layout put together, from `batches_in` to `fresh`: small files cost little then.
    """

    format: str
    headings: tuple[str, ...]
    columns: dict[str, int]
    fill: Callable[[duckdb.DuckDBPyConnection, int], None] | None = None
    batches: Callable[[], Iterator[pa.Table]] | None = None
    insert: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    above: str = ""  # texts above the header
    screened: frozenset[str] = frozenset()  # a workbook's texts that its own sheet shows, so that they are looked at there
    notes: tuple[tuple[str, str, int], ...] = ()  # marks on the whole file: name, what was seen, how often

    @property
    def layout(self) -> tuple[object, ...]:
        """Files of one source with equal layouts are picked together."""
        return self.headings, tuple(self.columns.items()), self.insert
