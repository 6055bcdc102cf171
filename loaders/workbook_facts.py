"""What the reader of workbooks does not tell: error cells, formulas without a stored value, what is hidden or merged, other sheets."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from loaders.personal_data import CARD, CITIZEN, EMAIL, PHONE

_CELL = re.compile(rb"<(?:\w+:)?c ([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_ODD_CELL = re.compile(rb'\bt="e"|<(?:\w+:)?f[ >/]')
_ROW = re.compile(rb"<(?:\w+:)?row ([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col ([^>]*?)/?>")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>(.*?)</(?:\w+:)?v>", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:[^>]*/>|[^>]*>(.*?)</(?:\w+:)?f>)", re.DOTALL)
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_TRUE = (b"1", b"true")
SUSPECT = re.compile(r"[0-9]{9}|@|\+84|[0-9]{3}[ .\-][0-9]{3}", re.ASCII)
_DECIMAL = re.compile(r"-?\d+\.\d+(E[+-]?\d+)?")
_PERSONAL = re.compile(f"{CITIZEN}|{CARD}|{PHONE}|{EMAIL}", re.ASCII)
CHUNK = 1 << 20
MOST_CELLS = 100_000  # odd cells of a sheet that are told one by one


# What a damaged workbook raises, by member and by the kind of damage.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, RuntimeError)


@dataclass
class SheetFacts:
    """Rows and columns are counted from 0, as calamine gives them."""

    odd_cells: dict[tuple[int, int], str] = field(default_factory=dict)  # error cells, and formulas without a value as '=...'
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # top, left, bottom, right


def sheet_facts(path: Path, sheet: str) -> SheetFacts:
    """The facts of one sheet, from its XML, in pieces; nothing where the file is no zipped workbook (.xls)."""
    facts = SheetFacts()
    if not zipfile.is_zipfile(path):
        return facts
    with zipfile.ZipFile(path) as archive:
        member = _member_of(archive, sheet)
        if member is None:
            return facts
        rest = b""
        with archive.open(member) as stream:
            while chunk := stream.read(CHUNK):
                piece = rest + chunk
                cut = max(piece.rfind(b"</row>"), piece.rfind(b":row>")) + 6
                cut = cut if cut > 6 else len(piece) if len(piece) > 64 * CHUNK else 0
                _take(piece[:cut], facts)
                rest = piece[cut:]
        _take(rest, facts)
    return facts


def _take(piece: bytes, facts: SheetFacts) -> None:
    if b"hidden=" in piece:
        for found in _ROW.finditer(piece):
            said = dict(_ATTRIBUTE.findall(found[1]))
            if said.get(b"hidden") in _TRUE and said.get(b"r", b"").isdigit():
                facts.hidden_rows.add(int(said[b"r"]) - 1)
        for found in _COLUMN.finditer(piece):
            said = dict(_ATTRIBUTE.findall(found[1]))
            if said.get(b"hidden") in _TRUE and said.get(b"min", b"").isdigit() and said.get(b"max", b"").isdigit():
                facts.hidden_columns.update(range(int(said[b"min"]) - 1, min(int(said[b"max"]), 20_000)))
    for left, top, right, bottom in _MERGED.findall(piece):
        facts.merged.append((int(top) - 1, _column(left), int(bottom) - 1, _column(right)))
    if _ODD_CELL.search(piece):
        for found in _CELL.finditer(piece):
            if len(facts.odd_cells) < MOST_CELLS and (text := _odd(found[1], found[2] or b"")):
                place = re.search(rb'\br="([A-Z]+)(\d+)"', found[1])
                if place:
                    facts.odd_cells[int(place[2]) - 1, _column(place[1])] = text


def _odd(attributes: bytes, inside: bytes) -> str:
    value = _VALUE.search(inside)
    said = unescape(value[1].decode("utf-8", "replace")).strip() if value else ""
    if b't="e"' in attributes:
        return said or "#ERROR!"
    formula = _FORMULA.search(inside)
    # a formula that was worked out to an empty text says so by its type
    if formula and not said and b"<is>" not in inside and b't="str"' not in attributes:
        return "=" + unescape((formula[1] or b"").decode("utf-8", "replace"))[:200]
    return ""


def has_personal_data(path: Path, sheet: str | None, screened: frozenset[str] = frozenset()) -> bool:
    """Whether a workbook holds personal data elsewhere than in the sheet that is read, whose texts are `screened`."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            own = _member_of(archive, sheet) if sheet else None
            parts = ("xl/sharedStrings", "xl/worksheets/", "xl/comments", "xl/threadedComments", "xl/drawings/")
            names = [name for name in archive.namelist() if name.startswith(parts) and name.endswith(".xml") and name != own]
            return any(_holds(archive, name, screened) for name in names)
    except _DAMAGED:
        return False


def _holds(archive: zipfile.ZipFile, name: str, screened: frozenset[str]) -> bool:
    rest = ""
    try:
        with archive.open(name) as stream:
            while chunk := stream.read(CHUNK):
                # tags become line ends; numbers with decimals are nobody's
                piece = re.sub(r"<[^>]*>", "\n", rest + chunk.decode("utf-8", "replace"))
                for line in piece.split("\n"):
                    is_personal = SUSPECT.search(line) and _PERSONAL.search(line) and not _DECIMAL.fullmatch(line)
                    if is_personal and unescape(line).strip() not in screened:
                        return True
                rest = piece[-200:]
    except _DAMAGED:
        return False  # what comes after the damage cannot be read by anybody
    return False


def _member_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The archive's member that holds a sheet."""
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return None
    for tag in re.findall(r"<(?:\w+:)?sheet [^>]*>", book):
        said = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        if unescape(said.get("name", "")) == sheet:
            wanted = next((value for key, value in said.items() if key.endswith(":id")), "")
            for link in re.findall(r"<(?:\w+:)?Relationship [^>]*>", links):
                parts = dict(re.findall(r'([\w:]+)="([^"]*)"', link))
                if parts.get("Id") == wanted:
                    target = parts.get("Target", "")
                    name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                    return name if name in archive.namelist() else None
    return None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def place_name(row: int, column: int) -> str:
    """A1 for (0, 0)."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
