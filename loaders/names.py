"""Forms in which unit names are compared, strictest first."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tiendo.text import core_name, fold, nfc

# A kind of unit as abbreviated -> written out; folded
_KINDS = {
    "tp": "thanh pho", "tx": "thi xa", "tt": "thi tran", "q": "quan", "h": "huyen", "p": "phuong", "x": "xa", "t": "tinh",
    "dk": "dac khu",
}  # fmt: skip

TOTAL_WORDS = frozenset(
    ["tong", "tong cong", "tong so", "cong", "toan tinh", "toan thanh pho", "ca nuoc", "total", "grand total", "totale", "jumlah"]
)


@lru_cache(maxsize=200_000)
def folded(name: str) -> str:
    """`fold`, or the name in lower case where folding leaves nothing (another script)."""
    return fold(name) or nfc(name).casefold()


@lru_cache(maxsize=200_000)
def marked(name: str) -> str:
    """Folded but for diacritics: each word's letters, then its marks in order, so that 'Thuỷ' and 'Thủy' are one and 'Thanh' and
    'Thành' are two."""
    words = []
    for word in re.split(r"[\W_]+", nfc(name).casefold()):
        letters, marks = [], []
        for char in unicodedata.normalize("NFD", word):
            if unicodedata.combining(char):
                marks.append(char)
            elif char == "đ":
                letters.append("d")
                marks.append("đ")
            else:
                letters.append(char)
        words.append("".join(letters) + ("'" + "".join(sorted(marks)) if marks else ""))
    return " ".join(word for word in words if word)


@lru_cache(maxsize=200_000)
def kind_and_core(name: str) -> tuple[str, str, str]:
    """Kind of unit written out ('' where the name does not say), name without it folded, and the same with its marks."""
    plain = re.sub(r"^[tT]\. ?([pPxXtT])\b\.?", r"T\1 ", nfc(name))  # T.P. Hải Phòng
    plain = re.sub(r"^([qQpP])\.? ?(\d+)$", r"\1 \2", plain)  # Q1
    whole, with_marks = folded(plain), marked(plain)
    core = core_name(whole)
    if core == whole:
        return "", whole, with_marks
    kind = whole[: len(whole) - len(core)].strip()
    if core.isdigit():  # Phường 01 is Phường 1
        return _KINDS.get(kind, kind), core.lstrip("0"), core.lstrip("0")
    return _KINDS.get(kind, kind), core, " ".join(with_marks.split()[len(kind.split()) :])


def forms(name: str) -> list[str]:
    """A unit's keys, one per stage: exact, marked, kind with marked core, folded, kind with core, marked core, core."""
    kind, core, core_marked = kind_and_core(name)
    return [nfc(name), marked(name), f"{kind}/{core_marked}", folded(name), f"{kind}/{core}", core_marked, core]


def sought(label: str) -> list[list[str]]:
    """A label's keys for each of the same stages. Where the kind is dropped the label is tried whole first: 'Quan Hóa' is a
    name, not the quận of Hóa."""
    keys = forms(label)
    if "'" not in marked(label):  # written without any marks it may mean a name with them: it is no closer to one without
        return [[keys[0]], [], [], [keys[3]], [keys[4]], [], [folded(label), keys[6]]]
    return [[key] for key in keys[:5]] + [[marked(label), keys[5]], [folded(label), keys[6]]]
