"""Small parsed batches written by hand, in the form that the readers hand to the gate."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from expectations.gate import GateResult, judge
from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.settings import Settings

_text, _int, _float, _bool = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_moment = pa.timestamp("us", tz="UTC")

FILES = pa.schema(
    [
        ("batch_id", _text), ("campaign_id", _text), ("source_id", _text), ("file_id", _text), ("file_name", _text),
        ("container_name", _text), ("sha256", _text), ("size_bytes", _int), ("received_at", _moment), ("received_by", _text),
        ("landed_at", _moment), ("sender", _text), ("format", _text), ("encoding", _text), ("delimiter", _text), ("sheet", _text),
        ("header_row", _int), ("status", _text), ("duplicate_of", _text), ("failure_rule", _text), ("failure_text", _text),
        ("rows_received", _int), ("is_simulated", _bool),
    ]
)  # fmt: skip
ROWS = pa.schema(
    [
        ("file_id", _text), ("row_number", _int), ("sheet", _text), ("unit_code", _text), ("unit_match", _text), ("unit_raw", _text),
        ("unit_suggestions", _text), ("as_of_raw", _text), ("as_of", pa.timestamp("us")), ("slot_raw", _text), ("sender", _text),
        ("sender_role", _text), ("is_correction", _bool), ("received_at", _moment), ("row_key", _text), ("row_hash", _text),
        ("fault_rule", _text), ("fault_text", _text),
    ]
)  # fmt: skip
MARKS = pa.schema(
    [
        ("file_id", _text), ("row_number", _int), ("column_name", _text), ("indicator_id", _text), ("mark", _text), ("raw_text", _text),
        ("count", _int), ("reach", _text),
    ]
)  # fmt: skip
CELLS = pa.schema(
    [
        ("file_id", _text), ("row_number", _int), ("indicator_id", _text), ("column_name", _text), ("raw_text", _text),
        ("value", _float), ("cell", _text),
    ]
)  # fmt: skip

UNITS = pd.DataFrame(
    [
        ("31", "Thành phố Hải Phòng", "city", 1, None, "unit", None, None, None, False),
        ("303", "Quận Hồng Bàng", "district", 2, "31", "unit", None, None, None, False),
        ("304", "Quận Ngô Quyền", "district", 2, "31", "unit", None, None, None, False),
        ("305", "Quận Lê Chân", "district", 2, "31", "unit", None, date(2023, 6, 10), None, False),
        ("399", "Chưa phân bổ", "district", 2, "31", "placeholder", None, None, None, False),
    ],
    columns=["unit_code", "unit_name", "level", "depth", "parent_code", "kind", "opened_on", "closed_on", "peer_group", "is_discovered"],
)

_NAMES = {
    "received": {"vi": "Hồ sơ tiếp nhận", "en": "Dossiers received"},
    "activated": {"vi": "Tài khoản kích hoạt", "en": "Accounts activated"},
}


def campaign(**changes: Any) -> Campaign:
    """Two cumulative indicators of districts, one slot a day until 17:00; `changes` replace whole keys, `source` updates."""
    source = {
        "id": "reports", "path": "x", "as_of": "ngay", "unit": {"code": "ma"},
        "indicators": {"received": "Tiếp nhận", "activated": "Kích hoạt"},
    } | changes.pop("source", {})  # fmt: skip
    given = {
        "id": "rehearsal", "name": {"vi": "Thử", "en": "Rehearsal"}, "starts_on": date(2023, 6, 1), "ends_on": date(2023, 6, 30),
        "levels": [{"id": "city", "name": {"vi": "Thành phố", "en": "City"}}, {"id": "district", "name": {"vi": "Quận", "en": "District"}}],
        "units": {"file": "units.csv"},
        "indicators": [
            {"id": "received", "name": _NAMES["received"], "kind": "cumulative"},
            {"id": "activated", "name": _NAMES["activated"], "kind": "cumulative", "required": False},
        ],
        "slots": [{"id": "daily", "cutoff": "17:00", "levels": ["district"]}],
        "sources": [source],
    }  # fmt: skip
    return Campaign.model_validate(given | changes)


def write_batch(folder: Path, rows: list[dict[str, Any]], files: list[dict[str, Any]] | None = None) -> Path:
    """A parsed batch from short rows.

    A row: file (default a), row (default: next), unit, at (as_of; default 2023-06-13), got (arrival, UTC; default 2023-06-13
    09:00), and one key per indicator: a number, None (missing), 'nil', or any other text (unparsable). Other keys are columns.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parsed_rows, parsed_cells, parsed_marks = [], [], []
    seen: dict[str, dict[str, Any]] = {}
    for given in rows:
        row = dict(given)
        name = row.pop("file", "a")
        got = _moment_of(row.pop("got", "2023-06-13 09:00"))
        file = seen.setdefault(name, {"file_id": name, "rows_received": 0, "received_at": got})
        file["rows_received"] += 1
        number = row.pop("row", file["rows_received"] + 1)
        for mark in row.pop("marks", []):  # what the readers noticed here; nowhere: in no row of the file
            place = None if mark.get("nowhere") else number
            parsed_marks.append({"file_id": name, "row_number": place} | {key: mark[key] for key in mark if key != "nowhere"})
        unit, at = row.pop("unit", None), row.pop("at", "2023-06-13")
        values = {key: row.pop(key) for key in list(row) if key in _NAMES}
        parsed_rows.append(
            {"file_id": name, "row_number": number, "unit_code": unit, "unit_match": "code" if unit else "unknown", "unit_raw": unit,
             "as_of_raw": at, "as_of": datetime.fromisoformat(at) if at else None, "received_at": got, "is_correction": False} | row
        )  # fmt: skip
        for indicator, said in values.items():
            parsed_cells.append(
                {"file_id": name, "row_number": number, "column_name": _NAMES[indicator]["vi"], "indicator_id": indicator} | _cell(said)
            )
    for extra in files or []:
        extra = dict(extra)
        extra["received_at"] = _moment_of(extra.pop("got", "2023-06-13 09:00"))
        seen.setdefault(extra["file_id"], {}).update(extra)
    moment = max(file["received_at"] for file in seen.values())
    batch = lake.batch_id(f"{moment:%Y%m%dT%H%M%SZ}", seen)
    described = [
        {"batch_id": batch, "campaign_id": "rehearsal", "source_id": "reports", "file_name": f"{file['file_id']}.csv",
         "sha256": file["file_id"],         "size_bytes": 1, "received_by": "clock", "landed_at": file["received_at"],
         "status": "read", "is_simulated": False,
         "container_name": "", "rows_received": 0, "format": "csv", "encoding": "utf-8", "delimiter": ";"} | file
        for file in seen.values()
    ]  # fmt: skip
    for table, schema, content in (("files", FILES, described), ("rows", ROWS, parsed_rows), ("cells", CELLS, parsed_cells)):
        pq.write_table(pa.Table.from_pylist(content, schema=schema), folder / f"{table}.parquet")
    pq.write_table(pa.Table.from_pylist(parsed_marks, schema=MARKS), folder / "marks.parquet")
    return folder


def run_batch(home: Path, given: Campaign, rows: list[dict[str, Any]], files: list[dict[str, Any]] | None = None) -> GateResult:
    """Write and judge one batch in the home folder `home`."""
    parsed = write_batch(home / "parsed", rows, files)
    return judge(Settings(home, ()), given, parsed, UNITS)


def table(home: Path, name: str, batch: str = "*") -> list[dict[str, Any]]:
    """All rows of a table of the lake."""
    query = f"FROM read_parquet('{home}/lake/{name}/campaign_id=rehearsal/{batch}.parquet')"
    return duckdb.connect().execute(query).to_arrow_table().to_pylist()


def _cell(said: Any) -> dict[str, Any]:
    if said is None:
        return {"raw_text": "", "value": None, "cell": "missing"}
    if said == "nil":
        return {"raw_text": "nil", "value": 0.0, "cell": "nil"}
    if isinstance(said, str):
        return {"raw_text": said, "value": None, "cell": "unparsable"}
    return {"raw_text": str(said), "value": float(said), "cell": "zero" if said == 0 else "value"}


def _moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")
