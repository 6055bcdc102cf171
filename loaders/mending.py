"""One text made as it was meant: broken encodings, decomposed letters, letters of another alphabet, characters that nobody sees.

Works on distinct texts, never on rows. Each kind of mending has a name, which is the rule that tells the sender of it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from loaders import old_fonts
from loaders.personal_data import hidden

_UNSEEN = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_BLANKS = "\u00a0\u2007\u2009\u200a\u202f\u3000"
_RE_UNSEEN, _RE_CONTROLS = re.compile(f"[{_UNSEEN}]"), re.compile(f"[{_CONTROLS}]")
_RE_BLANKS, _RE_SHOWN = re.compile(f"[{_BLANKS}]"), re.compile(f"[{_UNSEEN}{_CONTROLS}{_BLANKS}]")
_RE_WIDE = re.compile("[\uff01-\uff5e]")
_RE_OTHER = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
# UTF-8 read as windows-1252: the first letter of a pair or triple, and what can follow it
_RE_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|á[º»]|Ä[\u0090‘]|Æ[°¡]|Ã(?= |$)")
_RE_FORMULA = re.compile(r"\s*(=|@[A-Za-z(=+\-])|\t|\s*[+\-](?=[A-Za-z(@=][^\s]*[(!|+*/0-9])")

# what sends a text here (RE2): anything above, or a letter that Vietnamese does not have but its old fonts show
ODD = (
    r"[\x01-\x08\x0b\x0c\x0e-\x1e\x7f-\x{009f}\x{00a0}\x{00ad}\x{061c}\x{180e}\x{2007}\x{2009}-\x{200f}\x{202a}-\x{202f}"
    r"\x{2060}-\x{2069}\x{3000}\x{feff}\x{fffd}\x{0300}-\x{036f}\x{0370}-\x{04ff}\x{ff01}-\x{ff5e}]"
    r"|[ÃÂ][\x{0080}-\x{00bf}\x{0152}-\x{0178}\x{02c6}\x{02dc}\x{2013}-\x{203a}\x{20ac}\x{2122} ]|Ã(\n|$)|á[º»]|Ä[\x{0090}‘]|Æ[°¡]"
    r"|(^|\n)[ \t]*[=@]|(^|\n)\t|(^|\n)[ ]*[+\-][A-Za-z(@=]"
)
OLD_LETTERS = r"[µ¸¶·¹¨»¾¼½©®ª«¬×Øß÷øåæçäëîïñöûüþÅÆÇËÎÏÐÑÖÜÞÄ¤¥§¦¡£]|[aA][áàâãéèêÁÀÂÃ]|[eE][áàâãÁÀÂÃ]|[oO][âãÂÃ]"

_LATIN = dict(
    zip(
        "АВЕЅІЈКМНОРСТХУаеіјорсухѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιν",
        "ABESIJKMHOPCTXYaeijopcyxsABEZHIKMNOPTYXoiv",
        strict=True,
    )
)


@lru_cache(maxsize=200_000)
def mended(text: str, vietnamese: bool) -> tuple[str, tuple[str, ...]]:
    """The text as it was meant, and the names of what was wrong with it. `vietnamese`: old Vietnamese fonts are looked for."""
    found: list[str] = []

    def keep(new: str, mark: str) -> None:
        nonlocal text
        if new != text:
            text = new
            found.append(mark)

    if _RE_FORMULA.match(text):
        found.append("formula_like_text")
    if _RE_MOJIBAKE.search(text) and (repaired := _unmojibake(text)) is not None:
        keep(repaired, "mojibake")
    if vietnamese and not text.isascii() and (meant := old_fonts.legacy(_as_bytes(text))):
        keep(meant[0], "legacy_vietnamese_font")
    if "\ufffd" in text:
        found.append("unreadable_characters")
    keep(_RE_CONTROLS.sub("", text.replace("\x85", " ")), "control_characters")
    keep(_RE_UNSEEN.sub("", text), "invisible_characters")
    inside = text.strip(" \t\r\n\u00a0\u2007\u2009\u202f\u3000")
    if any(char.isalpha() for char in inside) and _RE_BLANKS.search(inside):
        keep(_RE_BLANKS.sub(" ", text), "invisible_characters")
    if _RE_WIDE.search(text):
        keep(_RE_WIDE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text), "lookalike_letters")
    others = _RE_OTHER.findall(text)
    if others and all(char in _LATIN for char in others) and re.search("[A-Za-z]", text):
        keep("".join(_LATIN.get(char, char) for char in text), "lookalike_letters")
    keep(unicodedata.normalize("NFC", text), "not_nfc")
    return text, tuple(dict.fromkeys(found))


def plain(text: str, vietnamese: bool = True) -> str:
    """The text as it was meant."""
    return text if text.isascii() and text.isprintable() else mended(text, vietnamese)[0]


def visible(text: str) -> str:
    """A text for people: what cannot be seen by its number, personal data hidden."""
    bare = _RE_UNSEEN.sub("", text)
    if hidden(bare) != bare:
        text = hidden(bare)
    return _RE_SHOWN.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)[:300]


def _unmojibake(text: str) -> str | None:
    """UTF-8 that was read as windows-1252, once or twice; None where it is not that, or not whole."""
    for _ in range(2):
        try:
            # a blank stands where byte A0 was, since programs take both for the same
            text = _bytes_of(re.sub("Ã(?= |$)", "Ã\u00a0", text.replace("Ã ", "Ã\u00a0"))).decode("utf-8")
        except (UnicodeDecodeError, UnicodeEncodeError):
            return None
        if not _RE_MOJIBAKE.search(text):
            return text
    return text


def _bytes_of(text: str) -> bytes:
    return b"".join(_byte(char) for char in text)


def _byte(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1")


def _as_bytes(text: str) -> str:
    """The text with one letter per byte, where windows-1252 shows other letters for the bytes 80-9F."""
    try:
        return _bytes_of(text).decode("latin-1")
    except UnicodeEncodeError:
        return text
