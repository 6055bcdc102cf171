"""JSON documents (a list of records, at a declared path) and JSON lines, taken apart in DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb

from loaders.encodings import examine, utf8_copy
from loaders.headings import MAX_COLUMNS, Finder
from loaders.opened import MACHINE, Opened
from loaders.parsing import sql_text
from loaders.unreadable import Unreadable
from tiendo.campaign import Source


def open_json(con: duckdb.DuckDBPyConnection, path: Path, source: Source, finder: Finder, kind: str, scratch: Path) -> Opened:
    """A file of records, ready to be filled in; row 1 is the first record. `kind`: json or jsonl. Raises Unreadable."""
    text = examine(path, source.options.encoding, False)
    if text.hint:
        raise Unreadable("unreadable_file", text.hint)
    copy = utf8_copy(path, text, scratch)
    if text.codec == "utf-8-sig":
        copy = scratch / f"{path.name}.plain"
        copy.write_text(path.read_text(encoding="utf-8-sig"), encoding="utf-8")
    _records(con, copy, source, kind)  # once for the keys, once more to fill: other files are opened in between
    keys = con.execute(
        """select key from (
            select row_number, unnest(json_keys(record)) as key, generate_subscripts(json_keys(record), 1) as place from records
        )
        group by key order by min(row_number * 100000 + place) limit ?""",
        [MAX_COLUMNS + 1],
    ).fetchall()
    names = [name for (name,) in keys]
    if len(names) > MAX_COLUMNS:
        raise Unreadable("too_many_columns", f"the records have more than {MAX_COLUMNS:,} keys")
    if con.execute("select count(*) from records").fetchone() == (0,):
        raise Unreadable("no_rows", "the list of records is empty")
    header = finder.find([names])
    if header is None:
        raise finder.missing([names])

    def fill(con: duckdb.DuckDBPyConnection, file_no: int) -> None:
        _records(con, copy, source, kind)
        con.execute(
            f"""insert into fresh select {file_no}, row_number, [{", ".join(_cell(name) for name in names)}], null
            from records where json_type(record) = 'OBJECT'"""
        )
        con.execute(
            f"""insert into fresh select {file_no}, row_number, null, left(record::varchar, 1000)
            from records where json_type(record) <> 'OBJECT'"""
        )
        con.execute("drop table records")

    return Opened(kind, tuple(names), header.columns, fill, encoding=text.encoding)


def _records(con: duckdb.DuckDBPyConnection, path: Path, source: Source, kind: str) -> None:
    """The temp table `records` (row_number, record JSON)."""
    try:
        if kind == "jsonl":
            con.execute(
                """create or replace temp table records as select row_number() over () as row_number, json as record
                from read_json_objects(?, format = 'newline_delimited', maximum_object_size = 67108864)""",
                [str(path)],
            )
            return
        where = "$" + "".join(f'."{part}"' for part in (source.options.records or "").split(".") if part)
        con.execute("create or replace temp table document as select content::json as content from read_text(?)", [str(path)])
        found = con.execute("select json_type(content, $1) from document", [where]).fetchone()
        kind_found = found[0] if found else None
        if kind_found not in ("ARRAY", "OBJECT"):
            place = f"at '{source.options.records}'" if source.options.records else "at the top"
            raise Unreadable(
                "missing_heading",
                f"no list of records {place} of the JSON document (found {kind_found or 'nothing'}); see options: records:",
            )
        star = "[*]" if kind_found == "ARRAY" else ""
        con.execute(
            f"""create or replace temp table records as
            select generate_subscripts(list, 1) as row_number, unnest(list) as record
            from (select {"json_extract(content, $1)" if star else "[json_extract(content, $1)]"} as list from document)""",
            [where + star],
        )
        con.execute("drop table document")
    except duckdb.Error as error:
        raise Unreadable("unreadable_file", f"not valid JSON: {' '.join(str(error).split())[:300]}") from None


def _cell(name: str) -> str:
    """SQL: one value of a record as text; numbers in machine form, lists and objects as JSON."""
    path = sql_text('$."' + name.replace('"', '\\"') + '"')
    number = f"json_type(record, {path}) in ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE')"
    return f"""coalesce(case when {number} then {sql_text(MACHINE)} else '' end
        || ltrim(json_extract_string(record, {path}), {sql_text(MACHINE)}), '')"""
