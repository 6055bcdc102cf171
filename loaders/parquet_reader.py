"""Parquet files: typed values in machine form."""

from __future__ import annotations

from pathlib import Path

import duckdb

from loaders.headings import MAX_COLUMNS, Finder
from loaders.opened import MACHINE, Opened
from loaders.parsing import sql_text
from loaders.unreadable import Unreadable


def open_parquet(con: duckdb.DuckDBPyConnection, path: Path, finder: Finder, zone: str) -> Opened:
    """A Parquet file, ready to be filled in; moments come as wall clock of `zone`. Raises Unreadable."""
    try:
        columns = con.execute("describe select * from read_parquet(?, hive_partitioning = false)", [str(path)]).fetchall()
    except duckdb.Error as error:
        raise Unreadable("unreadable_file", f"the Parquet file cannot be opened: {' '.join(str(error).split())[:300]}") from None
    names = [column[0] for column in columns]
    if len(names) > MAX_COLUMNS:
        raise Unreadable("too_many_columns", f"the file has {len(names):,} columns; at most {MAX_COLUMNS:,} are read")
    header = finder.find([names])
    if header is None:
        raise finder.missing([names])
    cells = ", ".join(f"coalesce({_cell(column[0], column[1], zone)}, '')" for column in columns)

    def fill(con: duckdb.DuckDBPyConnection, file_no: int) -> None:
        con.execute(
            f"""insert into fresh select {file_no}, file_row_number + 1, [{cells}], null
            from read_parquet(?, hive_partitioning = false, file_row_number = true)""",
            [str(path)],
        )

    return Opened("parquet", tuple(names), header.columns, fill)


def _cell(name: str, kind: str, zone: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    mark = sql_text(MACHINE)
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = floor({column}) and abs({column}) < 1e15"
        return f"{mark} || case when {whole} then {column}::bigint::varchar else {column}::varchar end"
    if kind.startswith(
        ("DECIMAL", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
    ):
        return f"{mark} || {column}::varchar"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"{mark} || timezone({sql_text(zone)}, {column})::varchar"
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return f"{mark} || {column}::timestamp::varchar"
    return f"ltrim({column}::varchar, {mark})"
