"""The sender's own workbook with the wrong cells marked and a comment in each; everything else stays as the sender made it.

No cell's value is written, so no text can become a formula; formulas stay formulas and macros stay where they are, never run.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from publishers.receipts.facts import Document
from publishers.receipts.steady import steady
from tiendo.text import nfc

MAX_BYTES = 3 * 1024 * 1024
MAX_UNPACKED = 30 * 1024 * 1024  # openpyxl holds some 50 times the file in memory
MAX_ROWS = 5_000  # a few seconds at most; marking costs some ten times as much as judging
_COLOURS = {"reject": "FFFF9999", "hold": "FFFFCC80", "duplicate": "FFD9D9D9", "flag": "FFFFF2B3"}
_STRENGTH = ("flag", "duplicate", "hold", "reject")
_COMMENT_WIDTH = 420  # pixels

REASONS = {
    "nothing": "no finding has a place in it",
    "old": "an .xls of the old kind cannot be marked: please save it as .xlsx",
    "large": f"too large to be marked (over {MAX_ROWS:,} rows or {MAX_BYTES >> 20} MiB)",
    "personal": "it holds personal data, so no copy of it is made: the places are named above",
    "gone": "its bytes are not in the landing any more",
    "odd": "it cannot be copied with its formats kept",
}


def reason_against(document: Document, content: Path) -> str | None:
    """Why there is no marked workbook of this file; None where there can be one, '' where it is no workbook."""
    if document["file"]["format"] != "xlsx":
        return ""
    if not any(finding["place"]["row"] for finding in document["findings"]["listed"]):
        return REASONS["nothing"]
    if not zipfile.is_zipfile(content):
        return REASONS["old"]
    with zipfile.ZipFile(content) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if content.stat().st_size > MAX_BYTES or unpacked > MAX_UNPACKED or document["rows"]["received"] > MAX_ROWS:
        return REASONS["large"]
    return None


def mark(document: Document, content: Path, language: str) -> tuple[bytes | None, str | None]:
    """The marked workbook as bytes, or None and the reason why there is none; the same bytes for the same file and findings."""
    reason = reason_against(document, content)
    if reason is not None:
        return None, reason or None
    from openpyxl import load_workbook

    try:
        raw = content.read_bytes()
        book = load_workbook(io.BytesIO(raw), rich_text=True, keep_vba=has_macros(content), keep_links=True)
        _mark_cells(book[document["file"]["sheet"]], document, language)
        written = io.BytesIO()
        book.save(written)
        if book.vba_archive:
            book.vba_archive.close()
    except Exception as error:  # noqa: BLE001 a workbook that the readers take and this library does not is answered without marks
        return None, f"{REASONS['odd']} ({type(error).__name__})"
    return steady(written.getvalue()), None


def has_macros(content: Path) -> bool:
    """Whether the workbook carries macros, whatever its name says."""
    with zipfile.ZipFile(content) as archive:
        return "xl/vbaProject.bin" in archive.namelist()


def _mark_cells(sheet: Any, document: Document, language: str) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    columns = _columns(sheet, document["file"]["header_row"] or 1)
    marks: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for finding in document["findings"]["listed"]:
        if finding["place"]["row"]:
            place = _top_left(sheet, finding["place"]["row"], _column_of(sheet, finding, columns))
            marks.setdefault(place, []).append(finding)
    for (row, column), findings in marks.items():
        cell = sheet.cell(row, column)
        worst = max((finding["effect"] for finding in findings), key=_STRENGTH.index)
        cell.fill = PatternFill("solid", fgColor=_COLOURS[worst])
        before = [cell.comment.text, ""] if cell.comment else []
        told = [f"{f['rule_id']}: {f['message'][language]}\n→ {f['remedy'][language]}" for f in findings]
        text = "\n".join([*before, *dict.fromkeys(told)])
        lines = sum(1 + len(line) // 60 for line in text.splitlines())
        cell.comment = Comment(text, "tiendo", width=_COMMENT_WIDTH, height=min(60 + 18 * lines, 500))


def _columns(sheet: Any, header_row: int) -> dict[str, int]:
    """Heading as the readers name it -> column; of a header in two rows also upper and lower text joined."""
    found: dict[str, int] = {}
    above = ""
    rows = list(sheet.iter_rows(min_row=header_row, max_row=header_row + 1))
    for cells in zip(*rows, strict=True) if len(rows) == 2 else ((cell,) for cell in rows[0]):
        upper, lower = (nfc(str(cell.value)) if cell.value is not None else "" for cell in (*cells, *cells)[:2])
        above = upper or (above if lower else "")
        for name in (upper, nfc(f"{above} {lower}"), lower):
            if name:
                found.setdefault(name, cells[0].column)
    return found


def _column_of(sheet: Any, finding: dict[str, Any], columns: dict[str, int]) -> int:
    """The finding's column; else the cell of its row that holds what was found; else the row's first cell with anything in it."""
    named = finding["place"]["column"]
    if named in columns:
        return columns[named]
    filled = [cell for cell in sheet[finding["place"]["row"]] if cell.value is not None]
    said = nfc(finding["found"] or "")
    same = [cell for cell in filled if said and said in _texts(cell.value)]
    return int((same or filled)[0].column) if filled else 1


def _texts(value: Any) -> Iterator[str]:
    yield nfc(str(value))
    if isinstance(value, float) and value.is_integer():
        yield str(int(value))


def _top_left(sheet: Any, row: int, column: int) -> tuple[int, int]:
    """The cell that a merged one belongs to: only that one can carry a comment."""
    for area in sheet.merged_cells.ranges:
        if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col:
            return area.min_row, area.min_col
    return row, column
