"""What a receipt says of one file, out of the lake's tables: one document per file, the same for a trial and for a submission.

`docs/receipt.schema.json` describes the document. Every text about a finding is the finding's own (personal data is masked there);
no cell is copied from the file.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from publishers.receipts.outcome import next_step, verdict
from tiendo import calendar, lake
from tiendo.campaign import Campaign
from tiendo.obligations import extensions

Document = dict[str, Any]

SCHEMA = "tiendo/receipt/1"
LISTED = 1000  # findings of one file that are listed; all are counted
LISTED_UNITS = 200
LANES = ("accepted", "held", "rejected", "duplicate")

# What a finding did, the worst first; findings that did nothing because of a waiver are notes, and those in shadow are not told.
_EFFECTS = ("reject", "hold", "duplicate", "flag")


def documents(
    campaign: Campaign,
    units: pd.DataFrame,
    tables: Mapping[str, Sequence[str]],
    only: Sequence[str] | None = None,
    *,
    is_landed: bool = True,
) -> Iterator[Document]:
    """One document per file of the tables, by arrival and id; `only` these file ids, where given.

    `tables`: name of a lake table -> its Parquet files (batches, submissions, findings, totals). `is_landed`: false for a trial.
    """
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in ("batches", "submissions", "findings", "totals"):
            _view(connection, name, tables.get(name, ()), only)
        _slots(connection, campaign, units)
        files = _rows(connection, "SELECT * FROM batches ORDER BY received_at, file_id")
        reported, slots = _units(connection), _by_file(connection, _SLOTS)
        next_slots = _by_file(connection, _NEXT_SLOTS)
        counted, listed = _by_file(connection, _COUNTED), _by_file(connection, _LISTED)
        totals = _by_file(connection, "SELECT * FROM totals ORDER BY file_id, indicator_id")
        names = {indicator.id: indicator.name for indicator in campaign.indicators}
        for file in files:
            key = file["file_id"]
            rows = {lane: int(file[f"rows_{lane}"] or 0) for lane in ("received", *LANES)}
            findings = {
                "count": sum(row["findings"] for row in counted[key] if row["effect"] != "none"),
                "by_rule": [
                    {"rule_id": row["rule_id"], "effect": row["effect"], "count": row["findings"]}
                    for row in counted[key] if row["effect"] != "none"
                ],
                "listed": [_finding(row, file) for row in listed[key] if row["effect"] != "none"],
            }  # fmt: skip
            status = verdict(file["status"], rows)
            due = [_slot(row, file["received_at"]) for row in slots[key] or next_slots[key]]
            yield {
                "schema": SCHEMA,
                "receipt_id": key,
                "is_landed": is_landed,
                "campaign_id": campaign.id,
                "campaign_name": {"vi": campaign.name.vi, "en": campaign.name.en},
                "time_zone": campaign.time_zone,
                "source_id": file["source_id"],
                "batch_id": file["batch_id"] if is_landed else None,
                "is_simulated": bool(file["is_simulated"]),
                "file": {
                    name: file[name]
                    for name in ("file_name", "container_name", "sha256", "size_bytes", "format", "sheet", "header_row", "status")
                },
                "sender": file["sender"] or None,
                "received_at": _moment(file["received_at"]),
                "verdict": status,
                "is_partial": status in ("held", "rejected") and rows["accepted"] > 0,
                "rows": rows,
                "units": reported.get(key, {"count": 0, "listed": []}),
                "slots": due,
                "totals": [
                    {"indicator_id": t["indicator_id"], "name": {"vi": names[t["indicator_id"]].vi, "en": names[t["indicator_id"]].en},
                     "received": t["received_total"], "accepted": t["accepted_total"]}
                    for t in totals[key] if t["indicator_id"] in names
                ],
                "findings": findings,
                "notes": [_finding(row, file) for row in listed[key] if row["effect"] == "none"],
                "next": next_step(status, rows, due, findings["listed"], is_landed),
                "workbook": {"name": None, "reason": None},
            }  # fmt: skip


def _view(connection: duckdb.DuckDBPyConnection, name: str, paths: Sequence[str], only: Sequence[str] | None) -> None:
    """View `name` with the columns of the lake's schema; files that older versions wrote may lack some."""
    connection.register(f"empty_{name}", lake.SCHEMAS[name].empty_table())
    query = f"SELECT * FROM empty_{name}"
    if paths:
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        query += f" UNION ALL BY NAME SELECT * FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    if only is not None:
        connection.register("wanted_files", pa.table({"file_id": pa.array(only, pa.string())}))
        query = f"SELECT * FROM ({query}) SEMI JOIN wanted_files USING (file_id)"
    connection.execute(f"CREATE TEMP VIEW {name} AS {query}")


def _slots(connection: duckdb.DuckDBPyConnection, campaign: Campaign, units: pd.DataFrame) -> None:
    moment, text, day = pa.timestamp("us", tz="UTC"), pa.string(), pa.date32()
    schema = pa.schema(
        [("slot_id", text), ("level", text), ("cutoff_at", moment), ("closes_at", moment), ("slot_name", text), ("slot_date", day)]
    )
    due = calendar.slots(campaign)[schema.names]
    connection.register("due_given", pa.Table.from_pandas(due, schema=schema, preserve_index=False))
    more = [("unit_code", text), ("slot_name", text), ("first_on", day), ("last_on", day), ("until_at", moment)]
    connection.register("extensions_given", pa.Table.from_pylist(extensions(campaign, units), schema=pa.schema(more)))
    known = pa.table(
        {
            name: pa.array([None if pd.isna(value) else str(value) for value in units[name]], pa.string())
            for name in ("unit_code", "unit_name", "level")
        }
    )
    connection.register("units_given", known)
    connection.execute(
        """CREATE TEMP TABLE reports AS
           WITH placed AS (
               SELECT s.*, u.unit_name, d.cutoff_at, d.closes_at, d.slot_name, d.slot_date
               FROM submissions s LEFT JOIN units_given u USING (unit_code)
               LEFT JOIN due_given d ON d.slot_id = s.slot_id AND d.level = u.level
           ), extended AS (
               SELECT p.file_id, p.submission_id, max(e.until_at) AS extended_until
               FROM placed p JOIN extensions_given e ON p.slot_date BETWEEN e.first_on AND e.last_on
                   AND coalesce(e.unit_code, p.unit_code) = p.unit_code AND coalesce(e.slot_name, p.slot_name) = p.slot_name
               WHERE e.until_at > p.closes_at GROUP BY ALL
           )
           SELECT p.*, e.extended_until FROM placed p LEFT JOIN extended e USING (file_id, submission_id)"""
    )


_SLOTS = """
SELECT file_id, slot_id, cutoff_at, closes_at, max(extended_until) AS extended_until, count(*) AS units FROM reports
WHERE cutoff_at IS NOT NULL GROUP BY ALL ORDER BY file_id, cutoff_at, slot_id
"""

# A file of which nobody can be told to be its unit still has the next slot to be mended for.
_NEXT_SLOTS = """
SELECT b.file_id, d.slot_id, d.cutoff_at, d.closes_at, CAST(NULL AS TIMESTAMPTZ) AS extended_until, 0 AS units
FROM batches b
ASOF JOIN (SELECT closes_at, min(slot_id) AS slot_id, arg_min(cutoff_at, slot_id) AS cutoff_at FROM due_given GROUP BY closes_at) d
    ON b.received_at <= d.closes_at
"""

_TOLD = """
SELECT finding_id, file_id, rule_id, sheet, row_number, column_name, unit_code, indicator_id, slot_id, responsibility, raw_text, value,
    expected, message_vi, message_en, remedy_vi, remedy_en, coalesce(effect, severity) AS effect
FROM findings WHERE coalesce(effect_reason, '') <> 'shadow'
"""

_COUNTED = f"""
SELECT file_id, rule_id, effect, list_position({list(_EFFECTS)}, effect) AS strength, count(*) AS findings FROM ({_TOLD}) GROUP BY ALL
ORDER BY file_id, strength, findings DESC, rule_id
"""

# The texts of a million findings are read for those that are listed only.
_ORDER = "strength, row_number NULLS FIRST, rule_id, indicator_id, column_name"
_LISTED = f"""
WITH told AS (
    SELECT *, list_position({list(_EFFECTS)}, effect) AS strength FROM ({_TOLD})
), picked AS (
    SELECT finding_id FROM told
    QUALIFY row_number() OVER (PARTITION BY file_id, effect = 'none' ORDER BY {_ORDER}) <= {LISTED}
)
SELECT told.* FROM told SEMI JOIN picked USING (finding_id) ORDER BY file_id, {_ORDER}
"""


def _units(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    counts = dict(connection.execute("SELECT file_id, count(*) FROM reports GROUP BY ALL").fetchall())
    listed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(
        connection,
        f"""SELECT * FROM reports
            QUALIFY row_number() OVER (PARTITION BY file_id ORDER BY lane = 'accepted', unit_code, slot_id) <= {LISTED_UNITS}
            ORDER BY file_id, unit_code, slot_id""",
    ):
        listed[row["file_id"]].append(
            {
                "unit_code": row["unit_code"], "unit_name": row["unit_name"], "slot_id": row["slot_id"], "lane": row["lane"],
                "is_valid": row["is_valid"], "rows": {lane: row[f"rows_{lane}"] for lane in ("received", *LANES)},
            }
        )  # fmt: skip
    return {key: {"count": count, "listed": listed[key]} for key, count in counts.items()}


def _slot(row: dict[str, Any], received_at: datetime) -> dict[str, Any]:
    """Where an arrival stands: in_time, in_grace (past the cutoff, still on time) or late. minutes_left < 0 once it has passed."""
    cutoff, closes = row["cutoff_at"], row["closes_at"]
    standing = "in_time" if received_at <= cutoff else ("in_grace" if received_at <= closes else "late")
    return {
        "slot_id": row["slot_id"],
        "cutoff_at": _moment(cutoff),
        "closes_at": _moment(closes),
        "extended_until": _moment(row["extended_until"]),
        "standing": standing,
        "minutes_left": math.floor((cutoff - received_at).total_seconds() / 60),  # one second late is a minute late
        "units": row["units"],
    }


def _finding(row: dict[str, Any], file: dict[str, Any]) -> dict[str, Any]:
    return {
        "rule_id": row["rule_id"],
        "effect": row["effect"],
        "responsibility": row["responsibility"],
        "place": {"file": file["file_name"], "sheet": row["sheet"], "row": row["row_number"], "column": row["column_name"]},
        "unit_code": row["unit_code"],
        "indicator_id": row["indicator_id"],
        "slot_id": row["slot_id"],
        "found": row["raw_text"] or (None if row["value"] is None else f"{row['value']:.15g}"),
        "message": {"vi": row["message_vi"], "en": row["message_en"]},
        "remedy": {"vi": row["remedy_vi"], "en": row["remedy_en"]},
    }


def _by_file(connection: duckdb.DuckDBPyConnection, query: str) -> defaultdict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(connection, query):
        found[row["file_id"]].append(row)
    return found


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
