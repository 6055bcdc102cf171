"""Delimited text: delimiter and header found from the first lines, rows split in DuckDB, no line lost."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv

from loaders.encodings import HEAD, Text, examine, read_head, utf8_copy
from loaders.headings import HEADER_WITHIN, MAX_COLUMNS, Finder, Header
from loaders.opened import Opened
from loaders.parsing import WHITE, sql_text
from loaders.unreadable import Unreadable
from tiendo.campaign import Source

DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
RECORD_LINES = 100  # a quoted cell that runs over more lines than this is a broken quote
FAULT_LENGTH = 1000
_LINES = pa.schema([("row_number", pa.int64()), ("line", pa.string())])


def open_csv(path: Path, source: Source, finder: Finder, vietnamese: bool, scratch: Path) -> Opened:
    """A delimited file, ready to be filled in. Raises Unreadable."""
    text = examine(path, source.options.encoding, vietnamese)
    head = read_head(path, text)
    if not head.strip():
        raise Unreadable("empty_file", "the file holds nothing but white space")
    delimiter, header, last_line = _find(head, source, finder, text)
    if text.hint:
        raise Unreadable("unreadable_file", text.hint)
    width = len(header.names)

    plain = Opened(
        "csv",
        header.names,
        header.columns,
        encoding=text.encoding,
        delimiter=delimiter,
        header_row=header.first + 1,
        above="\n".join(re.split(r"\r\n|\r|\n", head)[: header.first]),
        notes=_notes(text, source),
    )
    if text.has_quotes:

        def fill(con: duckdb.DuckDBPyConnection, file_no: int) -> None:
            _fill_quoted(con, file_no, _lines(utf8_copy(path, text, scratch), text.separator, last_line), delimiter, width)

        return replace(plain, fill=fill)

    def batches() -> Iterator[pa.Table]:
        return _lines(utf8_copy(path, text, scratch), text.separator, last_line)

    split = f"select file_no, row_number, line, string_split(line, {sql_text(delimiter)}) as fields, false as broken from batches_in"
    return replace(plain, batches=batches, insert=_insert(split, delimiter, width))


def _notes(text: Text, source: Source) -> tuple[tuple[str, str, int], ...]:
    """A mark where the encoding is an old one that the campaign does not declare."""
    is_old = text.encoding not in ("utf-8", "utf-16") and text.encoding != source.options.encoding
    return (("legacy_encoding", text.encoding, 1),) if is_old else ()


def _find(head: str, source: Source, finder: Finder, text: Text) -> tuple[str, Header, int]:
    """Delimiter, header (its rows numbered by line) and the last line that belongs to it."""
    declared = source.options.delimiter
    lines = re.split(r"\r\n|\r|\n", head)
    tables = {delimiter: _rows(lines, delimiter) for delimiter in dict.fromkeys((*((declared,) if declared else ()), *DELIMITERS))}
    for delimiter in (declared,) if declared else sorted(tables, key=lambda d: -_regular(tables[d][0])):
        rows, ends = tables[delimiter]
        header = finder.find(rows)
        if header and len(header.names) <= MAX_COLUMNS:
            first_line = ends[header.first - 1] if header.first else 0
            return delimiter, Header(first_line, header.last, header.names, header.columns), ends[header.last]
    widest = max(line.count(delimiter) + 1 for line in lines[:HEADER_WITHIN] for delimiter in tables)
    if widest > MAX_COLUMNS:
        more = "more than " if len(head) >= HEAD - 4 else ""
        raise Unreadable("too_many_columns", f"the file has {more}{widest:,} columns; at most {MAX_COLUMNS:,} are read")
    raise _not_found(tables, declared, finder, text)


def _not_found(tables: dict[str, tuple[list[list[str]], list[int]]], declared: str | None, finder: Finder, text: Text) -> Unreadable:
    best = max(tables, key=lambda d: (finder.hits(tables[d][0])[0], d == declared, _regular(tables[d][0])))
    hint = text.hint
    if not hint and declared and best != declared and finder.hits(tables[best][0])[0] > finder.hits(tables.get(declared, ([], []))[0])[0]:
        hint = f"The cells are separated by {NAMES.get(best, best)}, but the campaign declares {NAMES.get(declared, declared)}"
        return finder.missing(tables[declared][0] if declared in tables else tables[best][0], hint)
    if not hint and not finder.hits(tables[best][0])[0] and _regular(tables[best][0]) == 0:
        hint = "No delimiter (comma, semicolon, tab, bar) parts the lines: is this the right file?"
    if not hint and "\ufffd" in "".join(cell for row in tables[best][0] for cell in row):
        hint = f"Read as {text.encoding}, the file holds broken characters: its encoding is another"
    return finder.missing(tables[best][0], hint)


def _rows(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The first rows, and the line at which each ends. Cells of the header may run over lines, as Excel writes them."""
    before = csv.field_size_limit(HEAD * 2)
    try:
        return _first_rows(lines, delimiter)
    finally:
        csv.field_size_limit(before)  # the limit is the whole process's


def _first_rows(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader((line + "\n" for line in lines[: 3 * HEADER_WITHIN]), delimiter=delimiter)
    rows: list[list[str]] = []
    ends: list[int] = []
    for row in reader:
        rows.append(row[: MAX_COLUMNS + 1])
        ends.append(reader.line_num)
        if len(rows) > HEADER_WITHIN:
            break
    return rows, ends


def _regular(rows: list[list[str]]) -> int:
    """How many of the first rows have the commonest width, widths of one not counted."""
    widths = [len(row) for row in rows if len(row) > 1]
    return max((widths.count(width) for width in set(widths)), default=0)


def _lines(path: Path, separator: str, after: int) -> Iterator[pa.Table]:
    """Numbered lines of a UTF-8 file, those after the header; any line end counts, empty lines keep their number."""
    size = min(max(path.stat().st_size + 64, 1024), 1 << 24)
    try:
        reader = pyarrow.csv.open_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(column_names=["line"], block_size=size),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=separator,
                quote_char=False,
                double_quote=False,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=False,
            ),
            convert_options=pyarrow.csv.ConvertOptions(column_types={"line": pa.string()}, strings_can_be_null=False),
        )
        number = 1
        for batch in reader:
            count = batch.num_rows
            numbers = pa.array(range(number, number + count), pa.int64()) if count < 1000 else _range(number, count)
            number += count
            part = pa.RecordBatch.from_arrays([numbers, batch.column(0)], schema=_LINES)
            if number - count <= after:
                part = part.slice(min(after - (number - count) + 1, count))
            yield pa.Table.from_batches([part])
    except pa.ArrowInvalid as error:
        if "straddling" in str(error):
            raise Unreadable("not_a_table", f"a line has more than {size:,} characters") from None
        raise


def _range(start: int, count: int) -> pa.Array:
    import numpy as np

    return pa.array(np.arange(start, start + count, dtype=np.int64))


def _insert(rows: str, delimiter: str, width: int) -> str:
    """Rows with more cells than headings are kept with their line, unless what is too much is empty; blank rows are no rows."""
    return f"""
        insert into fresh
        select file_no, row_number, case when fault is null then fields end, fault
        from (
            select file_no, row_number, fields,
                case when broken or (len(fields) > {width} and trim(array_to_string(fields[{width + 1}:], '')) <> '')
                    then left(line, {FAULT_LENGTH}) end as fault
            from ({rows})
            where trim(line, {sql_text(WHITE + '"' + delimiter)}) <> ''
        )
    """


def _fill_quoted(con: duckdb.DuckDBPyConnection, file_no: int, batches: Iterator[pa.Table], delimiter: str, width: int) -> None:
    """Files with quotes. Lines that are whole by themselves are split at once; the others are first joined to whole records."""
    con.execute("create or replace temp table quoted_lines (row_number bigint, line varchar)")
    for batch in batches:
        con.register("lines_in", batch)
        con.execute("insert into quoted_lines select * from lines_in")
        con.unregister("lines_in")
    d = re.escape(delimiter)
    whole = rf'(?:(?:"(?:[^"]|"")*"|[^{d}"][^{d}]*|){d})*'
    one = rf'("(?:[^"]|"")*"|[^{d}]*){d}'
    end, between = sql_text(delimiter), sql_text(f'"{delimiter}"')
    con.execute(
        f"""create or replace temp table parted as select row_number, line from quoted_lines
        where contains(line, '"') and not regexp_full_match(line || {end}, {sql_text(whole)})"""
    )
    joined, swallowed, broken = _join(con, re.compile(whole), delimiter)
    con.register(
        "joined", pa.table({"row_number": pa.array(list(joined), pa.int64()), "line": pa.array(list(joined.values()), pa.string())})
    )
    con.register("swallowed", pa.table({"row_number": pa.array(sorted(swallowed), pa.int64())}))
    con.register("broken", pa.table({"row_number": pa.array(sorted(broken), pa.int64())}))
    rows = f"""
        select {file_no} as file_no, row_number, line, broken,
            case when broken then [line] when not contains(line, '"') then string_split(line, {end})
                -- every cell quoted and no quote inside one: much the commonest, and much the fastest
                when not contains(array_to_string(simple, ''), '"') then simple
                else list_transform(
                regexp_extract_all(line || {end}, {sql_text(one)}, 1),
                lambda cell: case when starts_with(cell, '"') and ends_with(cell, '"') and len(cell) > 1
                    then replace(cell[2:-2], '""', '"') else cell end)
            end as fields
        from (
            select *,
                case when starts_with(line, '"') and ends_with(line, '"') then string_split(line[2:-2], {between}) else [line] end as simple
            from (
                select q.row_number, coalesce(j.line, q.line) as line, b.row_number is not null as broken
                from quoted_lines q
                left join joined j using (row_number) left join broken b using (row_number)
                where q.row_number not in (select row_number from swallowed)
            )
        )"""
    con.execute(_insert(rows, delimiter, width))
    for name in ("joined", "swallowed", "broken"):
        con.unregister(name)
    con.execute("drop table quoted_lines; drop table parted")


def _join(con: duckdb.DuckDBPyConnection, whole: re.Pattern[str], delimiter: str) -> tuple[dict[int, str], set[int], set[int]]:
    """Lines that are not whole by themselves: joined records by their first line, the lines they swallow, lines whose quotes are broken.

    Only such lines are looked at one by one. A line that no following lines make whole is broken alone; what follows it stands.
    """
    starts = con.execute("select row_number, line from parted order by row_number").fetchall()
    joined: dict[int, str] = {}
    swallowed: set[int] = set()
    broken: set[int] = set()
    if not starts:
        return joined, swallowed, broken
    lines = con.execute("select line from quoted_lines order by row_number").to_arrow_table().combine_chunks().column(0).chunk(0)
    offset: int = con.execute("select min(row_number) from quoted_lines").fetchall()[0][0]
    for number, line in starts:
        if number in swallowed:
            continue
        record: str = line
        taken: list[int] = []
        for next_number in range(number + 1, min(number + RECORD_LINES, offset + len(lines) - 1) + 1):
            next_line = lines[next_number - offset].as_py()
            record, taken = f"{record}\n{next_line}", [*taken, next_number]
            if next_line.count('"') % 2:
                break
        if taken and whole.fullmatch(record + delimiter):
            joined[number] = record
            swallowed.update(taken)
        else:
            broken.add(number)
    return joined, swallowed, broken
