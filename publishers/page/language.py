"""The words of the pages in one language, and numbers and dates as that language writes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from tiendo.words import group, word

LANGUAGES = ("vi", "en")
# What the pages call a group of the words that they share with commands and receipts.
SHARED = {
    "status": "status", "slot": "slot", "silent": "silent", "reason": "unranked", "severity": "effect", "dimension": "dimension",
    "hold_status": "hold_status",
}  # fmt: skip
NOTHING = "–"


@lru_cache
def words(language: str) -> Words:
    """The words of `language` (vi or en), read once."""
    return Words(language)


class Words:
    """`w("terms.unit")` is a text, `w("age", n=3)` one with its blanks filled; the other methods write values."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse("vi_VN" if language == "vi" else "en_GB")
        text = (Path(__file__).parent / "words" / f"{language}.yml").read_text(encoding="utf-8")
        self.tree: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        shared = {key: group(name, language) for key, name in SHARED.items()}
        self.tree |= shared
        self.tree["terms"] |= {key: word(f"thing.{key}", language, upper=True) for key in ("value", "target", "tier")}

    def __call__(self, key: str, **blanks: object) -> str:
        node: Any = self.tree
        for part in key.split("."):
            node = node[part]
        return str(node).format(**blanks) if blanks else str(node)

    def name(self, row: dict[str, Any], stem: str = "name") -> str:
        """The text of a row in this language: `name_vi` or `name_en`, the other one where it is empty."""
        other = "en" if self.language == "vi" else "vi"
        return row.get(f"{stem}_{self.language}") or row.get(f"{stem}_{other}") or ""

    def number(self, value: float | int | Decimal | None) -> str:
        return NOTHING if value is None else format_decimal(value, "#,##0.##", locale=self.locale)

    def signed(self, value: float | int | Decimal | None) -> str:
        if value is None:
            return NOTHING
        return format_decimal(value, "+#,##0.##;−#,##0.##", locale=self.locale) if value else "0"

    def pct(self, value: float | None) -> str:
        """A percentage already times 100: 38.49 -> '38,49 %'."""
        return NOTHING if value is None else format_decimal(value, "#,##0.00", locale=self.locale) + "\u00a0%"

    def share(self, value: float | None) -> str:
        """A score in [0, 1] as a whole percentage."""
        return NOTHING if value is None else format_decimal(100 * value, "#,##0", locale=self.locale) + "\u00a0%"

    def date(self, value: dt.date | None) -> str:
        return NOTHING if value is None else format_date(value, self("formats.date"), locale=self.locale)

    def day(self, value: dt.date) -> str:
        return format_date(value, self("formats.day"), locale=self.locale)

    def moment(self, value: dt.datetime | None) -> str:
        return NOTHING if value is None else format_datetime(value, self("formats.moment"), locale=self.locale)
