"""A campaign with an inbox whose files are landed: what the tests of the landing share."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.landing import LandResult, land, pending
from loaders.receipts import read_receipts
from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.campaign_file import read_campaign
from tiendo.settings import Settings

NOW = datetime(2023, 6, 13, 10, 0, tzinfo=UTC)
ROWS = b"code,n\n303,12\n"
CAMPAIGN = """\
id: c
name: {vi: C, en: C}
time_zone: Asia/Ho_Chi_Minh
starts_on: 2023-05-15
ends_on: 2023-06-30
levels: [{id: district, name: {vi: Huyện, en: District}}]
units: {discover: true}
indicators: [{id: activated, name: {vi: Kích hoạt, en: Activated}, kind: cumulative}]
sources:
  - {id: s, path: inbox, as_of: day, unit: {code: code}, indicators: {activated: n}%s}
"""


class Trial:
    """A campaign `c` with an inbox, and a home."""

    def __init__(self, folder: Path, says: str = "") -> None:
        self.inbox = folder / "c" / "inbox"
        self.inbox.mkdir(parents=True)
        self.settings = Settings(home=folder / "home", campaigns=(folder,))
        self.campaign = self.says(says)

    def says(self, more: str) -> Campaign:
        (self.inbox.parent / "campaign.yml").write_text(CAMPAIGN % (f", {more}" if more else ""), encoding="utf-8")
        self.campaign = read_campaign(self.inbox.parent)
        return self.campaign

    def put(self, name: str, content: bytes) -> Path:
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def land(self, now: datetime = NOW) -> LandResult:
        return land(self.settings, self.campaign, now)

    def receipts(self) -> dict[str, dict]:
        return {receipt["file_name"]: receipt for receipt in read_receipts(self.settings, "c")}

    def pending(self, **bounds: datetime) -> list[tuple[str, str]]:
        return [(receipt["file_name"], receipt["status"]) for receipt in pending(self.settings, self.campaign, **bounds)]

    def record(self, *receipts: dict) -> None:
        """What the line does with receipts: a batch in the lake."""
        rows = []
        for receipt in receipts:
            row = {name: receipt.get(name) for name in lake.SCHEMAS["batches"].names}
            row["file_id"] = receipt["receipt_id"] if receipt["status"] == "seen" else receipt["file_id"]
            row |= {name: datetime.fromisoformat(receipt[name]) for name in ("received_at", "landed_at")}
            rows.append(row)
        path = lake.table_path(self.settings.lake, "batches", "c", f"b{len(lake.batch_ids(self.settings, 'c'))}")
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=lake.SCHEMAS["batches"]), path)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
