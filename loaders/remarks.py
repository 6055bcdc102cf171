"""What rows say beside their figures: codes of remarks (why a step is stuck, what works), or free text."""

from __future__ import annotations

import duckdb

from loaders.marks import add_from
from loaders.opened import Opened
from loaders.parsing import shown, sql_text, trimmed
from tiendo.campaign import Campaign, Source
from tiendo.remarks import UNKNOWN, Remark, words_of
from tiendo.text import fold

MARK = "unknown_remark"
LONGEST = 500  # letters of a free text that are kept

TABLE = "create table said (file_no integer, row_number bigint, remark_id varchar, code varchar, raw_text varchar);"


def pick(con: duckdb.DuckDBPyConnection, opened: Opened, source: Source, campaign: Campaign) -> None:
    """Put what the rows of `fresh` say into `said`, and marks on words that are none of a remark's codes.

    One row per code; one without a code for free text, and one without text where the cell is empty: nothing is stuck any more.
    Personal data was hidden before.
    """
    known = {remark.id: remark for remark in campaign.remarks}
    for remark_id in source.remarks:
        column = opened.columns.get(f"remark.{remark_id}")
        if column is not None:
            cell = f"nullif({trimmed(shown(f'fields[{column + 1}]'))}, '')"
            _pick_codes(con, opened, known[remark_id], column, cell) if known[remark_id].codes else _pick_text(con, remark_id, cell)


def _pick_text(con: duckdb.DuckDBPyConnection, remark_id: str, cell: str) -> None:
    con.execute(
        f"""insert into said select file_no, row_number, {sql_text(remark_id)}, null, left({cell}, {LONGEST})
        from fresh where fault is null"""
    )


def _pick_codes(con: duckdb.DuckDBPyConnection, opened: Opened, remark: Remark, column: int, cell: str) -> None:
    con.execute(
        rf"""create or replace temp table words as
        select file_no, row_number, {trimmed("part")} as word, cell from (
            select file_no, row_number, {cell} as cell, unnest(string_split_regex({cell}, '[;,/\n]')) as part from fresh
            where fault is null and {cell} is not null
        ) where {trimmed("part")} <> ''"""
    )
    meant = {word: code.id for code in remark.codes for word in words_of(code)}
    found = [(word, meant.get(fold(word), UNKNOWN)) for (word,) in con.execute("select distinct word from words").fetchall()]
    con.execute("create or replace temp table coded (word varchar, code varchar)")
    if found:
        con.executemany("insert into coded values (?, ?)", found)
    con.execute(
        f"""insert into said
        select distinct file_no, row_number, {sql_text(remark.id)}, code, left(cell, {LONGEST}) from words join coded using (word)
        union all
        select file_no, row_number, {sql_text(remark.id)}, null, null from fresh
        where fault is null and (file_no, row_number) not in (select (file_no, row_number) from words)"""
    )
    add_from(
        con,
        opened,
        f"""select distinct file_no, row_number, {column + 1} as place, '{MARK}' as mark, left(word, 300) as raw_text
        from words join coded using (word) where code = '{UNKNOWN}'""",
    )


def write(con: duckdb.DuckDBPyConnection, target: str) -> None:
    """remarks.parquet, in the order of files and rows."""
    con.execute(
        f"""copy (
            select f.file_id, s.* exclude (file_no) from said s join files f using (file_no)
            order by s.file_no, s.row_number, s.remark_id, s.code
        ) to {sql_text(target)} (format parquet)"""
    )
