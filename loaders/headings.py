"""Headings: which columns a source needs, and the row of the file that holds them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from loaders.mending import plain
from loaders.unreadable import Unreadable
from tiendo.campaign import Campaign, Source
from tiendo.text import fold, nfc

HEADER_WITHIN = 30  # rows from the top in which the header is looked for
MAX_COLUMNS = 2000


@dataclass(frozen=True)
class Want:
    """A column that a source declares: what it is used for, its heading, and whether a file without it can be read."""

    use: str
    heading: str
    required: bool


@dataclass(frozen=True)
class Header:
    """Where the header was found (index of its first and last row) and which column serves which use (index from 0)."""

    first: int
    last: int
    names: tuple[str, ...]
    columns: dict[str, int]


def wanted(source: Source, campaign: Campaign) -> list[Want]:
    """Every heading that a source declares. Indicators that are not required, and what is said about the sender, may be
    absent from older layouts."""
    must = {indicator.id: indicator.required for indicator in campaign.indicators}
    unit = source.unit
    listed: list[tuple[str, str | None, bool]] = [("unit.code", unit.code, True)]
    listed += [(f"unit.code.{level}", heading, True) for level, heading in unit.codes.items()]
    listed += [(f"unit.name.{level}", heading, True) for level, heading in unit.names.items()]
    if source.as_of_from == "column":
        listed.append(("as_of", source.as_of, True))
    listed += [("slot", source.slot, True), ("sender", source.sender, False), ("sender_role", source.sender_role, False)]
    listed.append(("correction", source.correction, False))
    if source.received.by == "column":
        listed.append(("received", source.received.column, True))
    if source.layout == "wide":
        listed += [(f"figure.{key}", heading, must.get(key, True)) for key, heading in source.indicators.items()]
    else:
        listed += [("indicator", source.indicator, True), ("value", source.value, True)]
    listed += [(f"key.{n}", heading, True) for n, heading in enumerate(source.row_key)]
    listed += [(f"total.{n}", row.column, False) for n, row in enumerate(source.total_rows)]
    listed += [(f"check.{n}", heading, False) for n, heading in enumerate(source.checks)]
    listed += [(f"remark.{remark}", heading, False) for remark, heading in source.remarks.items()]
    listed.append(("nil", source.nil_column, False))
    return [Want(use, heading, required) for use, heading, required in listed if heading]


def speaks_vietnamese(source: Source, campaign: Campaign) -> bool:
    """Whether texts of a source may be Vietnamese, so that its old encodings and fonts are looked for."""
    return source.numbers == "vi" or campaign.time_zone == "Asia/Ho_Chi_Minh"


@lru_cache(maxsize=100_000)
def key(heading: str) -> str:
    """A heading as it is compared: folded; one that folds to nothing (another script) keeps its letters."""
    return fold(heading) or nfc(heading).casefold()


class Finder:
    """Finds the header of one source's files. Headings are compared folded, after the source's own mapping of old ones."""

    def __init__(self, source: Source, campaign: Campaign) -> None:
        self.wants = wanted(source, campaign)
        self.required = {key(want.heading) for want in self.wants if want.required}
        self.all = {key(want.heading) for want in self.wants}
        self.mapping = {key(found): key(meant) for found, meant in source.headings.items()}
        self.fixed_row = source.options.header_row
        self.vietnamese = speaks_vietnamese(source, campaign)

    def find(self, rows: list[list[str]]) -> Header | None:
        """The header among the first rows (texts); None where no row, nor two rows together, hold all that is required."""
        rows = self._plain(rows)
        starts = [self.fixed_row - 1] if self.fixed_row else range(min(HEADER_WITHIN, len(rows)))
        for height in (1, 2):
            for first in starts:
                last = first + height - 1
                if last < len(rows):
                    header = self._match(rows, first, last)
                    if all(want.use in header.columns for want in self.wants if want.required):
                        return replace(header, last=last + 1) if _is_numbering(rows[last + 1 : last + 2]) else header
        return None

    def hits(self, rows: list[list[str]]) -> tuple[int, int]:
        """How many declared headings the best row holds, and that row's index."""
        best = (0, 0)
        for position, row in enumerate(rows[:HEADER_WITHIN]):
            found = len(self.all & self._keys(row))
            if found > best[0]:
                best = (found, position)
        return best

    def missing(self, rows: list[list[str]], hint: str = "") -> Unreadable:
        """The failure that says which headings are not there, what is there, and the nearest to each."""
        rows = self._plain(rows)
        _, position = self.hits(rows)
        if not self.hits(rows)[0]:
            position = next((n for n, row in enumerate(rows) if sum(bool(cell.strip()) for cell in row) > 1), 0)
        row = rows[position] if rows else []
        found = [nfc(cell) for cell in row if cell.strip()]
        present = self._keys(row)
        lost = list(dict.fromkeys(w.heading for w in self.wants if w.required and key(w.heading) not in present))
        parts = []
        for heading in lost[:5]:
            near = difflib.get_close_matches(key(heading), [key(cell) for cell in found], n=1)
            name = next((cell for cell in found if near and key(cell) == near[0]), "")
            parts.append(f"'{heading}'" + (f" (nearest: '{_short(name)}')" if name else ""))
        more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
        shown = ", ".join(f"'{_short(cell)}'" for cell in found[:12]) + (", ..." if len(found) > 12 else "")
        text = f"{', '.join(parts)}{more}; row {position + 1} has {shown or 'nothing'}"
        return Unreadable("missing_heading", f"{text}. {hint}" if hint else text)

    def _plain(self, rows: list[list[str]]) -> list[list[str]]:
        """The rows that may hold the header, with texts in broken or old encodings as they were meant."""
        return [[plain(cell, self.vietnamese) for cell in row] for row in rows[: max(HEADER_WITHIN, self.fixed_row or 0) + 2]]

    def _keys(self, row: list[str]) -> set[str]:
        plain = {key(cell) for cell in row if cell}
        return plain | {self.mapping[name] for name in plain if name in self.mapping}

    def _match(self, rows: list[list[str]], first: int, last: int) -> Header:
        upper, lower = rows[first], rows[last]
        if first == last:
            candidates = [[key(cell)] for cell in lower]
            names = [nfc(cell) for cell in lower]
        else:
            candidates, names = _two_rows(upper, lower)
        columns: dict[str, int] = {}
        twice: list[str] = []
        for want in self.wants:
            meant = key(want.heading)
            direct = [n for n, keys in enumerate(candidates) if meant in keys]
            mapped = [n for n, keys in enumerate(candidates) if any(self.mapping.get(name) == meant for name in keys)]
            # two rows: a heading of the lower row repeats under several upper ones, so only a unique hit counts
            hits = direct or mapped
            if len(hits) > 1 and first != last:
                continue
            if len(hits) > 1:
                numbers = " and ".join(str(n + 1) for n in hits[:4])
                twice.append(f"'{want.heading}' stands in columns {numbers} of row {first + 1}; only one may have it")
            if hits:
                columns[want.use] = hits[0]
        if twice and all(want.use in columns for want in self.wants if want.required):
            raise Unreadable("heading_twice", twice[0])
        return Header(first, last, tuple(names), columns)


def _two_rows(upper: list[str], lower: list[str]) -> tuple[list[list[str]], list[str]]:
    """Candidates per column of a header in two rows: the lower text, the upper text above it (spread over the empty cells to
    its right, as merged cells leave them), and both together."""
    width = max(len(upper), len(lower))
    top, low = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    candidates, names, last = [], [], ""
    for above, below in zip(top, low, strict=True):
        last = above if above.strip() else (last if below.strip() else "")
        both = nfc(f"{last} {below}")
        own = above if not below.strip() else below
        candidates.append([name for name in dict.fromkeys((key(both), key(own))) if name])
        names.append(both)
    return candidates, names


def _is_numbering(rows: list[list[str]]) -> bool:
    """Whether a row only numbers the columns, as printed forms do: A, B, (1), (2), (3=1+2). No such text is ever a figure."""
    cells = [cell.strip() for row in rows for cell in row if cell.strip()]
    marks = [cell for cell in cells if re.fullmatch(r"\(\d{1,2}\s*(=[^)]*)?\)", cell)]
    return len(marks) > 1 and all(cell in marks or re.fullmatch(r"[A-Z]", cell) for cell in cells)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
