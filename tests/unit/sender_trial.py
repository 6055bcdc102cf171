"""A small campaign with an inbox, whose files are taken in as a run does it, without Great Expectations: its import takes seconds."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
import yaml

from expectations.engine import count_in_duckdb
from expectations.gate import judge_into
from loaders.landing import land, pending
from loaders.reading import read_batch
from loaders.restricted import set_apart
from tiendo import lake
from tiendo.campaign_file import read_campaign
from tiendo.home import scratch_folder
from tiendo.settings import Settings
from tiendo.units import load_units

UNITS = """unit_code,unit_name,level,parent_code,closed_on
01,Tỉnh Thử,province,,
001,Xã Một,commune,01,
002,Xã Hai,commune,01,
003,Xã Ba,commune,01,2023-06-05
004,Xã Bốn,commune,01,
"""

SENDERS = """sender,unit_code
Văn phòng tỉnh,01
Xã Một,001
Xã Hai,002
"""

CAMPAIGN: dict[str, Any] = {
    "id": "trial",
    "name": {"vi": "Chiến dịch thử", "en": "Trial campaign"},
    "starts_on": "2023-06-01",
    "ends_on": "2023-06-30",
    "levels": [{"id": "province", "name": {"vi": "Tỉnh", "en": "Province"}}, {"id": "commune", "name": {"vi": "Xã", "en": "Commune"}}],
    "units": {"file": "units.csv"},
    "indicators": [
        {"id": "received", "name": {"vi": "Thu nhận", "en": "Received"}, "kind": "cumulative"},
        {"id": "activated", "name": {"vi": "Kích hoạt", "en": "Activated"}, "kind": "cumulative", "part_of": "received"},
    ],
    "slots": [{"id": "daily", "cutoff": "17:00", "levels": ["commune"], "grace_minutes": 10}],
    "exemptions": [{"unit": "004", "first_on": "2023-06-10", "last_on": "2023-06-20", "reason": "đảo", "author": "văn phòng"}],
}

SOURCE: dict[str, Any] = {
    "id": "reports",
    "path": "inbox",
    "numbers": "vi",
    "dates": ["%d/%m/%Y"],
    "unit": {"code": "Mã xã"},
    "as_of": "Ngày",
    "indicators": {"received": "Đã thu nhận", "activated": "Đã kích hoạt"},
}

HEADINGS = ["Mã xã", "Ngày", "Đã thu nhận", "Đã kích hoạt"]
DAY = datetime(2023, 6, 13)
NOON = datetime(2023, 6, 13, 5, 0, tzinfo=UTC)  # 12:00 of the campaign's clock: 5 hours to the cutoff


class Trial:
    """The campaign in a folder, and a home; `more` are keys of the campaign, `source` keys of its source."""

    def __init__(
        self, folder: Path, source: dict[str, Any] | None = None, sources: list[dict[str, Any]] | None = None, **more: Any
    ) -> None:
        place = folder / "campaigns" / "trial"
        self.inbox = place / "inbox"
        self.inbox.mkdir(parents=True)
        (place / "units.csv").write_text(UNITS, encoding="utf-8")
        if "senders" in more:
            (place / "senders.csv").write_text(SENDERS, encoding="utf-8")
        says = CAMPAIGN | {"sources": sources or [SOURCE | (source or {})]} | more
        (place / "campaign.yml").write_text(yaml.safe_dump(says, allow_unicode=True, sort_keys=False), encoding="utf-8")
        self.settings = Settings(home=folder / "home", campaigns=(folder / "campaigns",))
        self.campaign = read_campaign(place)

    @property
    def units(self) -> Any:
        return load_units(self.settings, self.campaign)

    def put(self, name: str, content: bytes) -> Path:
        path = self.inbox / name
        path.write_bytes(content)
        return path

    def land(self, now: datetime) -> None:
        land(self.settings, self.campaign, now)

    def take_in(self, now: datetime = NOON) -> str:
        """Land, read, judge and commit what lies in the inbox; returns the batch."""
        self.land(now)
        receipts = pending(self.settings, self.campaign, now)
        with scratch_folder(self.settings.scratch, "trial-") as folder:
            read_batch(self.settings, self.campaign, receipts, folder / "parsed", self.units)
            set_apart(self.settings, receipts, folder / "parsed")
            (folder / "staged").mkdir()
            judged = judge_into(folder / "staged", self.settings, self.campaign, folder / "parsed", self.units, now, count=count_in_duckdb)
            lake.commit(folder / "staged", self.settings, "trial", judged.batch_id)
        return judged.batch_id


def csv(*rows: str, headings: list[str] = HEADINGS) -> bytes:
    return ("\r\n".join([";".join(headings), *rows]) + "\r\n").encode("utf-8-sig")


def workbook(rows: list[list[Any]], title: list[str] | None = None, headings: list[str] = HEADINGS) -> bytes:
    """A report as XLSX: lines of title, headings, rows; datetimes are dates."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, day = book.add_worksheet("Báo cáo"), book.add_format({"num_format": "dd/mm/yyyy"})
        for line, cells in enumerate([*([text] for text in title or []), headings, *rows]):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write_datetime(line, column, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(line, column, cell)
                elif cell is not None:
                    sheet.write_number(line, column, cell)
    return buffer.getvalue()


def opened(content: bytes | Path, **options: Any) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content) if isinstance(content, bytes) else content, **options)
