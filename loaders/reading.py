"""From landed bytes to a parsed batch: every file read or refused with one reason, every row kept (docs/data.md, "Parsed batch")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from loaders import cells, labels, marks, personal_data, remarks, rows, text_marks
from loaders.formats import open_file
from loaders.headings import Finder, speaks_vietnamese
from loaders.opened import FRESH, Opened
from loaders.reasons import in_vietnamese
from loaders.store import bytes_path
from loaders.unreadable import Unreadable
from loaders.workbook_facts import has_personal_data
from tiendo import lake
from tiendo.campaign import Campaign, Source
from tiendo.home import scratch_folder
from tiendo.settings import Settings
from tiendo.units import load_units

Progress = Callable[[str, int, int], None]  # what, done, of
PORTION = 200_000  # rows that are taken apart at once

_TEXT, _MOMENT = pa.string(), pa.timestamp("us", tz="UTC")
FILES = pa.schema(
    [
        *((name, _TEXT) for name in ("batch_id", "campaign_id", "source_id", "file_id", "file_name", "container_name", "sha256")),
        ("size_bytes", pa.int64()), ("received_at", _MOMENT), ("received_by", _TEXT), ("landed_at", _MOMENT),
        *((name, _TEXT) for name in ("sender", "format", "encoding", "delimiter", "sheet")), ("header_row", pa.int64()),
        *((name, _TEXT) for name in ("status", "duplicate_of", "failure_rule", "failure_text", "failure_text_vi")),
        ("rows_received", pa.int64()), ("is_simulated", pa.bool_()), ("has_personal_data", pa.bool_()),
    ]
)  # fmt: skip
_FROM_RECEIPT = ("source_id", "file_id", "file_name", "container_name", "sha256", "size_bytes", "received_by", "sender")


def read_batch(
    settings: Settings,
    campaign: Campaign,
    receipts: list[dict[str, Any]],
    into: Path,
    units: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> None:
    """Fill `into` with files, rows, cells, marks and units (.parquet); personal data are hidden in all of them.

    A file that cannot be read becomes one row of files.parquet with its reason; nothing of a single file stops the others.
    `units` is the register (default: `load_units`). Raises CampaignError if units.csv or the aliases are faulty.
    """
    into.mkdir(parents=True, exist_ok=True)
    units = load_units(settings, campaign) if units is None else units
    sources = {source.id: n for n, source in enumerate(campaign.sources)}
    ordered = sorted(receipts, key=lambda r: (r["received_at"], r["source_id"], r["file_name"], r["receipt_id"]))
    files = [_file_row(campaign, receipt) for receipt in ordered]
    with scratch_folder(into, "reading-") as scratch, duckdb.connect() as con:
        con.execute("set preserve_insertion_order = true; set timezone = 'UTC'")
        con.execute(f"set temp_directory = '{str(scratch).replace(chr(39), chr(39) * 2)}'")
        con.execute(rows.TABLES + marks.TABLE + remarks.TABLE)
        groups = _open_all(con, settings, campaign, ordered, files, sources, scratch)
        codes = [code for code in units["unit_code"] if len(code) >= 9]
        done = sum(file["status"] != "read" for file in files)
        for (source_no, _), group in groups.items():
            _read_group(con, files, group, campaign.sources[source_no], campaign, codes)
            done += len(group)
            if progress:
                progress("read", done, len(files))
        _count_duplicates(settings, campaign, files)
        batch = _batch_id(files)
        for file in files:
            file["batch_id"] = batch
        screened = {file_no: opened.screened for group in groups.values() for file_no, opened in group}
        _mark_files(con, settings, ordered, files, screened)
        pq.write_table(pa.Table.from_pylist(files, schema=FILES), into / "files.parquet")
        labels.register_files(con, ordered, files, campaign, sources)
        labels.resolve(con, campaign, units, into / "units.parquet")
        rows.write_rows(con, campaign.sources, campaign, str(into / "rows.parquet"))
        cells.write_cells(con, campaign.sources, campaign, str(into / "cells.parquet"))
        marks.write(con, str(into / "marks.parquet"))
        if campaign.remarks:
            remarks.write(con, str(into / "remarks.parquet"))


def _file_row(campaign: Campaign, receipt: dict[str, Any]) -> dict[str, Any]:
    source = next((source for source in campaign.sources if source.id == receipt["source_id"]), None)
    file = dict.fromkeys(FILES.names) | {name: receipt.get(name) for name in _FROM_RECEIPT}
    file |= {"campaign_id": campaign.id, "status": "read", "rows_received": 0}
    file["is_simulated"] = receipt.get("received_by") == "simulation" or (source is not None and source.kind == "simulation")
    file["received_at"], file["landed_at"] = _moment(receipt["received_at"]), _moment(receipt["landed_at"])
    if receipt.get("status") == "seen":
        file |= {"status": "duplicate", "file_id": receipt["receipt_id"], "duplicate_of": receipt["file_id"]}
    elif receipt.get("failure_rule"):
        _refuse(file, Unreadable(receipt["failure_rule"], receipt.get("failure_text") or ""))
    return file


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


Group = list[tuple[int, Opened]]  # number of a file, and the file opened


def _open_all(
    con: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign, receipts: list[dict[str, Any]], files: list[dict[str, Any]],
    sources: dict[str, int], scratch: Path,
) -> dict[tuple[int, object], Group]:  # fmt: skip
    """Open every file that is to be read; files of one source and layout together. What cannot be opened is refused."""
    finders = [Finder(source, campaign) for source in campaign.sources]
    groups: dict[tuple[int, object], Group] = defaultdict(list)
    for file_no, (receipt, file) in enumerate(zip(receipts, files, strict=True)):
        if file["status"] != "read":
            continue
        path = bytes_path(settings, receipt["sha256"])
        source_no = sources.get(receipt["source_id"])
        with _refusing(file):
            if source_no is None:
                raise Unreadable("unreadable_file", f"source '{receipt['source_id']}' is no longer in the campaign")
            opened = open_file(con, path, file["file_name"], campaign.sources[source_no], campaign, finders[source_no], scratch)
            opened = _named_safely(con, file_no, file, opened)
            file |= {name: getattr(opened, name) for name in ("format", "encoding", "delimiter", "sheet", "header_row")}
            groups[source_no, opened.layout].append((file_no, opened))
    return groups


def _named_safely(con: duckdb.DuckDBPyConnection, file_no: int, file: dict[str, Any], opened: Opened) -> Opened:
    """The opened file with personal data hidden in its headings and its sheet's name, and marks on what its names and the texts
    above its table hold."""
    headings, sheet = personal_data.hide_headings(opened)
    told = [name for name, given in zip(headings, opened.headings, strict=True) if name != given]
    told += [sheet] if sheet and sheet != opened.sheet else []
    told += [file[name] for name in ("file_name", "container_name") if personal_data.HIDDEN in (file[name] or "")]
    if personal_data.has_citizen_number(opened.above):
        told.append(personal_data.HIDDEN)
    if told:
        marks.add_of_file(con, file_no, personal_data.RULE_IN_NAME, ", ".join(told)[:300], len(told))
    for mark, raw_text, count in opened.notes:
        marks.add_of_file(con, file_no, mark, personal_data.hidden(raw_text), count)
    return replace(opened, headings=headings, sheet=sheet)


def _read_group(
    con: duckdb.DuckDBPyConnection, files: list[dict[str, Any]], group: Group, source: Source, campaign: Campaign, known_codes: list[str]
) -> None:
    """Read files of one layout into `picked` and `cells`, in portions that fit into memory."""
    con.execute(FRESH)
    waiting: list[pa.Table] = []
    layout = group[0][1]

    def pick() -> None:
        if waiting:
            con.register("batches_in", pa.concat_tables(waiting))
            con.execute(layout.insert)
            con.unregister("batches_in")
            waiting.clear()
        text_marks.screen(con, layout, speaks_vietnamese(source, campaign))
        personal_data.screen(con, layout, source, known_codes)
        text_marks.check_forms(con, layout, source)
        remarks.pick(con, layout, source, campaign)
        rows.pick(con, layout, source, campaign)

    for file_no, opened in group:
        with _refusing(files[file_no]):
            if opened.fill:
                opened.fill(con, file_no)
            for batch in opened.batches() if opened.batches else ():
                waiting.append(batch.append_column("file_no", pa.repeat(pa.scalar(file_no, pa.int32()), batch.num_rows)))
                if sum(table.num_rows for table in waiting) >= PORTION:
                    pick()
    pick()
    counts = dict(con.execute("select file_no, count(*) from picked group by all").fetchall())
    for file_no, opened in group:
        file = files[file_no]
        if file["status"] == "unreadable":
            _forget(con, file_no)
        else:
            file["rows_received"] = counts.get(file_no, 0)
            if not file["rows_received"]:
                _refuse(file, Unreadable("no_rows", f"row {opened.header_row or 1} holds the headings, and there is no row below it"))


@contextmanager
def _refusing(file: dict[str, Any]) -> Iterator[None]:
    """Whatever goes wrong while one file is read is that file's failure, with the library's own reason."""
    try:
        yield
    except Unreadable as failure:
        _refuse(file, failure)
    except FileNotFoundError:
        _refuse(file, Unreadable("unreadable_file", "its bytes are not in the landing store any more"))
    except Exception as error:  # noqa: BLE001 whatever a library says of a sender's file is that file's failure
        reason = " ".join(str(error).split())[:300] or "no reason given"
        _refuse(file, Unreadable("unreadable_file", f"{reason} ({type(error).__name__})"))


def _refuse(file: dict[str, Any], failure: Unreadable) -> None:
    text = personal_data.hidden(failure.text)
    file |= {"status": "unreadable", "failure_rule": failure.rule, "failure_text": text, "rows_received": 0}
    file["failure_text_vi"] = in_vietnamese(text)


def _mark_files(
    con: duckdb.DuckDBPyConnection, settings: Settings, receipts: list[dict[str, Any]], files: list[dict[str, Any]],
    screened: dict[int, frozenset[str]],
) -> None:  # fmt: skip
    """Which files hold personal data, so that their bytes are kept apart: what the rows and names show, other sheets of a workbook, and
    the text of what could not be read."""
    rules = (personal_data.RULE, personal_data.RULE_IN_NAME)
    found = {n for (n,) in con.execute("select distinct file_no from marks where mark in (?, ?)", rules).fetchall()}
    for file_no, (receipt, file) in enumerate(zip(receipts, files, strict=True)):
        path = bytes_path(settings, receipt["sha256"])
        file["has_personal_data"] = file_no in found
        if file_no in found or file["status"] == "duplicate" or file["is_simulated"] or not path.is_file():
            continue
        if file["status"] == "unreadable":
            file["has_personal_data"] = has_personal_data(path, None) or personal_data.in_bytes(path)
        elif file["format"] == "xlsx" and has_personal_data(path, file["sheet"], screened[file_no]):
            file["has_personal_data"] = True
            marks.add_of_file(con, file_no, personal_data.RULE_IN_NAME, personal_data.HIDDEN)


def _forget(con: duckdb.DuckDBPyConnection, file_no: int) -> None:
    for table in ("picked", "cells", "marks", "said"):
        con.execute(f"delete from {table} where file_no = ?", [file_no])


def _count_duplicates(settings: Settings, campaign: Campaign, files: list[dict[str, Any]]) -> None:
    """A file seen again has as many rows as the first had; all of them are duplicates."""
    originals = {file["duplicate_of"] for file in files if file["status"] == "duplicate"}
    if not originals:
        return
    counts = {file["file_id"]: file["rows_received"] for file in files if file["status"] == "read"}
    paths = lake.paths(settings, "batches", campaign.id)
    if originals - counts.keys() and paths:
        with duckdb.connect() as con:
            found = con.execute(
                """select file_id, max(rows_received) from read_parquet(?, hive_partitioning = false)
                where file_id in (select unnest(?)) group by all""",
                [paths, sorted(originals)],
            ).fetchall()
        counts = dict(found) | counts
    for file in files:
        if file["status"] == "duplicate":
            file["rows_received"] = counts.get(file["duplicate_of"]) or 0


def _batch_id(files: list[dict[str, Any]]) -> str:
    last = max(file["received_at"] for file in files) if files else datetime(1970, 1, 1, tzinfo=UTC)
    return lake.batch_id(last.strftime("%Y%m%dT%H%M%SZ"), [file["file_id"] for file in files])
