"""Vietnamese text: NFC for keeping, folding for comparing."""

from __future__ import annotations

import re
import unicodedata

# Words that say what kind of unit a name is; folded, longest first. They are dropped when names are compared.
UNIT_PREFIXES = (
    "thanh pho", "thi tran", "thi xa", "dac khu", "phuong", "huyen", "quan", "tinh", "xa",
    "tp", "tx", "tt", "q", "h", "p", "x", "t",
)  # fmt: skip

_NOT_WORD = re.compile(r"[^0-9a-z]+")


def nfc(text: str) -> str:
    """Text in NFC with outer white space removed and inner runs made one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Lower case, no diacritics, punctuation as one space: 'Q. Hồng-Bàng' -> 'q hong bang'."""
    lowered = text.replace("Đ", "D").replace("đ", "d").casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", bare).strip()


def core_name(folded: str) -> str:
    """A folded name without its leading kind of unit: 'quan hong bang' -> 'hong bang'; 'quan 1' -> '1'."""
    for prefix in UNIT_PREFIXES:
        if folded.startswith(prefix + " "):
            return folded[len(prefix) + 1 :]
    return folded


def slug(text: str) -> str:
    """A code made from a name: folded, words joined by '-'."""
    return fold(text).replace(" ", "-")
