"""Receipts of the landing: who sent what when, one JSON file per file offered, written once and never changed."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.errors import TiendoError
from tiendo.settings import Settings

Receipt = dict[str, Any]


def receipts_folder(settings: Settings, campaign_id: str) -> Path:
    return settings.landing / "receipts" / f"campaign_id={campaign_id}"


def receipt_ids(settings: Settings, campaign_id: str) -> set[str]:
    """Ids of all receipts of a campaign, from the folder alone."""
    folder = receipts_folder(settings, campaign_id)
    return {path.stem for path in folder.glob("[!.]*.json")} if folder.is_dir() else set()


def read_receipts(settings: Settings, campaign_id: str) -> list[Receipt]:
    """All receipts of a campaign, in no order that matters."""
    folder = receipts_folder(settings, campaign_id)
    paths = sorted(folder.glob("[!.]*.json")) if folder.is_dir() else []
    return [_read(path) for path in paths]


def _read(path: Path) -> Receipt:
    try:
        return dict(json.loads(path.read_bytes()))
    except (ValueError, TypeError):
        way_out = "Restore landing/ from the backup: what the receipt says cannot be found out again"
        raise TiendoError("a receipt that cannot be read", where=str(path), way_out=way_out) from None


def pending(settings: Settings, campaign: Campaign, until: datetime | None = None, first: datetime | None = None) -> list[Receipt]:
    """Receipts that no batch of the lake holds yet, received from `first` to `until` (both inclusive), by received_at and name.

    Of several receipts for one `file_id` the one received first is `new` and the others are `seen`: whichever was landed first, the
    first arrival counts. In the lake a new one has its `file_id`, a seen one its `receipt_id`, and `duplicate_of` that `file_id`.
    """
    recorded = _recorded(settings, campaign.id)
    by_file: dict[str, list[tuple[datetime, Receipt]]] = defaultdict(list)
    for receipt in _returns_apart(campaign, read_receipts(settings, campaign.id)):
        by_file[receipt["file_id"]].append((datetime.fromisoformat(receipt["received_at"]), receipt))
    found = []
    for file_id, receipts in by_file.items():
        receipts.sort(key=lambda item: (item[0], item[1]["status"], item[1]["file_name"], item[1]["receipt_id"]))
        original = None
        if file_id in recorded:
            exact = [r for at, r in receipts if _name_and_time(at, r) == recorded[file_id]]
            original = (exact or [r for _, r in receipts])[0]["receipt_id"]
        for at, receipt in receipts:
            if receipt["receipt_id"] in recorded or receipt["receipt_id"] == original:
                continue
            if (until and at > until) or (first and at < first):
                continue
            is_first = original is None
            original = original or receipt["receipt_id"]
            found.append((at, receipt | {"status": "new" if is_first else "seen"}))
    found.sort(key=lambda item: (item[0], item[1]["file_name"], item[1]["container_name"], item[1]["receipt_id"]))
    return [receipt for _, receipt in found]


def _returns_apart(campaign: Campaign, receipts: list[Receipt]) -> list[Receipt]:
    """The receipts, with a file of its own for each copy of a whole series that goes back to earlier bytes.

    In a source whose files repeat the whole series the newest file counts. Bytes that were there before are a duplicate only
    of the file right before them; after another one they take the series back, and that is news.
    """
    whole = {source.id for source in campaign.sources if source.resubmits != "slot"}
    last: dict[str, str] = {}
    first_of: set[str] = set()
    told = []
    for receipt in sorted(receipts, key=lambda r: (datetime.fromisoformat(r["received_at"]), r["file_name"], r["receipt_id"])):
        source, file_id = receipt["source_id"], receipt["file_id"]
        if source in whole and file_id in first_of and last[source] != file_id:
            receipt = receipt | {"file_id": receipt["receipt_id"]}
        first_of.add(file_id)
        last[source] = file_id
        told.append(receipt)
    return told


def _name_and_time(received_at: datetime, receipt: Receipt) -> tuple[str, str, int, int]:
    return (receipt["container_name"], receipt["file_name"], _micros(received_at), _micros(datetime.fromisoformat(receipt["landed_at"])))


def _micros(moment: datetime) -> int:
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _recorded(settings: Settings, campaign_id: str) -> dict[str, tuple[str, str, int, int]]:
    """file_id -> container, name, arrival and landing of every file in the campaign's batches."""
    paths = lake.paths(settings, lake.LAST, campaign_id)
    if not paths:
        return {}
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select file_id, coalesce(container_name, ''), file_name, epoch_us(received_at), epoch_us(landed_at)"
            " from read_parquet($1, union_by_name = true)",
            [paths],
        ).fetchall()
    return {row[0]: row[1:] for row in rows}
