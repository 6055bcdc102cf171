"""What the readers noticed of a text, at which place: the relation that rules `over: marks` are predicates of.

A mark says what was seen (its name is in `fails` of the rule that speaks of it) and never changes a row's lane by itself.
"""

from __future__ import annotations

import duckdb

from loaders.opened import Opened
from loaders.parsing import sql_text

# reach: row, or file where what was seen holds for all rows of the file (row_number is then the first place, or null).
# raw_text: what to show, with personal data hidden. count: cells of the column in which it was seen.
TABLE = """
create table marks (
    file_no integer, row_number bigint, column_name varchar, indicator_id varchar, mark varchar, raw_text varchar, count bigint,
    reach varchar
);
"""


def add_from(con: duckdb.DuckDBPyConnection, opened: Opened, query: str) -> None:
    """Marks on single cells from `query` (file_no, row_number, place, mark, raw_text); place: number of the column, 1 = first."""
    indicators = {column: use.removeprefix("figure.") for use, column in opened.columns.items() if use.startswith("figure.")}
    names = [(n + 1, name, indicators.get(n)) for n, name in enumerate(opened.headings)]
    con.execute("create or replace temp table headings (place bigint, column_name varchar, indicator_id varchar)")
    con.executemany("insert into headings values (?, ?, ?)", names or [(None, None, None)])
    con.execute(
        f"""insert into marks select q.file_no, q.row_number, h.column_name, h.indicator_id, q.mark, q.raw_text, 1, 'row'
        from ({query}) q left join headings h using (place)"""
    )


def add_of_columns(con: duckdb.DuckDBPyConnection, opened: Opened, query: str) -> None:
    """Like `add_from`, one mark per file, column and mark: the first place, and how many cells there are."""
    before = f"({query})"
    con.execute(
        f"""create or replace temp table first_marks as select file_no, min(row_number) as row_number, place, mark,
            arg_min(raw_text, row_number) as raw_text, count(*) as count from {before} group by file_no, place, mark"""
    )
    names = "[" + ", ".join(sql_text(name) for name in opened.headings) + "]"
    con.execute(
        f"""insert into marks select file_no, row_number, {names}[place], null, mark, raw_text, count, 'file'
        from first_marks order by file_no, place, mark"""
    )


def add_of_file(con: duckdb.DuckDBPyConnection, file_no: int, mark: str, raw_text: str, count: int = 1) -> None:
    """A mark on a whole file."""
    con.execute("insert into marks values (?, null, null, null, ?, ?, ?, 'file')", [file_no, mark, raw_text, count])


def write(con: duckdb.DuckDBPyConnection, target: str) -> None:
    """marks.parquet, in the order of files and rows."""
    con.execute(
        f"""copy (
            select f.file_id, m.* exclude (file_no) from marks m join files f using (file_no)
            order by m.file_no, m.row_number nulls first, m.mark, m.column_name, m.indicator_id, m.raw_text
        ) to {sql_text(target)} (format parquet)"""
    )
