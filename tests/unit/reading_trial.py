"""A small campaign whose files are landed by hand and read: what the tests of the readers share."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
import yaml

from loaders.reading import read_batch
from tiendo.campaign_file import read_campaign
from tiendo.settings import Settings

UNITS = """unit_code,unit_name,level,parent_code
31,Thành phố Hải Phòng,city,
303,Quận Hồng Bàng,district,31
305,Quận Lê Chân,district,31
311,Huyện Thủy Nguyên,district,31
"""

CAMPAIGN: dict[str, Any] = {
    "id": "trial",
    "name": {"vi": "Thử", "en": "Trial"},
    "starts_on": "2023-06-01",
    "ends_on": "2023-06-30",
    "levels": [{"id": "city", "name": {"vi": "Thành phố", "en": "City"}}, {"id": "district", "name": {"vi": "Quận", "en": "District"}}],
    "units": {"file": "units.csv"},
    "indicators": [
        {"id": "received", "name": {"vi": "Thu nhận", "en": "Received"}, "kind": "cumulative"},
        {"id": "activated", "name": {"vi": "Kích hoạt", "en": "Activated"}, "kind": "cumulative", "required": False},
    ],
}

SOURCE: dict[str, Any] = {
    "id": "reports",
    "path": "inbox",
    "numbers": "vi",
    "dates": ["%d/%m/%Y"],
    "unit": {"code": "Mã đơn vị"},
    "as_of": "Ngày",
    "indicators": {"received": "Đã thu nhận", "activated": "Đã kích hoạt"},
}

HEADING = "Mã đơn vị;Ngày;Đã thu nhận;Đã kích hoạt"


@dataclass
class Parsed:
    """The parsed batch, as DuckDB sees it."""

    folder: Path

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as con:
            con.execute("set timezone = 'UTC'")
            for name in ("files", "rows", "cells", "marks", "units"):
                con.execute(f"create view {name} as select * from '{self.folder}/{name}.parquet'")
            return con.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        (row,) = self.all(sql)
        return row[0] if len(row) == 1 else row

    @property
    def failure(self) -> tuple[str, str]:
        """Rule and text of the only file that was refused."""
        return self.one("select failure_rule, failure_text from files where status = 'unreadable'")

    @property
    def figures(self) -> list[tuple[int, str, float]]:
        return self.all("select row_number, indicator_id, value from cells order by all")


Reader = Callable[..., Parsed]


def read(tmp_path: Path, *contents: bytes | str, name: str = "report.csv", units: str = UNITS, **more: Any) -> Parsed:
    """Read files of the given contents; keys of the campaign or of its source are replaced by those in `more`."""
    return read_receipts(tmp_path, [landed(tmp_path, content, name) for content in contents], units, **more)


def landed(tmp_path: Path, content: bytes | str, name: str = "report.csv", **more: Any) -> dict[str, Any]:
    """Put bytes into the landing store; their receipt."""
    data = content.encode() if isinstance(content, str) else content
    sha = hashlib.sha256(data).hexdigest()
    path = tmp_path / "home" / "landing" / "bytes" / sha[:2] / sha
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    receipt = {
        "receipt_id": f"r-{sha[:8]}", "campaign_id": "trial", "source_id": "reports", "file_id": f"f-{sha[:8]}", "sha256": sha,
        "size_bytes": len(data), "file_name": name, "container_name": "", "container_sha256": "", "origin": name,
        "received_at": "2023-06-13T10:00:00+00:00", "received_by": "clock", "landed_at": "2023-06-13T10:00:01+00:00", "sender": "",
        "status": "new", "facts": {}, "failure_rule": "", "failure_text": "",
    }  # fmt: skip
    return receipt | more


def read_receipts(tmp_path: Path, receipts: list[dict[str, Any]], units: str = UNITS, aliases: str = "", **more: Any) -> Parsed:
    folder = tmp_path / "trial"
    folder.mkdir(exist_ok=True)
    campaign, source = dict(CAMPAIGN), dict(SOURCE)
    for key, value in more.items():
        (campaign if key in ("units_from", "indicators_of", "levels", "time_zone", "remarks_of") else source)[key] = value
    for ours, theirs in (("units_from", "units"), ("indicators_of", "indicators"), ("remarks_of", "remarks")):
        if ours in campaign:
            campaign[theirs] = campaign.pop(ours)
    source = {key: value for key, value in source.items() if value is not None}
    (folder / "campaign.yml").write_text(yaml.safe_dump(campaign | {"sources": [source]}, allow_unicode=True), encoding="utf-8")
    (folder / "units.csv").write_text(units, encoding="utf-8")
    (folder / "aliases.csv").write_text(aliases, encoding="utf-8")
    settings = Settings(home=tmp_path / "home", campaigns=(folder,))
    read_batch(settings, read_campaign(folder), receipts, tmp_path / "parsed")
    return Parsed(tmp_path / "parsed")


def workbook(fill: Callable[[Any, Any], None], sheet: str = "Báo cáo") -> bytes:
    """Bytes of an XLSX whose one sheet `fill(sheet, book)` writes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        fill(book.add_worksheet(sheet), book)
    return buffer.getvalue()
