"""Which reader a file needs: by what its bytes say, then by its name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import duckdb

from loaders.csv_reader import open_csv
from loaders.headings import Finder, speaks_vietnamese
from loaders.json_reader import open_json
from loaders.opened import Opened
from loaders.parquet_reader import open_parquet
from loaders.unreadable import Unreadable
from loaders.xlsx_reader import open_xlsx
from tiendo.campaign import Campaign, Source


def open_file(
    con: duckdb.DuckDBPyConnection, path: Path, name: str, source: Source, campaign: Campaign, finder: Finder, scratch: Path
) -> Opened:
    """A landed file with its header found; nothing of its rows is read yet. Raises Unreadable."""
    if path.stat().st_size == 0:
        raise Unreadable("empty_file", "the file is empty")
    kind = _format(path, name, source.format)
    if kind == "xlsx":
        return open_xlsx(path, source, finder)
    if kind == "parquet":
        return open_parquet(con, path, finder, campaign.time_zone)
    if kind in ("json", "jsonl"):
        return open_json(con, path, source, finder, kind, scratch)
    return open_csv(path, source, finder, speaks_vietnamese(source, campaign), scratch)


def _format(path: Path, name: str, declared: str) -> str:
    with path.open("rb") as file:
        head = file.read(4096)
    found = _by_bytes(path, head, name)
    if declared in ("auto", found):
        return found
    if declared in ("json", "jsonl") and found in ("json", "jsonl"):
        return declared
    if declared == "csv" and found in ("json", "jsonl"):
        return "csv"
    what = {"csv": "text", "xlsx": "an Excel workbook", "parquet": "a Parquet file", "json": "JSON", "jsonl": "JSON lines"}[found]
    if declared in ("xlsx", "parquet"):
        raise Unreadable(
            "unreadable_file", f"the campaign declares {declared}, but the file is damaged or is something else (it looks like {what})"
        )
    raise Unreadable("not_a_table", f"the campaign declares {declared}, but the file is {what}")


def _by_bytes(path: Path, head: bytes, name: str) -> str:
    ending = name.lower().rsplit(".", 1)[-1]
    if head.startswith(b"PK\x03\x04"):
        if _is_workbook(path) or ending in ("xlsx", "xlsm"):
            return "xlsx"
        raise Unreadable("not_a_table", "the file is a zip archive, not a table")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        if ending in ("xls", "xlsx"):
            return "xlsx"
        raise Unreadable("not_a_table", "the file is an old Office document, not a table of text")
    if head.startswith(b"PAR1"):
        return "parquet"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if ending in ("jsonl", "ndjson"):
        return "jsonl"
    if ending == "json" or (start[:1] in (b"{", b"[") and ending not in ("csv", "tsv", "txt")):
        lines = [line.strip() for line in start.splitlines() if line.strip()]
        return "jsonl" if len(lines) > 1 and all(line[:1] == b"{" and line[-1:] == b"}" for line in lines[:2]) else "json"
    if ending in ("xlsx", "xls", "xlsm") and b"\x00" in head:
        raise Unreadable("unreadable_file", "the file is called an Excel workbook, but it is damaged or is something else")
    return "csv"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
