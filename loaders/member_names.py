"""Names of files and of archives' members: made readable, and judged unsafe where they lead elsewhere."""

from __future__ import annotations

import re
import unicodedata
import zipfile


def bare_name(name: str) -> str:
    """The name of the one file in a compressed file: 'a/x.csv.gz' -> 'x.csv'."""
    return name.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def unsafe_name(name: str) -> str:
    """What is unsafe about a member's name, '' where nothing is. A backslash parts folders as a slash does."""
    slashed = name.replace("\\", "/")
    if ".." in slashed.split("/"):
        return "leads out of the archive's folder (..)"
    if slashed.startswith("/"):
        return "is absolute"
    if re.match(r"[A-Za-z]:", slashed):
        return "begins with a drive letter"
    if any(unicodedata.category(c) == "Cc" for c in slashed):
        return "holds control characters"
    return ""


def clean_name(name: str) -> str:
    """A file's name as text in NFC: bytes that are no UTF-8 become U+FFFD, for they cannot be written down."""
    return unicodedata.normalize("NFC", name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def clean_member_name(name: str) -> str:
    return clean_name(name.removeprefix("./"))


def zip_member_name(info: zipfile.ZipInfo) -> str:
    """The member's name; zips of Windows hold UTF-8 names without saying so, which then read as code page 437."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            return clean_member_name(name)
    return clean_member_name(name)
