"""What a form says in words: the lines above its table, and the sheet that explains it."""

from __future__ import annotations

from typing import Any

from publishers.receipts.form import Column, Form
from publishers.receipts.text import moment
from publishers.receipts.words import words


def heading_lines(form: Form, language: str) -> list[tuple[str, str]]:
    """(text, format) of the lines above the table."""
    say = words(language)
    day = form.day.strftime("%d/%m/%Y") if language == "vi" else form.day.isoformat()
    lines = [
        (_name(form.campaign.name, language), "title"),
        (f"{say['form_of'].format(f'{form.unit_name} ({form.unit_code})')}. {say['day'].format(day)}", "line"),
    ]
    for slot in form.slots:
        named = f" ({slot['slot_name']})" if len(form.slots) > 1 else ""
        cutoff = moment(slot["cutoff_at"].isoformat(), form.campaign.time_zone, language)
        lines.append((say["cutoff"].format(named, cutoff), "warn"))
    if form.campaign.is_simulated:
        lines.append((say["simulated"], "line"))
    return [*lines, (say["fill_in"], "line")]


GUIDE_LISTS = 3  # the column in which the first list of choices stands


def guide(book: Any, form: Form, language: str, lists: list[list[str]] | None = None) -> None:
    """The last sheet: what each column means, how the file is named, what the grey columns are; beside it, lists to choose from."""
    say = words(language)
    sheet = book.add_worksheet(say["guide"])
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    line = 0
    for text, kind in heading_lines(form, language):
        sheet.write_string(line, 0, text, bold if kind in ("title", "warn") else None)
        line += 1
    name = form.source.options.sheet or say["sheet"]
    sheet.write_string(line + 1, 0, say["guide_headings"].format(name), bold)
    line += 2
    for column in form.columns:
        sheet.write_string(line, 0, column.heading, wrapped)
        sheet.write_string(line, 1, _meaning(form, column, language), wrapped)
        line += 1
    if form.source.layout == "long":
        for indicator in form.indicators:
            sheet.write_string(line, 0, _name(indicator.name, language), wrapped)
            sheet.write_string(line, 1, _explained(form, indicator.id, language), wrapped)
            line += 1
    named = [say["file_name"].format(form.file_name), say["try"].format(form.file_name, form.campaign.id)] if form.file_name else []
    closing = [say["beside"], *named, say["protected"]]
    for text in closing:
        line += 1
        sheet.write_string(line, 0, text)
    for n, choices in enumerate(lists or [], GUIDE_LISTS):
        sheet.write_column(0, n, choices)
        sheet.set_column(n, n, 24)
    sheet.protect("")
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _meaning(form: Form, column: Column, language: str) -> str:
    say = words(language)
    if column.indicator:
        return _explained(form, column.indicator, language)
    roles = ", ".join(form.source.allowed_roles) or say["any_role"]
    return say[f"use_{column.use.split('.')[0]}"].format(roles)


def _explained(form: Form, indicator_id: str, language: str) -> str:
    """An indicator in a sentence: its name, its kind, what it is a part of, whether it must be there."""
    say = words(language)
    indicator = next(i for i in form.campaign.indicators if i.id == indicator_id)
    whole = next((i for i in form.campaign.indicators if i.id == indicator.part_of), None)
    parts = [f"{_name(indicator.name, language)}.", say[indicator.kind]]
    if whole:
        parts.append(say["part_of"].format(_name(whole.name, language)))
    if not indicator.required:
        parts.append(say["optional"])
    return " ".join(parts)


def _name(names: Any, language: str) -> str:
    return str(names.vi if language == "vi" else names.en)
