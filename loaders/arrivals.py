"""When a file arrived and what its name says: our clock, or the record of an archive that the campaign trusts."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tiendo.campaign import Campaign, Source

IDENTIFYING = ("as_of", "unit", "slot", "sender")  # groups of `file_name` that say what a file is about, and whose word it is
_DATE_FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y-%m-%dT%H:%M:%S", "%Y%m%dT%H%M%S", "%Y%m%d%H%M%S", "%Y%m%d%H%M")


@dataclass(frozen=True)
class Arrival:
    """A moment in UTC, whose word it is, and the line to show where the archive's own record was not found."""

    received_at: datetime
    received_by: str
    problem: str = ""


@dataclass
class ArrivalIndex:
    """The rows of an index file: base name -> (folder of the index, path in the index, key, time as written)."""

    rows: dict[str, list[tuple[str, str, str, str]]] = field(default_factory=dict)

    def add(self, source: Source, folder: str, content: bytes) -> str:
        """Take in an index file that lies in `folder`; returns what is wrong with it, '' if nothing is."""
        received = source.received
        try:
            reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
            headings = list(reader.fieldnames or [])
            needed = [h for h in (received.index_file_column, received.column, received.index_key_column) if h]
            lacking = [h for h in needed if h not in headings]
            if lacking:
                return f"the index {received.index} has no column {', '.join(lacking)}; it has {', '.join(headings)}"
            for row in reader:
                path = (row[received.index_file_column or ""] or "").replace("\\", "/").strip()
                key = row[received.index_key_column] or "" if received.index_key_column else ""
                self.rows.setdefault(_base(path), []).append((folder, path, key, row[received.column or ""] or ""))
        except (UnicodeDecodeError, csv.Error) as error:
            return f"the index {received.index} cannot be read ({error})"
        return ""

    def find(self, source: Source, name: str) -> str | None:
        """The time as written for the file `name`; None where the index has none or several that differ."""
        rows = [row for row in self.rows.get(_base(name), []) if not row[0] or name.startswith(f"{row[0]}/")]
        nearest = max((len(row[0]) for row in rows), default=0)
        rows = [row for row in rows if len(row[0]) == nearest]
        inner = name[nearest + 1 :] if nearest else name
        if source.received.index_key_column:
            rows = [row for row in rows if row[2] == inner.split("/", 1)[0]]
        exact = [row for row in rows if row[1] == inner]
        times = {row[3] for row in exact or rows}
        return times.pop() if len(times) == 1 else None


def facts_of(source: Source, file_name: str, container_name: str) -> dict[str, str]:
    """What the name says (as_of, unit, slot, sender, received); with the container's name before it where it says nothing alone."""
    if not source.file_name:
        return {}
    found = re.search(source.file_name, file_name)
    if not found and container_name:
        found = re.search(source.file_name, f"{container_name}/{file_name}")
    return {name: value for name, value in found.groupdict().items() if value} if found else {}


def identity(source: Source, facts: dict[str, str], arrival: Arrival) -> list[str]:
    """The facts that make equal bytes different files."""
    told = [f"{name}={facts[name]}" for name in IDENTIFYING if name in facts]
    if source.as_of_from == "received" and arrival.received_by not in ("clock", "column"):
        told.append(f"received={arrival.received_at.isoformat()}")  # the arrival says what day the figures are of
    return told


def arrival_of(
    campaign: Campaign, source: Source, now: datetime, facts: dict[str, str], index: ArrivalIndex | None, *names: str
) -> Arrival:
    """When the file arrived; `names` are looked up in the index in turn. Falls back to our clock, and says so."""
    by = source.received.by
    if by in ("clock", "column"):
        return Arrival(now, by)
    if by == "file_name":
        text, place = facts.get("received"), "its name"
    else:
        found = [index.find(source, name) for name in names if name] if index else []
        text, place = next((time for time in found if time is not None), None), f"the index {source.received.index}"
    if text is None:
        return Arrival(now, "clock", f"{place} does not say when it arrived; our clock was taken. Add it there, or mend received:")
    moment = parse_moment(campaign, text, source.received.format)
    if moment is None:
        return Arrival(now, "clock", f"{place} says '{text}', which is no time that received: describes; our clock was taken. Mend format:")
    return Arrival(moment, by)


def parse_moment(campaign: Campaign, text: str, form: str | None) -> datetime | None:
    """A time as UTC: by `form`, else ISO 8601 or digits. Without offset it is the campaign's wall clock; a day alone is its 00:00."""
    forms = [form] if form else _DATE_FORMATS
    moment = None
    if not form:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            moment = None
    for each in forms if moment is None else []:
        try:
            moment = datetime.strptime(text.strip(), each)
            break
        except ValueError:
            continue
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=campaign.zone)).astimezone(UTC)


def _base(path: str) -> str:
    return path.rsplit("/", 1)[-1]
