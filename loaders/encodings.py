"""Encodings: what a text file is written in, and a UTF-8 copy of it where it is written in something else."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from loaders import old_fonts
from loaders.unreadable import Unreadable

CHUNK = 1 << 22
HEAD = 1 << 20
_COMBINING = frozenset(b"\xcc\xd2\xde\xec\xf2")  # windows-1258: the five tones, each written after its vowel
_VOWELS = frozenset(b"aeiouyAEIOUY") | frozenset(b"\xc2\xe2\xca\xea\xd4\xf4\xd5\xf5\xdd\xfd\xc3\xe3")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Text:
    """How a text file is written. `codec` is Python's name; `encoding` the name that is recorded."""

    encoding: str
    codec: str
    errors: str  # strict, or replace where a few bytes are broken
    has_quotes: bool
    separator: str  # a control character that the file does not hold
    hint: str = ""  # what is wrong with the declared encoding


def examine(path: Path, declared: str | None, vietnamese: bool) -> Text:
    """Read a file once, in pieces, and say how it is written. Raises Unreadable (empty_file, not_a_table, unreadable_file).

    `vietnamese` decides between windows-1258 and latin-1 where the bytes alone do not.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(min(HEAD, size))
    if size <= HEAD and not head.strip(b"\x00\xff\xfe\xef\xbb\xbf \t\r\n"):
        raise Unreadable("empty_file", "the file is empty" if not head else "the file holds nothing but white space")
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    wide = None if marked else _utf16_without_mark(head)
    if marked == "utf-16" or wide:
        codec = wide or ("utf-16-le" if head.startswith(codecs.BOM_UTF16_LE) else "utf-16-be")
        return Text("utf-16", codec, _errors_utf16(path, codec), True, "\x01")
    _refuse_binary(head)
    scan = _scan(path)
    separator = next((chr(code) for code in range(1, 9) if not scan.controls[code]), None)
    if scan.controls[0] or separator is None:
        raise Unreadable("not_a_table", "the file holds zero bytes or control characters: it is not text")
    plain = Text("utf-8", "utf-8-sig" if marked else "utf-8", "strict", scan.has_quotes, separator)
    if declared == "utf-16" and not marked:
        return replace(plain, hint="the campaign declares utf-16, but the file is written in single bytes (utf-8 or windows-1258)")
    if scan.is_utf8:  # bytes over 127 that happen to be valid UTF-8 are UTF-8, whatever is declared
        return plain
    sample = head if scan.high_at < HEAD else _around(path, scan.high_at)
    likely = _legacy(sample, scan, vietnamese)
    chosen = declared or likely
    if chosen == "utf-8":
        hint = (
            f"byte {scan.broken_at + 1} is not UTF-8, which the campaign declares; the file looks like {likely}"
            if likely != "utf-8"
            else ""
        )
        return replace(plain, errors="replace", hint=hint)
    codec = {"windows-1258": "cp1258", "latin-1": "cp1252"}.get(chosen, "latin-1")
    return Text(chosen, codec, "replace", scan.has_quotes, separator)


def read_head(path: Path, text: Text, size: int = HEAD) -> str:
    """The first characters of a file, NFC where the encoding writes tones apart; cut at a line's end if it is longer."""
    with path.open("rb") as file:
        raw = file.read(min(size, path.stat().st_size))
        more = bool(file.read(1))
    decoded = codecs.getincrementaldecoder(text.codec)("replace" if text.errors == "replace" else "strict").decode(raw, final=not more)
    decoded = decoded.removeprefix("\ufeff")
    return _meant(decoded, text)


def utf8_copy(path: Path, text: Text, scratch: Path) -> Path:
    """The file itself where it is UTF-8, else a UTF-8 copy of it in `scratch`, made in pieces."""
    if text.encoding == "utf-8" and text.errors == "strict":
        return path
    decoder = codecs.getincrementaldecoder(text.codec)(text.errors)
    copy = scratch / f"{path.name}.utf8"
    with path.open("rb") as source, copy.open("w", encoding="utf-8", newline="") as target:
        first, rest = True, ""
        while chunk := source.read(CHUNK):
            piece = rest + decoder.decode(chunk)
            if first:
                piece, first = piece.removeprefix("\ufeff"), False
            # a tone belongs to the letter before it: never cut between the two
            cut = piece.rfind("\n") + 1 if text.codec == "cp1258" or text.encoding in old_fonts.FORMS else len(piece)
            cut = cut or max(len(piece) - 8, 0)
            target.write(_meant(piece[:cut], text))
            rest = piece[cut:]
        target.write(_meant(rest + decoder.decode(b"", final=True), text))
    return copy


def _meant(piece: str, text: Text) -> str:
    if text.encoding in old_fonts.FORMS:
        return old_fonts.FORMS[text.encoding](piece)
    return unicodedata.normalize("NFC", piece) if text.codec == "cp1258" else piece


@dataclass
class _Scan:
    is_utf8: bool = True
    broken: int = 0
    broken_at: int = -1
    multibyte: int = 0
    high: int = 0  # bytes over 127
    high_at: int = 0
    has_quotes: bool = False
    controls: tuple[bool, ...] = ()


def _scan(path: Path) -> _Scan:
    scan, controls, offset = _Scan(), [False] * 9, 0
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    piece = min(CHUNK, path.stat().st_size + 1)  # no buffer larger than the file
    with path.open("rb") as file:
        while True:
            chunk = file.read(piece)
            scan.has_quotes = scan.has_quotes or b'"' in chunk
            for code in range(9):
                controls[code] = controls[code] or bytes([code]) in chunk
            high = 0 if chunk.isascii() else len(chunk) - len(chunk.decode("ascii", "ignore"))
            if high and not scan.high:
                scan.high_at = offset + next(n for n, byte in enumerate(chunk) if byte > 127)
            scan.high += high
            if scan.is_utf8:
                try:
                    decoder.decode(chunk, final=not chunk)
                except UnicodeDecodeError as error:
                    scan.is_utf8, scan.broken_at = False, offset + error.start
            offset += len(chunk)
            if not chunk:
                break
    scan.controls = tuple(controls)
    if not scan.is_utf8:
        _count_broken(path, scan)
    return scan


def _count_broken(path: Path, scan: _Scan) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            piece = decoder.decode(chunk)
            broken = piece.count("\ufffd")
            scan.broken += broken
            scan.multibyte += len(piece) - len(piece.encode("ascii", "ignore")) - broken


def _legacy(sample: bytes, scan: _Scan, vietnamese: bool) -> str:
    """Not UTF-8: UTF-8 with a few broken bytes, windows-1258, or latin-1."""
    if scan.multibyte > 20 * max(scan.broken, 1):
        return "utf-8"
    after_vowel = sum(sample[n] in _COMBINING and sample[n - 1] in _VOWELS for n in range(1, len(sample)))
    combining = sum(sample.count(bytes([code])) for code in _COMBINING)
    if vietnamese and (form := _old_form(sample)):
        return form
    if combining and after_vowel >= 0.8 * combining:
        return "windows-1258"
    return "windows-1258" if vietnamese and after_vowel >= combining / 2 else "latin-1"


def _old_form(sample: bytes) -> str:
    """TCVN3, VNI or VISCII, where words are Vietnamese in that form and not in windows-1258; else ''."""
    text = sample.decode("latin-1")
    modern = unicodedata.normalize("NFC", sample.decode("cp1258", "replace"))
    readings = {name: old_fonts.likeness(convert(text)) for name, convert in old_fonts.FORMS.items()}
    shares = {name: good / words for name, (good, words) in readings.items() if words}
    good, words = old_fonts.likeness(modern)
    name = max(shares, key=lambda name: shares[name], default="")
    return name if name and shares[name] >= 0.8 and shares[name] > (good / words if words else 0) else ""


def _around(path: Path, position: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(position - 1000, 0))
        return file.read(HEAD)


def _utf16_without_mark(head: bytes) -> str | None:
    sample = head[:4000]
    if len(sample) < 4 or b"\x00" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _errors_utf16(path: Path, codec: str) -> str:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "replace"
    return "strict"


_MAGIC = (
    (b"%PDF", "a PDF document"), (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a zip archive"), (b"\x1f\x8b", "a gzip file"), (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"PAR1", "a Parquet file"), (b"\x7fELF", "a program"), (b"MZ\x90", "a program"), (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"), (b"SQLite format", "a SQLite database"),
)  # fmt: skip


def _refuse_binary(head: bytes) -> None:
    kind = next((name for mark, name in _MAGIC if head.startswith(mark)), None)
    if kind:
        raise Unreadable("not_a_table", f"the file is {kind}, not a table of text")
    sample = head[:65536]
    odd = sum(sample.count(bytes([code])) for code in (*range(9), *range(14, 27), *range(28, 32), 127))
    if b"\x00" in sample or odd > max(2, len(sample) // 100):
        raise Unreadable("not_a_table", "the file holds binary data, not text")
    start = sample[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise Unreadable("not_a_table", "the file is a web page or XML, not a table; save it as XLSX or CSV")
