"""From landed bytes to a parsed batch: every file read or refused with one reason, every row kept (docs/data.md, "Parsed batch")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from loaders import rows
from loaders.formats import open_file
from loaders.headings import Finder
from loaders.opened import FRESH, Opened
from loaders.unit_discovery import UNIT_COLUMNS, discover
from loaders.unit_resolution import Label, Resolved, UnitIndex
from loaders.unreadable import Unreadable
from tiendo import lake
from tiendo.campaign import Campaign, Source
from tiendo.home import scratch_folder
from tiendo.settings import Settings
from tiendo.units import load_aliases, load_units

Progress = Callable[[str, int, int], None]  # what, done, of
PORTION = 200_000  # rows that are taken apart at once

_TEXT, _MOMENT = pa.string(), pa.timestamp("us", tz="UTC")
FILES = pa.schema(
    [
        *((name, _TEXT) for name in ("batch_id", "campaign_id", "source_id", "file_id", "file_name", "container_name", "sha256")),
        ("size_bytes", pa.int64()), ("received_at", _MOMENT), ("received_by", _TEXT), ("landed_at", _MOMENT),
        *((name, _TEXT) for name in ("sender", "format", "encoding", "delimiter", "sheet")), ("header_row", pa.int64()),
        *((name, _TEXT) for name in ("status", "duplicate_of", "failure_rule", "failure_text")),
        ("rows_received", pa.int64()), ("is_simulated", pa.bool_()),
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
    """Fill `into` with files.parquet, rows.parquet, cells.parquet and units.parquet.

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
        con.execute(rows.TABLES)
        groups = _open_all(con, settings, campaign, ordered, files, sources, scratch)
        done = sum(file["status"] != "read" for file in files)
        for (source_no, _), group in groups.items():
            _read_group(con, files, group, campaign.sources[source_no], campaign)
            done += len(group)
            if progress:
                progress("read", done, len(files))
        _count_duplicates(settings, campaign, files)
        batch = _batch_id(files)
        for file in files:
            file["batch_id"] = batch
        pq.write_table(pa.Table.from_pylist(files, schema=FILES), into / "files.parquet")
        _register_files(con, ordered, files, campaign, sources)
        _resolve(con, campaign, units, into / "units.parquet")
        rows.write_rows(con, campaign.sources, campaign, str(into / "rows.parquet"))
        rows.write_cells(con, campaign.sources, str(into / "cells.parquet"))


def _file_row(campaign: Campaign, receipt: dict[str, Any]) -> dict[str, Any]:
    source = next((source for source in campaign.sources if source.id == receipt["source_id"]), None)
    file = dict.fromkeys(FILES.names) | {name: receipt.get(name) for name in _FROM_RECEIPT}
    file |= {"campaign_id": campaign.id, "status": "read", "rows_received": 0}
    file["is_simulated"] = receipt.get("received_by") == "simulation" or (source is not None and source.kind == "simulation")
    file["received_at"], file["landed_at"] = _moment(receipt["received_at"]), _moment(receipt["landed_at"])
    if receipt.get("status") == "seen":
        file |= {"status": "duplicate", "file_id": receipt["receipt_id"], "duplicate_of": receipt["file_id"]}
    elif receipt.get("failure_rule"):
        file |= {"status": "unreadable", "failure_rule": receipt["failure_rule"], "failure_text": receipt.get("failure_text") or ""}
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
        path = settings.landing / "bytes" / receipt["sha256"][:2] / receipt["sha256"]
        source_no = sources.get(receipt["source_id"])
        with _refusing(file):
            if source_no is None:
                raise Unreadable("unreadable_file", f"source '{receipt['source_id']}' is no longer in the campaign")
            opened = open_file(con, path, file["file_name"], campaign.sources[source_no], campaign, finders[source_no], scratch)
            file |= {name: getattr(opened, name) for name in ("format", "encoding", "delimiter", "sheet", "header_row")}
            groups[source_no, opened.layout].append((file_no, opened))
    return groups


def _read_group(con: duckdb.DuckDBPyConnection, files: list[dict[str, Any]], group: Group, source: Source, campaign: Campaign) -> None:
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
    file |= {"status": "unreadable", "failure_rule": failure.rule, "failure_text": failure.text, "rows_received": 0}


def _forget(con: duckdb.DuckDBPyConnection, file_no: int) -> None:
    for table in ("picked", "cells"):
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


def _register_files(
    con: duckdb.DuckDBPyConnection, receipts: list[dict[str, Any]], files: list[dict[str, Any]], campaign: Campaign, sources: dict[str, int]
) -> None:
    """The table `files`: what the rows of a file take from it."""
    table = []
    for file_no, (receipt, file) in enumerate(zip(receipts, files, strict=True)):
        facts, source_no = receipt.get("facts") or {}, sources.get(file["source_id"])
        whole = (campaign.sources[source_no].unit_code if source_no is not None else None) or facts.get("unit") or ""
        table.append(
            {
                "file_no": file_no, "source_no": source_no, "file_id": file["file_id"], "sheet": file["sheet"], "unit_fact": whole,
                "slot_fact": facts.get("slot"), "as_of_fact": facts.get("as_of") or "", "sender": file["sender"],
                "received_at": file["received_at"], "as_of_column": "column",
            }
        )  # fmt: skip
    texts = ("file_id", "sheet", "unit_fact", "slot_fact", "as_of_fact", "sender", "as_of_column")
    schema = pa.schema([("file_no", pa.int32()), ("source_no", pa.int32()), *((name, _TEXT) for name in texts), ("received_at", _MOMENT)])
    con.register("files_in", pa.Table.from_pylist(table, schema=schema))
    con.execute("create table files as select * from files_in")


def _resolve(con: duckdb.DuckDBPyConnection, campaign: Campaign, units: pd.DataFrame, target: Path) -> None:
    """The table `labels`: the unit of every distinct label of the batch; new units go to `target`."""
    aliases = load_aliases(campaign, units)
    found = con.execute(
        """select f.source_no, f.unit_fact, p.label, count(*) from picked p join files f using (file_no)
        where p.label is not null and p.total_unit is null group by all order by all"""
    ).fetchall()
    labels = [
        (source_no, whole, text, rows.label_of(campaign.sources[source_no], whole, text), count) for source_no, whole, text, count in found
    ]
    index = UnitIndex(campaign, units, aliases)
    known: dict[Label, Resolved] = {}
    new = pd.DataFrame(columns=list(UNIT_COLUMNS))
    if campaign.units.discover:
        known, new = discover(
            campaign, units, index, [(label, count, _code_level(campaign.sources[n])) for n, _, _, label, count in labels]
        )
        if len(new):
            index = UnitIndex(campaign, pd.concat([units, new], ignore_index=True), aliases)
    resolved = [
        (n, whole, text, label, known.get(label) or index.resolve(label, campaign.sources[n])) for n, whole, text, label, _ in labels
    ]
    con.register(
        "labels_in",
        pa.table(
            {
                "source_no": pa.array([n for n, *_ in resolved], pa.int32()),
                "whole": pa.array([whole for _, whole, *_ in resolved], _TEXT),
                "label": pa.array([text for _, _, text, *_ in resolved], _TEXT),
                "unit_raw": pa.array([label.raw for *_, label, _ in resolved], _TEXT),
                "unit_code": pa.array([unit.unit_code for *_, unit in resolved], _TEXT),
                "unit_match": pa.array([unit.unit_match for *_, unit in resolved], _TEXT),
                "suggestions": pa.array([unit.suggestions for *_, unit in resolved], _TEXT),
            }
        ),
    )
    con.execute("create table labels as select * from labels_in")
    table = {name: pa.array([value if isinstance(value, str) else None for value in new[name]], _TEXT) for name in UNIT_COLUMNS}
    pq.write_table(pa.table(table), target)


def _code_level(source: Source) -> str | None:
    """The level whose codes the column `unit: code:` holds, where the source says so."""
    return source.unit.level or (list(source.unit.names)[-1] if source.unit.names else None)
