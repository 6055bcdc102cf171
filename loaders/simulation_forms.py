"""Simulated reports as bytes: the same bytes from the same rows, on every machine."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime
from typing import TypeAlias

import xlsxwriter

from loaders.simulation_plan import Form

Cell: TypeAlias = "str | int | date | None"

WRITER = f"XlsxWriter {xlsxwriter.__version__}"  # another version may write other bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can hold
_CREATED = datetime(1980, 1, 1)


def written(form: Form, headings: list[str], rows: list[dict[str, Cell]]) -> bytes:
    """The file of a report in its form. A cell is a text, a whole number, a day, or None for an empty one."""
    table = [[row.get(heading) for heading in headings] for row in rows]
    return _xlsx(form, headings, table) if form.format == "xlsx" else _csv(form, headings, table)


def number_text(form: Form, value: int) -> str:
    """A whole number as the form writes it in text: 1.167.685."""
    return f"{value:,}".replace(",", form.thousands)


def _csv(form: Form, headings: list[str], table: list[list[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=form.delimiter, lineterminator="\r\n")
    writer.writerows([line] for line in form.title)
    writer.writerow(headings)
    writer.writerows([_text(form, cell) for cell in row] for row in table)
    return text.getvalue().encode(form.encoding)


def _text(form: Form, cell: Cell) -> str:
    if isinstance(cell, date):
        return cell.strftime(form.dates)
    return number_text(form, cell) if isinstance(cell, int) else cell or ""


def _xlsx(form: Form, headings: list[str], table: list[list[Cell]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": _CREATED})
        bold, number = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0"})
        day, moment = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet = book.add_worksheet(form.sheet)
        sheet.set_column(0, len(headings) - 1, 18)
        for line, text in enumerate(form.title):
            sheet.write_string(line, 0, text, bold)
        top = len(form.title)
        sheet.write_row(top, 0, headings, bold)
        for line, row in enumerate(table, start=top + 1):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(line, column, cell, moment)
                elif isinstance(cell, date):
                    sheet.write_datetime(line, column, datetime(cell.year, cell.month, cell.day), day)
                elif isinstance(cell, int):
                    sheet.write_number(line, column, cell, number)
                elif cell is not None:
                    sheet.write_string(line, column, cell)
    return _uncompressed(buffer.getvalue())


def _uncompressed(archive: bytes) -> bytes:
    """The same archive with its members stored: compressed bytes differ between builds of zlib."""
    stored = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as found, zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as target:
        for name in found.namelist():
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system = 3  # zipfile would put the system it runs on
            target.writestr(member, found.read(name))
    return stored.getvalue()
