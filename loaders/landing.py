"""Outside > landing: bytes as received under their sha256, and a receipt for every file offered.

Nothing in the landing is ever overwritten, and everything is written to a scratch name and then renamed, so a killed run
leaves nothing half done and two runs at once do no harm.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from loaders import archives, connectors
from loaders.archives import STANDARD, Fault, Limits
from loaders.arrivals import Arrival, ArrivalIndex, arrival_of, facts_of, identity
from loaders.offers import Offer
from loaders.personal_data import HIDDEN, hidden, is_personal
from loaders.receipts import Receipt, pending, read_receipts, receipt_ids, receipts_folder
from loaders.restricted import keep_names
from loaders.store import CHUNK, Stored, is_steady, store, sweep
from tiendo import lake
from tiendo.campaign import Campaign, Source
from tiendo.errors import SourceError
from tiendo.home import write_json
from tiendo.settings import Settings

__all__ = ["LandResult", "land", "pending"]

Progress = Callable[[str, int, int], None]
_LINES = 5  # of one kind for one source; the receipts hold the rest
_LARGEST_INDEX = 64 * 1024 * 1024


@dataclass
class LandResult:
    """What one run landed. `new` and `seen` count receipts written, `unchanged` files that had one, `refused` files with a fault."""

    new: int = 0
    seen: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)
    failed_sources: dict[str, SourceError] = field(default_factory=dict)


def land(settings: Settings, campaign: Campaign, now: datetime, progress: Progress | None = None, limits: Limits = STANDARD) -> LandResult:
    """Pull all sources of a campaign into the landing; `now` is our clock (aware).

    A source that cannot be reached is a problem line and an entry in `failed_sources`; the others are landed all the same.
    Files whose stamp (size and time of change) is as at the last landing are not read again.
    """
    desk = _Desk(settings, campaign, now.astimezone(UTC), limits)
    offered: list[tuple[Source, Offer]] = []
    for source in campaign.sources:
        try:
            offered += [(source, offer) for offer in connectors.offers(campaign, source)]
        except SourceError as error:
            desk.result.failed_sources[source.id] = error
            desk.refuse(f"source {source.id}: {error.line()}")
    if offered:
        sweep(settings)
    for done, (source, offer) in enumerate(offered):
        if progress:
            progress(hidden(offer.file_name), done, len(offered))
        desk.take(source, offer)
    if progress:
        progress("landed", len(offered), len(offered))
    desk.close()
    return desk.result


class _Desk:
    """One run's landing of one campaign: takes offers in, writes receipts, remembers what need not be read again."""

    def __init__(self, settings: Settings, campaign: Campaign, now: datetime, limits: Limits) -> None:
        self.settings, self.campaign, self.now, self.limits = settings, campaign, now, limits
        self.result = LandResult()
        self.written = receipt_ids(settings, campaign.id)
        self.memory_path = settings.landing / "seen" / f"campaign_id={campaign.id}.json"
        self.memory: dict[str, dict[str, Any]] = _read_memory(self.memory_path)
        self.remembered = json.dumps(self.memory, sort_keys=True)
        self.indexes: dict[tuple[str, int], ArrivalIndex] = {}
        self.unsure: dict[str, list[str]] = {}  # source -> files whose arrival its archive does not tell
        self._files: set[str] | None = None
        self._newest: dict[tuple[str, ...], Receipt] = {}  # the last receipt of every name

    @property
    def files(self) -> set[str]:
        """file_id of every receipt; read only once something new has come."""
        if self._files is None:
            receipts = sorted(read_receipts(self.settings, self.campaign.id), key=lambda r: (r["landed_at"], r.get("after", "") != ""))
            self._files = {receipt["file_id"] for receipt in receipts}
            self._newest = {_name_of(receipt): receipt for receipt in receipts}
        return self._files

    def add(self, receipt: Receipt) -> None:
        self.files.add(receipt["file_id"])
        self.written.add(receipt["receipt_id"])
        self._newest[_name_of(receipt)] = receipt

    def newest(self, name: tuple[str, ...]) -> Receipt | None:
        """What the source offered last under a name (source, origin, container, file)."""
        return self._newest.get(name) if self.files else None

    def refuse(self, line: str) -> None:
        self.result.refused += 1
        self.result.problems.append(hidden(line))

    def take(self, source: Source, offer: Offer) -> None:
        """Land one offer: the bytes as they are, then a receipt for it or for each wanted member of it."""
        key = f"{source.id} {offer.origin}"
        stamp = f"{offer.stamp} {_terms(source, self.limits)}" if offer.stamp else ""
        known = self.memory.get(key)
        if known and stamp and known.get("stamp") == stamp and self.written.issuperset(known["receipts"]):
            self.result.unchanged += len(known["receipts"])
            return
        try:
            with offer.open() as stream:
                outer = store(self.settings, stream)
                steady = is_steady(offer, stream)
            if not steady:
                self.refuse(f"{offer.origin}: changed while it was read, so it is still being written. The next run takes it")
                return
            intake = _Intake(self, source, offer, outer)
            intake.run()
        except SourceError as error:
            self.refuse(error.line())
            return
        except OSError as error:
            self.refuse(f"{offer.origin}: cannot be landed ({error.strerror or error}). Mend permissions or space; the next run takes it")
            return
        if stamp and not is_personal(key):
            self.memory[key] = {"stamp": stamp, "receipts": sorted(set(intake.receipts))}

    def close(self) -> None:
        for source_id, lines in self.unsure.items():
            self.result.problems += lines[:_LINES]
            if len(lines) > _LINES:
                self.result.problems.append(f"source {source_id}: the arrival of {len(lines) - _LINES} more files is not told either")
        if json.dumps(self.memory, sort_keys=True) != self.remembered:
            write_json(self.memory_path, self.memory)


class _Intake:
    """One offer on its way in: its members, their arrival, their receipts."""

    def __init__(self, desk: _Desk, source: Source, offer: Offer, outer: Stored) -> None:
        self.desk, self.source, self.offer, self.outer = desk, source, offer, outer
        self.kind = archives.kind_of(offer.file_name)
        self.receipts: list[str] = []
        self.index = self._index()

    def run(self) -> None:
        if self.kind is None:
            self._file(self.offer.file_name, self.offer.container_name, self.outer)
            return
        members: list[tuple[str, Stored]] = []
        faults = archives.unpack(
            self.outer.path,
            self.offer.file_name,
            self._wanted,
            lambda name, stream: members.append((name, store(self.desk.settings, stream))),
            self.desk.limits,
        )
        if not any(fault.is_damage for fault in faults):
            for name, stored in members:
                self._file(name, self.offer.file_name, stored)
        for fault in faults:
            self._fault(fault)

    def _wanted(self, name: str) -> bool:
        base = name.rsplit("/", 1)[-1]
        if base.startswith(".") or name.startswith("__MACOSX/") or base == self.source.received.index:
            return False
        return connectors.is_wanted(self.source, name, f"{self.offer.file_name}/{name}")

    def _fault(self, fault: Fault) -> None:
        name, container = (fault.member, self.offer.file_name) if fault.member else (self.offer.file_name, "")
        if self._file(name, container, self.outer, fault):
            where = f"{self.offer.origin}: {fault.member}" if fault.member else self.offer.origin
            self.desk.refuse(f"{where}: {fault.text} (rule {fault.rule}; the bytes are kept)")

    def _file(self, name: str, container: str, stored: Stored, fault: Fault | None = None) -> bool:
        """Write the receipt of one file unless it has one; True if it was written."""
        desk, source, offer = self.desk, self.source, self.offer
        facts = facts_of(source, name, container)
        arrival = self._arrival(name, container, facts)
        true_names = {"file_name": name, "container_name": container, "origin": offer.origin}
        facts = {key: hidden(value) for key, value in facts.items()}
        name, container, origin = hidden(name), hidden(container), hidden(offer.origin)
        told = identity(source, facts, arrival) + ([f"failure={fault.rule}", name] if fault else [])
        receipt_id = lake.digest(desk.campaign.id, source.id, origin, container, name, stored.sha256, *told)
        after = self._came_back(name, container, stored) if receipt_id in desk.written else ""
        if receipt_id in desk.written and not after:
            self.receipts.append(receipt_id)
            desk.result.unchanged += 1
            return False
        if after:
            told.append(f"after={after}")
            receipt_id = lake.digest(desk.campaign.id, source.id, origin, container, name, stored.sha256, *told)
        self.receipts.append(receipt_id)
        file_id = lake.file_id(desk.campaign.id, source.id, stored.sha256, told)
        receipt = {
            "receipt_id": receipt_id,
            "campaign_id": desk.campaign.id,
            "source_id": source.id,
            "file_id": file_id,
            "sha256": stored.sha256,
            "size_bytes": stored.size,
            "file_name": name,
            "container_name": container,
            "container_sha256": self.outer.sha256 if container else "",
            "origin": origin,
            "received_at": arrival.received_at.isoformat(),
            "received_by": arrival.received_by,
            "landed_at": desk.now.isoformat(),
            "sender": facts.get("sender") or offer.sender,
            "after": after,
            "status": "seen" if file_id in desk.files else "new",
            "facts": facts,
            "failure_rule": fault.rule if fault else "",
            "failure_text": hidden(fault.text) if fault else "",
        }
        keep_names(desk.settings, receipt_id, **true_names)
        write_json(receipts_folder(desk.settings, desk.campaign.id) / f"{receipt_id}.json", receipt)
        desk.add(receipt)
        if arrival.problem:
            desk.unsure.setdefault(source.id, []).append(hidden(f"{offer.origin}: {name}: {arrival.problem}"))
        desk.result.new += receipt["status"] == "new"
        desk.result.seen += receipt["status"] == "seen"
        return True

    def _came_back(self, name: str, container: str, stored: Stored) -> str:
        """The receipt of what stood under this name in between, where a file goes back to bytes it had before; else ''.

        Going back is a new report: to ignore it as seen would let the version in between stand for ever.
        """
        if is_personal(f"{self.offer.origin} {self.offer.file_name}") or HIDDEN in f"{name} {container}":
            return ""  # names that are hidden do not tell files apart
        last = self.desk.newest((self.source.id, self.offer.origin, container, name))
        if last is None or last["sha256"] == stored.sha256 or (container and last["container_sha256"] == self.outer.sha256):
            return ""
        return str(last["receipt_id"])

    def _arrival(self, name: str, container: str, facts: dict[str, str]) -> Arrival:
        if self.offer.received_at is not None:
            return Arrival(self.offer.received_at.astimezone(UTC), self.offer.received_by)
        folder = container.rpartition("/")[0]
        looked_up = f"{folder}/{name}" if folder and self.kind and self.kind[0] == "one" else name
        return arrival_of(self.desk.campaign, self.source, self.desk.now, facts, self.index, looked_up, container)

    def _index(self) -> ArrivalIndex | None:
        """The rows of the index in the archive, else of the one beside the file or in a folder above it."""
        wanted = self.source.received.index
        if self.source.received.by != "index" or not wanted:
            return None
        found: list[tuple[str, bytes]] = []
        has_members = self.kind is not None and self.kind[0] != "one"
        if has_members:
            # faults are told when the members are taken
            archives.unpack(
                self.outer.path,
                self.offer.file_name,
                lambda name: name.rsplit("/", 1)[-1] == wanted,
                lambda name, stream: found.append((name.rpartition("/")[0], _content(stream))),
                self.desk.limits,
            )
        beside = self.offer.beside(wanted) if self.offer.beside and not found else None
        if beside:
            folder, stream = beside
            with stream:
                found.append(("" if has_members else folder, _content(stream)))
        return self._parsed(tuple(found))

    def _parsed(self, found: tuple[tuple[str, bytes], ...]) -> ArrivalIndex:
        """An index is parsed once a run, however many files it speaks of."""
        key = (self.source.id, hash(found))
        if key not in self.desk.indexes:
            self.desk.indexes[key] = index = ArrivalIndex()
            for folder, content in found:
                if wrong := index.add(self.source, folder, content):
                    self.desk.result.problems.append(f"{self.offer.origin}: {wrong}. Mend it, or received: in the campaign")
        return self.desk.indexes[key]


def _name_of(receipt: Receipt) -> tuple[str, ...]:
    return (receipt["source_id"], receipt["origin"], receipt["container_name"], receipt["file_name"])


def _content(stream: IO[bytes]) -> bytes:
    """An index whole, up to a size that none has: what is longer is cut off and does not parse."""
    content = b""
    while len(content) < _LARGEST_INDEX and (piece := stream.read(CHUNK)):
        content += piece
    return content


def _terms(source: Source, limits: Limits) -> str:
    """What of a source decides how its files are landed: when it changes, they are read again."""
    terms = source.model_dump_json(include={"members", "file_name", "received", "as_of_from"})
    return lake.digest(terms, repr(limits))[:8]


def _read_memory(path: Path) -> dict[str, dict[str, Any]]:
    """What was landed by stamp; without it (or with a broken one) files are only read again."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
