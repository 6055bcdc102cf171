"""The sheet beside the form: what was added since the last accepted figures, and what to look at again, worked out as one types.

It is a sheet of its own because a formula inside the table would be read as part of a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell

if TYPE_CHECKING:
    from publishers.receipts.template import FormSheet

_LABEL = 60  # characters of a heading inside a formula, whose texts Excel limits


def compare(book: Any, form_sheet: FormSheet) -> None:
    """One row per row of the form, on the same line: the unit, what was added, what to look at."""
    of, say, form = form_sheet, form_sheet.say, form_sheet.form
    sheet = book.add_worksheet(say["compare"])
    is_long = form.source.layout == "long"
    cumulative = [n for n in of.figures if is_long or of.indicator_at(n, {}).kind == "cumulative"]
    titles = [say["unit_name"], *([say["use_shown_indicator"]] if is_long else [])]
    titles += [f"{say['change']}: {of.columns[n].heading}" for n in cumulative] + [say["check"]]
    for column, title in enumerate(titles):
        sheet.write_string(of.header, column, title, of.formats["side"])
    sheet.set_column(0, len(titles) - 2, 24)
    sheet.set_column(len(titles) - 1, len(titles) - 1, 70)
    for line, row in enumerate(form.rows, of.first):
        sheet.write_string(line, 0, f"{row['unit_name']} ({row['unit_code']})", of.formats["beside"])
        at = 1
        if is_long:
            sheet.write_string(line, 1, of.name(of.indicator_at(of.figures[0], row)), of.formats["beside"])
            at = 2
        for position, n in enumerate(cumulative, at):
            if of.indicator_at(n, row).kind == "cumulative":
                new, old = _there(of, line, n), _there(of, line, of.lasts[n])
                sheet.write_formula(
                    line, position, f'=IF(AND(ISNUMBER({new}),ISNUMBER({old})),{new}-{old},"")', of.formats["beside_number"], ""
                )
        sheet.write_formula(line, len(titles) - 1, _check(of, line, row), of.formats["check"], "")
    sheet.write_string(0, 0, say["compare_title"], of.formats["title"])
    sheet.freeze_panes(of.first, 1)
    sheet.protect("", {"format_columns": True, "select_locked_cells": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(of.header)


def _there(of: FormSheet, line: int, column: int) -> str:
    return f"{quote_sheetname(of.title)}!{xl_rowcol_to_cell(line, column)}"


def _check(of: FormSheet, line: int, row: dict[str, Any]) -> str:
    """A formula that says what is missing, below the last value or above its whole."""
    parts = []
    for n in of.figures:
        if of.indicator_at(n, row).required:
            parts.append(f'IF({_there(of, line, n)}="",{_quoted(of.say["empty"].format(_label(of, n)))},"")')
    for n, other, sign in of.doubts(row):
        cell, than = _there(of, line, n), _there(of, line, other)
        said = of.say["fell"].format(_label(of, n)) if sign == "<" else of.say["over"].format(_label(of, n), _label(of, other))
        parts.append(f'IF(AND(ISNUMBER({cell}),ISNUMBER({than}),{cell}{sign}{than}),{_quoted(said)},"")')
    return "=" + ("&".join(parts) or '""')


def _label(of: FormSheet, column: int) -> str:
    return of.columns[column].heading[:_LABEL]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
