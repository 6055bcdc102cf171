"""A form to fill in, as a workbook: filled in as meant, it passes.

The table has the source's own headings. What stands above it, and the columns to its right, the readers leave alone; only the cells
to fill in can be edited (the sheet is protected without a password: against slips, not against people).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from publishers.receipts.compare import compare
from publishers.receipts.form import Column, Form
from publishers.receipts.guide import GUIDE_LISTS, guide, heading_lines
from publishers.receipts.steady import steady
from publishers.receipts.words import correction_words, words
from tiendo.campaign import Indicator
from tiendo.text import fold

_CREATED = datetime(1980, 1, 1)
_SUMS = 12  # lines of sums above the table; more would push its headings out of sight
_WIDTHS = {"code": 12, "name": 28, "as_of": 13, "slot": 14, "indicator": 34, "figure": 18, "sender": 24, "role": 22, "correction": 13}


def write_template(form: Form, language: str) -> bytes:
    """The form as an XLSX; the same bytes for the same form."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"created": _CREATED, "title": form.campaign.name.vi})
        sheet = FormSheet(book, form, language)
        sheet.write()
        compare(book, sheet)
        guide(book, form, language, sheet.lists)
    return steady(buffer.getvalue())


class FormSheet:
    """The sheet with the table: where each column and row stands, and the formats."""

    def __init__(self, book: Any, form: Form, language: str) -> None:
        self.form, self.language, self.say = form, language, words(language)
        self.title = (form.source.options.sheet or self.say["sheet"])[:31]
        self.sheet = book.add_worksheet(self.title)
        self.columns = _with_name(form, self.say)
        self.at = {column.heading: n for n, column in enumerate(self.columns)}
        self.figures = [n for n, column in enumerate(self.columns) if column.use == "figure"]
        self.lasts: dict[int, int] = {}  # column of a figure -> column of its last accepted value
        self.right = 0
        self.lists: list[list[str]] = []  # choices too long for a cell's own list: the guide has them beside its text
        self.top = self._top()
        self.header = form.source.options.header_row - 1 if form.source.options.header_row else len(self.top) + 1
        if form.source.options.header_row and self.header <= len(self.top):
            self.top = []  # the source says where its headings stand: what does not fit above them stands in the guide
        self.first, self.last = self.header + 1, self.header + len(form.rows)
        number = {"num_format": "#,##0.######" if any(i.fractional for i in form.indicators) else "#,##0"}
        day, edge = {"num_format": "dd/mm/yyyy"}, {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
        given, asked, beside = {"bg_color": "#F2F2F2"}, {"bg_color": "#FFF9C4", "locked": False}, {"font_color": "#595959"}
        formats = {
            "title": {"bold": True, "font_size": 14}, "line": {}, "warn": {"bold": True, "font_color": "#B71C1C"},
            "header": edge | {"bold": True, "text_wrap": True, "align": "center", "bg_color": "#1F4E79", "font_color": "#FFFFFF"},
            "side": edge | {"bold": True, "text_wrap": True, "align": "center", "bg_color": "#7F7F7F", "font_color": "#FFFFFF"},
            "given": edge | given | {"num_format": "@"}, "given_day": edge | given | day, "input": edge | asked | {"num_format": "@"},
            "input_number": edge | asked | number, "beside": edge | beside, "beside_number": edge | beside | number,
            "beside_day": edge | beside | day,
            "check": edge | {"font_color": "#B71C1C", "text_wrap": True}, "sum_label": {"bold": True}, "sum": {"bold": True} | number,
            "doubt": {"bg_color": "#FFCC80"},
        }  # fmt: skip
        self.formats = {name: book.add_format(wanted) for name, wanted in formats.items()}

    def write(self) -> None:
        sheet = self.sheet
        for line, (text, kind) in enumerate(self.top):
            sheet.write_string(line, 0, text, self.formats[kind])
        self._sums()
        for n, column in enumerate(self.columns):
            sheet.write_string(self.header, n, column.heading, self.formats["header"])
            sheet.set_column(n, n, _WIDTHS.get(column.use.split(".")[0], 16))
        for line, row in enumerate(self.form.rows, self.first):
            for n, column in enumerate(self.columns):
                self._cell(line, n, column, row)
        self._beside()
        self._validations()
        self._finish()

    def _top(self) -> list[tuple[str, str]]:
        lines = heading_lines(self.form, self.language)
        return lines + [("", "line")] * len(self._summed())

    def _summed(self) -> list[tuple[str, str]]:
        """(label, indicator) of the lines of sums: one for a wide table, one per indicator for a long one."""
        form = self.form
        if len({row["unit_code"] for row in form.rows}) < 2:
            return []
        if form.source.layout == "wide":
            return [(self.say["sum"], "")]
        return [(f"{self.say['sum']}: {self.name(i)}", i.id) for i in form.indicators] if len(form.indicators) <= _SUMS else []

    def _sums(self) -> None:
        summed = self._summed() if self.top else []
        for line, (label, indicator) in enumerate(summed, len(self.top) - len(summed)):
            self.sheet.write_string(line, 0, label, self.formats["sum_label"])
            for n in self.figures:
                cells = f"{xl_rowcol_to_cell(self.first, n)}:{xl_rowcol_to_cell(self.last, n)}"
                formula = f"=SUM({cells})"
                if indicator:
                    named = self.at[str(self.form.source.indicator)]
                    keys = f"{xl_rowcol_to_cell(self.first, named)}:{xl_rowcol_to_cell(self.last, named)}"
                    called = next(row["cells"][self.columns[named].heading] for row in self.form.rows if row["indicator"] == indicator)
                    formula = f'=SUMIF({keys},"{called.replace(chr(34), chr(34) * 2)}",{cells})'
                self.sheet.write_formula(line, n, formula, self.formats["sum"], 0)

    def _cell(self, line: int, n: int, column: Column, row: dict[str, Any]) -> None:
        value = row["unit_name"] if column.use == "shown" else row["cells"].get(column.heading)
        if column.use == "figure":
            self.sheet.write_blank(line, n, None, self.formats["input_number"])
        elif isinstance(value, date):
            self.sheet.write_datetime(line, n, datetime(value.year, value.month, value.day), self.formats["given_day"])
        else:
            is_asked = column.use in ("sender", "role", "correction") or (column.use == "slot" and len(self.form.slots) > 1)
            self.sheet.write_string(line, n, str(value or ""), self.formats["input" if is_asked else "given"])

    def name(self, indicator: Indicator) -> str:
        return indicator.name.vi if self.language == "vi" else indicator.name.en

    def indicator_at(self, n: int, row: dict[str, Any]) -> Indicator:
        wanted = self.columns[n].indicator or row["indicator"]
        return next(i for i in self.form.indicators if i.id == wanted)

    def _beside(self) -> None:
        """To the right of the table: last accepted values and their day. No formula: readers would read it as part of the rows."""
        at, sheet = len(self.columns), self.sheet
        self.lasts = {n: at + position for position, n in enumerate(self.figures)}
        day_at = self.right = at + len(self.figures)
        titles = {self.lasts[n]: f"{self.say['last']}: {self.columns[n].heading}" for n in self.figures} | {day_at: self.say["last_day"]}
        for n, title in titles.items():
            sheet.write_string(self.header, n, title, self.formats["side"])
            sheet.set_column(n, n, 16)
        for line, row in enumerate(self.form.rows, self.first):
            found = {n: self.form.last.get((row["unit_code"], self.indicator_at(n, row).id)) for n in self.figures}
            for n, last in found.items():
                sheet.write(line, self.lasts[n], last[0] if last else None, self.formats["beside_number"])
            newest = max((last[1] for last in found.values() if last), default=None)
            sheet.write(line, day_at, newest, self.formats["beside_day"])
            for n, other, sign in self.doubts(row):
                cell, than = xl_rowcol_to_cell(line, n), xl_rowcol_to_cell(line, other)
                doubt = f"=AND(ISNUMBER({cell}),ISNUMBER({than}),{cell}{sign}{than})"
                sheet.conditional_format(line, n, line, n, {"type": "formula", "criteria": doubt, "format": self.formats["doubt"]})

    def doubts(self, row: dict[str, Any]) -> Iterator[tuple[int, int, str]]:
        """(column, other column, sign): a figure looks wrong when it is < the last of a cumulative one, or > its whole."""
        here = {self.indicator_at(n, row).id: n for n in self.figures}
        for n in here.values():
            indicator = self.indicator_at(n, row)
            if indicator.kind == "cumulative":
                yield n, self.lasts[n], "<"
            if indicator.part_of in here:
                yield n, here[indicator.part_of], ">"

    def _validations(self) -> None:
        first, last, say = self.first, self.last, self.say
        for n, column in enumerate(self.columns):
            if column.use == "figure":
                fractional = any(i.fractional for i in self.form.indicators if column.indicator in ("", i.id))
                rule: dict[str, Any] = {
                    "validate": "decimal" if fractional else "integer", "criteria": ">=", "value": 0, "ignore_blank": True,
                    "error_title": say["number_title"], "error_message": say["number_decimal" if fractional else "number_whole"],
                    "input_title": column.heading[:32], "input_message": self._hint(column)[:255],
                }  # fmt: skip
                self.sheet.data_validation(first, n, last, n, rule)
            for top, bottom, choices in self._choices(column):
                rule = {
                    "validate": "list",
                    "source": self._source_of(choices),
                    "error_title": say["choice_title"],
                    "error_message": say["choice"],
                }
                self.sheet.data_validation(top, n, bottom, n, rule)

    def _choices(self, column: Column) -> Iterator[tuple[int, int, list[str]]]:
        """First row, last row, what may be chosen there; who may report differs from unit to unit."""
        if column.use == "sender":
            asked = [(line, self.form.senders_of.get(row["unit_code"], [])) for line, row in enumerate(self.form.rows, self.first)]
            for choices, lines in groupby(asked, key=lambda each: each[1]):
                rows = [line for line, _ in lines]
                if choices:
                    yield rows[0], rows[-1], choices
            return
        slots = [slot["slot_name"] for slot in self.form.slots] if len(self.form.slots) > 1 else []
        choices = {"slot": slots, "role": list(self.form.source.allowed_roles), "correction": correction_words()}.get(column.use, [])
        if choices:
            yield self.first, self.last, choices

    def _source_of(self, choices: list[str]) -> list[str] | str:
        """The choices themselves, or where the guide lists them: a cell's own list holds 255 characters, and no comma."""
        if sum(len(choice) + 1 for choice in choices) < 255 and not any("," in choice for choice in choices):
            return choices
        if choices not in self.lists:
            self.lists.append(choices)
        column = GUIDE_LISTS + self.lists.index(choices)
        cells = f"{xl_rowcol_to_cell(0, column, True, True)}:{xl_rowcol_to_cell(len(choices) - 1, column, True, True)}"
        return f"='{self.say['guide']}'!{cells}"

    def _hint(self, column: Column) -> str:
        if not column.indicator:
            return self.say["number_whole"]
        indicator = next(i for i in self.form.indicators if i.id == column.indicator)
        return f"{self.name(indicator)}. {self.say[indicator.kind]}"

    def _finish(self) -> None:
        sheet = self.sheet
        first_input = min(self.figures, default=0)
        sheet.freeze_panes(self.first, min(first_input, 4))
        sheet.set_row(self.header, 48)
        sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(self.header)
        sheet.print_area(0, 0, self.last, self.right)
        sheet.set_footer("&L&A&R&P/&N")
        sheet.set_selection(self.first, first_input, self.first, first_input)


def _with_name(form: Form, say: dict[str, str]) -> list[Column]:
    """The source's columns, and the unit's name beside its code where the source has no heading for it (the readers pass over it)."""
    columns = list(form.columns)
    taken = {fold(column.heading) for column in columns} | {fold(heading) for heading in form.source.headings}
    if not any(column.use.startswith("name.") for column in columns) and fold(say["unit_name"]) not in taken:
        at = 1 + max((n for n, column in enumerate(columns) if column.use.startswith("code")), default=-1)
        columns.insert(at, Column(say["unit_name"], "shown"))
    return columns
