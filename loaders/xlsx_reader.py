"""Excel workbooks through calamine: typed cells in machine form, formulas by their stored value."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from loaders.headings import HEADER_WITHIN, MAX_COLUMNS, Finder, Header
from loaders.opened import MACHINE, Opened
from loaders.unreadable import Unreadable
from loaders.workbook_facts import SUSPECT, SheetFacts, place_name, sheet_facts
from tiendo.campaign import Source

MAX_UNPACKED = 1 << 29  # bytes of XML inside a workbook: more than this is a bomb or a mistake
FAR_DOWN = 3000  # rows that a sheet with more than 702 columns may have
FILLED_CELLS = 200_000  # cells that merged ranges may fill


def open_xlsx(path: Path, source: Source, finder: Finder) -> Opened:
    """A workbook's named sheet, or its first sheet with the declared headings, ready to be filled in. Raises Unreadable."""
    _refuse_bomb(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            name, rows, header = _find_sheet(book, source, finder)
            others = [] if source.options.sheet else _other_tables(book, name, finder)
    except CalamineError as error:
        raise Unreadable("unreadable_file", f"the workbook cannot be opened: {_reason(error)}") from None
    facts = sheet_facts(path, name)
    for (row, column), text in facts.odd_cells.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    table = _table(rows[header.last + 1 :], header.last + 2, len(header.names))
    above = "\n".join(_plain(cell) for row in rows[: header.first] for cell in row if cell != "")
    notes = _notes(rows, header, facts, others)
    screened = frozenset(cell.strip() for row in rows for cell in row if isinstance(cell, str) and SUSPECT.search(cell))
    insert = "insert into fresh select file_no, row_number, fields, fault from batches_in"
    return Opened(
        "xlsx",
        header.names,
        header.columns,
        None,
        lambda: iter([table]),
        insert,
        sheet=name,
        header_row=header.first + 1,
        above=above,
        screened=screened,
        notes=notes,
    )


def _other_tables(book: CalamineWorkbook, own: str, finder: Finder) -> list[str]:
    """Names of the sheets, hidden ones too, that hold the declared headings like the one that is read."""
    found = []
    for name in [sheet.name for sheet in book.sheets_metadata if "WorkSheet" in str(sheet.typ)]:
        sheet = book.get_sheet_by_name(name) if name != own else None
        if sheet is None or sheet.end is None:
            continue
        rows = sheet.to_python(skip_empty_area=False, nrows=HEADER_WITHIN + 5)
        header = finder.find([[_plain(cell) for cell in row[: MAX_COLUMNS + 1]] for row in rows])
        if header and len(rows) > header.last + 1:
            found.append(name)
    return found


def _notes(rows: list[list[Any]], header: Header, facts: SheetFacts, others: list[str]) -> tuple[tuple[str, str, int], ...]:
    """Marks on the whole file: figures that are hidden, merged cells among the rows, other sheets with figures."""
    figures = {column for use, column in header.columns.items() if use.split(".")[0] in ("figure", "value")}
    below = range(header.last + 1, len(rows))
    hidden = sorted(
        n for n in facts.hidden_rows if n in below and any(rows[n][column] != "" for column in figures if column < len(rows[n]))
    )
    columns = sorted(figures & facts.hidden_columns)
    merged = [ranges for ranges in facts.merged if ranges[2] in below]
    notes = []
    if hidden or columns:
        places = [str(n + 1) for n in hidden[:5]] + [place_name(0, n)[:-1] for n in columns[:5]]
        notes.append(("hidden_figures", ", ".join(places), len(hidden) + len(columns)))
    if merged:
        shown = [f"{place_name(top, left)}:{place_name(bottom, right)}" for top, left, bottom, right in merged[:5]]
        notes.append(("merged_cells", ", ".join(shown), len(merged)))
    if others:
        notes.append(("more_sheets_with_figures", ", ".join(others[:5]), len(others)))
    return tuple(notes)


def _table(rows: list[list[Any]], first: int, width: int) -> pa.Table:
    """Rows that hold anything, as texts, numbered from `first`; a row with cells beyond the headings becomes a fault."""
    found = [(n, [_text(cell) for cell in row]) for n, row in enumerate(rows, first)]
    kept = [(n, cells) for n, cells in found if any(cell.strip() for cell in cells)]
    faults = [_fault(cells, width) for _, cells in kept]
    return pa.table(
        {
            "row_number": pa.array([n for n, _ in kept], pa.int64()),
            "fields": pa.array([None if fault else cells for (_, cells), fault in zip(kept, faults, strict=True)], pa.list_(pa.string())),
            "fault": pa.array(faults, pa.string()),
        }
    )


def _find_sheet(book: CalamineWorkbook, source: Source, finder: Finder) -> tuple[str, list[list[Any]], Header]:
    names = [sheet.name for sheet in book.sheets_metadata if "WorkSheet" in str(sheet.typ)] or list(book.sheet_names)
    wanted = source.options.sheet
    if wanted is not None:
        match = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
        if not match:
            raise Unreadable("missing_heading", f"sheet '{wanted}' is not there; the workbook has {', '.join(repr(n) for n in names[:10])}")
        names = match
    failures: list[tuple[int, Unreadable]] = []
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if sheet.end is None:
            continue
        rows = _rows(sheet)
        texts = [[_plain(cell) for cell in row[: MAX_COLUMNS + 1]] for row in rows[: HEADER_WITHIN + 1]]
        header = finder.find(texts)
        if header and len(header.names) > MAX_COLUMNS:
            raise Unreadable("too_many_columns", f"sheet '{name}' has {len(rows[0]):,} columns; at most {MAX_COLUMNS:,} are read")
        if header:
            return name, rows, header
        if len(rows[0]) > MAX_COLUMNS:
            raise Unreadable("too_many_columns", f"sheet '{name}' has {len(rows[0]):,} columns; at most {MAX_COLUMNS:,} are read")
        failures.append((finder.hits(texts)[0], finder.missing(texts, f"Sheet '{name}'")))
    if not failures:
        raise Unreadable("empty_file", "no sheet of the workbook holds a cell")
    raise max(failures, key=lambda found: found[0])[1]


def _rows(sheet: CalamineSheet) -> list[list[Any]]:
    """All rows from A1 on. A merged cell's text or date stands in each of its cells; a number stays where it is, or it
    would be counted twice."""
    assert sheet.end is not None
    if (sheet.end[0] + 1) * (sheet.end[1] + 1) > 50_000_000:
        raise Unreadable(
            "unreadable_file", f"sheet '{sheet.name}' spans {sheet.end[0] + 1:,} rows and {sheet.end[1] + 1:,} columns, nearly all empty"
        )
    rows = sheet.to_python(skip_empty_area=False)
    left = FILLED_CELLS
    for (top, start), (bottom, end) in sheet.merged_cell_ranges or []:
        bottom, end = min(bottom, len(rows) - 1), min(end, len(rows[0]) - 1)
        left -= max(0, bottom - top + 1) * max(0, end - start + 1)
        if left < 0:
            break
        if top >= len(rows) or start >= len(rows[top]):
            continue
        value = rows[top][start]
        if isinstance(value, bool | int | float) or value == "":
            continue
        # only downwards below the header: a text over several columns is a title or a remark
        for row in range(top, bottom + 1):
            for column in range(start, (end if bottom == top and top < HEADER_WITHIN else start) + 1):
                rows[row][column] = value
    return rows


def _text(cell: Any) -> str:
    """A cell as text; numbers and dates in machine form."""
    if isinstance(cell, str):
        return cell.lstrip(MACHINE)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return MACHINE + (str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell))
    if isinstance(cell, int):
        return f"{MACHINE}{cell}"
    if isinstance(cell, datetime):
        return MACHINE + cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return f"{MACHINE}{cell} 00:00:00"
    if isinstance(cell, time | timedelta):
        return str(cell)
    return ""


def _plain(cell: Any) -> str:
    return _text(cell).lstrip(MACHINE)


def _fault(cells: list[str], width: int) -> str | None:
    """The row's text where it has cells beyond the headings; numbers there would be lost."""
    beyond = [cell for cell in cells[width:] if cell.strip()]
    return " | ".join(cell.lstrip(MACHINE) for cell in cells)[:1000] if beyond else None


def _refuse_bomb(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
            spread = size <= MAX_UNPACKED and next(
                (n for n in archive.namelist() if n.startswith("xl/worksheets/") and _is_spread(archive, n)), None
            )
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable("unreadable_file", f"the workbook cannot be opened: {_reason(error)}") from None
    if size > MAX_UNPACKED:
        raise Unreadable("unreadable_file", f"the workbook unpacks to {size:,} bytes; at most {MAX_UNPACKED:,} are read")
    if spread:
        raise Unreadable("unreadable_file", f"{spread} spans thousands of rows and of columns, nearly all empty: save the table alone")


def _is_spread(archive: zipfile.ZipFile, member: str) -> bool:
    """Whether a sheet has both cells far right and cells far down: opening it would take memory for all that lies between."""
    last_row, far_right, rest = 0, False, b""
    with archive.open(member) as sheet:
        while chunk := sheet.read(1 << 20):
            piece = rest + chunk
            rows = re.findall(rb'<(?:\w+:)?row [^>]*?\br="(\d{1,9})', piece)
            last_row = max(last_row, *map(int, rows[-1:])) if rows else last_row
            far_right = far_right or re.search(rb'\br="[A-Z]{3}\d', piece) is not None
            rest = piece[-200:]
    return far_right and last_row > FAR_DOWN


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
