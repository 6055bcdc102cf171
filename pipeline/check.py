"""A file judged without being sent: same readers, same rules, same words, same history; landing and lake are only read."""

from __future__ import annotations

import fnmatch
import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from tiendo import lake, units
from tiendo.campaign import Campaign, Source
from tiendo.errors import NotFoundError, TiendoError
from tiendo.home import scratch_folder
from tiendo.settings import Settings, utc_now


@dataclass(frozen=True)
class _Apart(Settings):
    """The home as it is, with a landing and a scratch of its own that are thrown away."""

    apart: Path

    @property
    def landing(self) -> Path:
        return self.apart / "landing"

    @property
    def scratch(self) -> Path:
        return self.apart / "scratch"


@dataclass
class Checked:
    """One file of what was checked: its document (docs/receipt.schema.json) and its bytes, in scratch as long as the check lasts."""

    document: dict[str, Any]
    bytes_path: Path
    unread: tuple[
        str, ...
    ] = ()  # what the source reads from a file's name (as_of, unit, slot, sender, received) and this name does not say


@contextmanager
def check(
    settings: Settings,
    campaign: Campaign,
    file: Path,
    *,
    source_id: str | None = None,
    sender: str | None = None,
    at: datetime | None = None,
) -> Iterator[list[Checked]]:
    """Judge a local file as if it arrived at `at` (default: our clock) from `sender`; one entry per file in it (members of archives).

    Rules are counted in DuckDB by the conditions that Great Expectations counts by, so that the answer takes seconds. History is what
    the lake holds of arrivals until `at`. Raises NotFoundError (no such file, source unclear) and what the readers and the gate raise.
    """
    from expectations.engine import count_in_duckdb
    from expectations.gate import judge_into
    from loaders.reading import read_batch
    from publishers.receipts.facts import documents

    if not file.is_file():
        raise NotFoundError("there is no such file", where=str(file), way_out="Name a file that is there")
    source = source_of(campaign, file, source_id)
    now = at or utc_now()
    with scratch_folder(Path(tempfile.gettempdir()), "tiendo-check-") as folder:
        apart = _Apart(settings.home, settings.campaigns, folder)
        receipts = _landed(settings, apart, campaign, source, file, sender, now)
        register = units.load_units(settings, campaign)
        read_batch(apart, campaign, receipts, folder / "parsed", register)
        staged = folder / "staged"
        staged.mkdir()
        judge_into(staged, apart, campaign, folder / "parsed", register, now, count=count_in_duckdb)
        tables = {table: [str(staged / f"{table}.parquet")] for table in lake.SCHEMAS}
        shas = {_id_in_lake(receipt): receipt["sha256"] for receipt in receipts}
        yield [
            Checked(
                document,
                apart.landing / "bytes" / shas[document["receipt_id"]][:2] / shas[document["receipt_id"]],
                unread(source, document["file"]["file_name"], document["file"]["container_name"]),
            )
            for document in documents(campaign, register, tables, is_landed=False)
        ]


def source_of(campaign: Campaign, file: Path, source_id: str | None) -> Source:
    """The source named; else the only one whose `members` and `file_name` fit; else the only one. Raises NotFoundError naming them."""
    listed = ", ".join(source.id for source in campaign.sources)
    if source_id is not None:
        for source in campaign.sources:
            if source.id == source_id:
                return source
        raise NotFoundError(f"no source '{source_id}'", where=campaign.id, way_out=f"Allowed: {listed}")
    if len(campaign.sources) == 1:
        return campaign.sources[0]
    fitting = [source for source in campaign.sources if _fits(source, file.name)]
    if len(fitting) == 1:
        return fitting[0]
    what = f"{file.name} fits more than one source" if fitting else f"{file.name} fits no source by its name"
    raise NotFoundError(what, where=campaign.id, way_out=f"Say which with --source. Allowed: {listed}")


def _fits(source: Source, name: str) -> bool:
    wanted = any(fnmatch.fnmatchcase(name, pattern.strip().rsplit("/", 1)[-1]) for pattern in source.members.split("|"))
    return wanted and _is_listed(source, name) and (not source.file_name or re.search(source.file_name, name) is not None)


def _is_listed(source: Source, name: str) -> bool:
    """Whether a file of that name would be found where the source's path looks."""
    last = source.path.rsplit("/", 1)[-1]
    return fnmatch.fnmatchcase(name, last) if any(c in last for c in "*?[") else True


def unread(source: Source, file_name: str, container_name: str) -> tuple[str, ...]:
    """What a collection would have to know from the file's name and does not find there: the rows then lack it."""
    from loaders.arrivals import facts_of

    needed = {
        "as_of": source.as_of_from == "file_name",
        "unit": not (source.unit.code or source.unit.names or source.unit_code),
        "slot": not source.slot,
        "sender": not source.sender,
        "received": source.received.by == "file_name",
    }
    told = facts_of(source, file_name, container_name)
    groups = re.compile(source.file_name).groupindex if source.file_name else {}
    return tuple(name for name, is_needed in needed.items() if name in groups and is_needed and name not in told)


def _landed(
    settings: Settings, apart: _Apart, campaign: Campaign, source: Source, file: Path, sender: str | None, now: datetime
) -> list[dict[str, Any]]:
    """Receipts of the file as the landing would write them, with bytes and receipts in the landing apart."""
    from loaders.landing import land, pending

    if not _is_listed(source, file.name):
        raise TiendoError(
            f"source '{source.id}' takes no file of that name (path: {source.path})",
            where=file.name,
            way_out="Rename it as the source wants it, or name another source with --source",
        )
    here = source.model_copy(update={"path": str(file.absolute()), "kind": "files"})
    others = [each for each in campaign.sources if each.id == source.id]
    alone = campaign.model_copy(update={"sources": [here for _ in others]})
    landed = land(apart, alone, now)
    for error in landed.failed_sources.values():
        raise error
    # the lake is the true one; what it has of these very bytes is looked up below
    receipts = pending(_Apart(apart.apart / "nothing", (), apart.apart), alone)
    if not receipts:
        said = "; ".join(landed.problems) or f"source '{source.id}' takes no file of that name (members: {source.members})"
        raise TiendoError(said, where=file.name, way_out="Rename it as the source wants it, or name another source with --source")
    known = _known(settings, campaign, receipts)
    return [_placed(source, receipt, known) | ({"sender": sender} if sender else {}) for receipt in receipts]


def _placed(source: Source, receipt: dict[str, Any], known: list[tuple[str, str, str, str]]) -> dict[str, Any]:
    """The receipt, `seen` where the lake has the file already; going back to earlier bytes after others is a report of its own."""
    if receipt["status"] == "seen" or receipt["file_id"] not in {row[0] for row in known}:
        return receipt
    whole = source.resubmits != "slot"
    name = (receipt["container_name"], receipt["file_name"])
    last = [row for row in known if row[3] == source.id and (whole or (row[1], row[2]) == name)]
    if last and last[-1][0] != receipt["file_id"]:
        return receipt | {"file_id": hashlib.sha256(f"{receipt['file_id']} after {last[-1][0]}".encode()).hexdigest()[:20]}
    return receipt | {"status": "seen"}


def _known(settings: Settings, campaign: Campaign, receipts: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """(file_id, container, name, source) of the files in the lake, by arrival; repeats under the id of what they repeat."""
    paths = lake.paths(settings, lake.LAST, campaign.id)
    if not paths:
        return []
    shas = {receipt["sha256"]: receipt["file_id"] for receipt in receipts}
    with duckdb.connect() as connection:
        rows = connection.execute(
            """SELECT file_id, coalesce(container_name, ''), file_name, source_id, sha256, status
               FROM read_parquet($paths, union_by_name = true, hive_partitioning = false)
               WHERE status <> 'acts' ORDER BY received_at, file_name, file_id""",
            {"paths": paths},
        ).fetchall()
    return [(shas.get(sha, key) if status == "duplicate" else key, box, name, source) for key, box, name, source, sha, status in rows]


def _id_in_lake(receipt: dict[str, Any]) -> str:
    return str(receipt["receipt_id"] if receipt["status"] == "seen" else receipt["file_id"])
