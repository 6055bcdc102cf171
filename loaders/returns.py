"""Bytes that come again after something else came in between: a repeat, or a report that goes back.

A sender of single slots sends A, then B, then A's bytes once more under a new name. If B changed a figure of A, the third file
takes the change back, and to count it as a duplicate would let B stand. That is judged by figures, which are in the lake; where
what came in between is still pending itself, the file waits for the next batch of the same run.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import duckdb
import pyarrow as pa

from loaders.receipts import Receipt
from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.settings import Settings


def sort_out(settings: Settings, campaign: Campaign, receipts: list[Receipt]) -> tuple[list[Receipt], list[Receipt]]:
    """Of what is pending: the receipts for the next batch, and those that must wait for it.

    A seen file that goes back becomes `new`, with its `receipt_id` as `file_id`. Whole series that go back are told apart by
    `loaders.receipts.pending` already. While anything waits, something is ready: the earliest arrival never waits.
    """
    slotwise = {source.id for source in campaign.sources if source.resubmits == "slot"}
    seen = [r for r in receipts if r["status"] == "seen" and r["source_id"] in slotwise]
    if not seen:
        return receipts, []
    waiting = _waiting(settings, campaign, receipts, seen)
    asked = [r for r in seen if r["receipt_id"] not in waiting]
    gone_back: set[str] = set()
    told: set[str] = set()
    answers = _gone_back(settings, campaign, asked)
    for receipt in sorted(asked, key=lambda r: datetime.fromisoformat(r["received_at"])):
        if receipt["file_id"] in told:  # what the same bytes did just before is not in the lake yet
            waiting.add(receipt["receipt_id"])
        elif receipt["receipt_id"] in answers:
            gone_back.add(receipt["receipt_id"])
            told.add(receipt["file_id"])
    ready = [
        r | {"status": "new", "file_id": r["receipt_id"]} if r["receipt_id"] in gone_back else r
        for r in receipts
        if r["receipt_id"] not in waiting
    ]
    return ready, [r for r in receipts if r["receipt_id"] in waiting]


def _waiting(settings: Settings, campaign: Campaign, receipts: list[Receipt], seen: list[Receipt]) -> set[str]:
    """Seen files of which a file between them and their original is pending too."""
    first: dict[str, datetime] = _recorded_arrivals(settings, campaign, {r["file_id"] for r in seen})
    pending: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for receipt in receipts:
        at = datetime.fromisoformat(receipt["received_at"])
        pending[receipt["source_id"]].append((at, receipt["file_id"]))
        first[receipt["file_id"]] = min(at, first.get(receipt["file_id"], at))
    return {
        r["receipt_id"]
        for r in seen
        if any(
            first[r["file_id"]] < at < datetime.fromisoformat(r["received_at"]) and file_id != r["file_id"]
            for at, file_id in pending[r["source_id"]]
        )
    }


def _recorded_arrivals(settings: Settings, campaign: Campaign, file_ids: set[str]) -> dict[str, datetime]:
    paths = lake.paths(settings, lake.LAST, campaign.id)
    if not paths:
        return {}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(
            "SELECT file_id, min(received_at) FROM read_parquet($paths) WHERE file_id IN $files GROUP BY ALL",
            {"paths": paths, "files": sorted(file_ids)},
        ).fetchall()
    return dict(rows)


def _gone_back(settings: Settings, campaign: Campaign, asked: list[Receipt]) -> set[str]:
    """Ids of the receipts whose figures are not those that stood when they arrived."""
    paths = lake.paths(settings, "figures", campaign.id)
    if not paths or not asked:
        return set()
    fields = ("receipt_id", "file_id", "received_at")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("asked_as_text", pa.Table.from_pylist([{name: r[name] for name in fields} for r in asked]))
        rows = connection.execute(
            """
            WITH asked AS (
                SELECT receipt_id, file_id, CAST(received_at AS TIMESTAMPTZ) AS received_at FROM asked_as_text
            ), figures AS (
                SELECT * FROM read_parquet($paths, hive_partitioning = false)
            ), said AS (
                SELECT a.receipt_id, a.received_at AS again_at, f.unit_code, f.indicator_id, f.as_of, f.value
                FROM asked a JOIN figures f ON f.file_id = a.file_id
            )
            SELECT DISTINCT receipt_id FROM (
                SELECT s.receipt_id, any_value(s.value) AS said, arg_max(f.value, (f.received_at, f.priority, f.file_id)) AS standing,
                    arg_max(f.cell, (f.received_at, f.priority, f.file_id)) AS cell
                FROM said s JOIN figures f ON f.unit_code = s.unit_code AND f.indicator_id = s.indicator_id AND f.as_of = s.as_of
                    AND f.received_at < s.again_at AND f.lane = 'accepted'
                GROUP BY s.receipt_id, s.unit_code, s.indicator_id, s.as_of
            ) WHERE standing IS DISTINCT FROM said OR cell = 'withdrawn'
            """,
            {"paths": paths},
        ).fetchall()
    return {row[0] for row in rows}
