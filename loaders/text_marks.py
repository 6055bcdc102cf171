"""The texts of a file looked over: what is odd is mended where it is sure what was meant, and marked."""

from __future__ import annotations

import re

import duckdb

from loaders.marks import add_from, add_of_columns
from loaders.mending import ODD, OLD_LETTERS, mended, visible
from loaders.opened import MACHINE, Opened
from loaders.parsing import sql_text
from loaders.personal_data import HIDDEN
from tiendo.campaign import Source

# in a cell that should hold a number, what is there instead is told by the rules over numbers
_NOT_OF_NUMBERS = ("formula_like_text",)


def screen(con: duckdb.DuckDBPyConnection, opened: Opened, vietnamese: bool) -> None:
    """Mend the texts of `fresh` and mark them. One regular expression goes over all text; what it finds is mended per distinct text."""
    pattern = ODD + (f"|{OLD_LETTERS}" if vietnamese else "") + (rf"|{MACHINE}" if opened.format == "csv" else "")
    con.execute(
        f"""create or replace temp table odd_rows as select file_no, row_number, fields from fresh
        where fault is null and regexp_matches(array_to_string(fields, chr(10)), {sql_text(pattern)})"""
    )
    if con.execute("select count(*) from odd_rows").fetchone() != (0,):
        _mend(con, opened, pattern, vietnamese)


def _mend(con: duckdb.DuckDBPyConnection, opened: Opened, pattern: str, vietnamese: bool) -> None:
    con.execute(
        f"""create or replace temp table odd_cells as
        select * from (
            select file_no, row_number, unnest(fields) as cell, generate_subscripts(fields, 1) as place from odd_rows
        ) where place <= {len(opened.headings)} and regexp_matches(cell, {sql_text(pattern)})"""
    )
    texts = [text for (text,) in con.execute("select distinct cell from odd_cells order by 1").fetchall()]
    typed = opened.format != "csv"
    table = []
    for text in texts:
        mark = MACHINE if typed and text.startswith(MACHINE) else ""
        new, marks = mended(text[len(mark) :], vietnamese)
        if marks:
            table.append((text, mark + new, list(marks), visible(text[len(mark) :])))
    con.execute("create or replace temp table mended (cell varchar, new varchar, marks varchar[], shown varchar)")
    if not table:
        return
    con.executemany("insert into mended values (?, ?, ?, ?)", table)
    con.execute(
        """update fresh set fields = m.fields from (
            select o.file_no, o.row_number, list(coalesce(t.new, o.cell) order by o.place) as fields
            from (select file_no, row_number, unnest(fields) as cell, generate_subscripts(fields, 1) as place from odd_rows) o
            left join mended t using (cell)
            group by o.file_no, o.row_number having count(t.cell) > 0
        ) m where fresh.file_no = m.file_no and fresh.row_number = m.row_number"""
    )
    figures = [column + 1 for use, column in opened.columns.items() if use.split(".")[0] in ("figure", "value")]
    marked = """select file_no, row_number, place, unnest(marks) as mark, shown as raw_text from odd_cells join mended using (cell)"""
    of_numbers = ", ".join(sql_text(mark) for mark in _NOT_OF_NUMBERS)
    told = f"select * from ({marked}) where not (mark in ({of_numbers}) and place in (select unnest({figures}::bigint[])))"
    add_from(con, opened, f"select * from ({told}) where mark = 'formula_like_text'")
    add_of_columns(con, opened, f"select * from ({told}) where mark <> 'formula_like_text'")


def check_forms(con: duckdb.DuckDBPyConnection, opened: Opened, source: Source) -> None:
    """Mark cells that do not have the form which the campaign gives for their column (`checks:`); empty ones are let be, and so are
    those in which personal data was hidden."""
    for n, pattern in enumerate(source.checks.values()):
        column = opened.columns.get(f"check.{n}")
        if column is None:
            continue
        cell = f"trim(ltrim(fields[{column + 1}], {sql_text(MACHINE)}))"
        add_from(
            con,
            opened,
            f"""select file_no, row_number, {column + 1} as place, 'column_form' as mark, left({cell}, 300) as raw_text
            from fresh where fault is null and {cell} <> '' and not regexp_full_match({cell}, {sql_text(pattern)})
                and not contains({cell}, '{HIDDEN}')""",
        )


def code_as_text(code: str) -> str:
    """A unit's code that a spreadsheet wrote as a number: 303.0 and 3.03E+02 are 303; other codes as they are."""
    if re.fullmatch(r"[0-9]+\.0+", code):
        return code.split(".")[0]
    if re.fullmatch(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}", code):
        value = float(code)
        return str(int(value)) if value.is_integer() and value < 1e15 else code
    return code
