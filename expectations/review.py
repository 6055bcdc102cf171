"""Holds judged again against the figures that are known now.

A held figure may have been right all along, and what it was measured against wrong: a spike that was accepted makes every true
figure after it look like a fall. Once the sender corrects the spike nothing is left to hold them by. Only rules over the
history can change their mind like that; what a row says for itself (a date in the future, two rows that contradict each
other) stays as it was judged, and a past period is never judged by a newer rule for another reason.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

from expectations.catalogue import tune
from expectations.engine import count_in_duckdb
from expectations.gate import judge_into
from tiendo.campaign import Campaign
from tiendo.home import scratch_folder
from tiendo.settings import Settings


def released_by_history(
    settings: Settings, campaign: Campaign, connection: duckdb.DuckDBPyConnection, units: pd.DataFrame, moment: datetime
) -> set[str]:
    """Submissions of the open holds that nothing would hold if they came at `moment`, after all that the lake knows.

    `connection` has the tables of tiendo.acts.find_holds; only the open holds in `holds` are looked at. The held figures are put
    together as a batch of their own, in the order in which they came, and judged without committing anything.
    """
    sources = {source.id for source in campaign.sources}
    of_history = sorted({rule.id for rule in tune(campaign).rules if rule.over == "series"})
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE candidates AS
           SELECT * FROM holds WHERE status = 'open' AND held_figures > 0 AND len(rules) > 0
               AND list_has_all($of_history, rules) AND source_id IN (SELECT unnest($sources))""",
        {"of_history": of_history, "sources": sorted(sources)},
    )
    if not connection.execute("SELECT count(*) FROM candidates").fetchone()[0]:  # type: ignore[index]
        return set()
    with scratch_folder(settings.scratch, f"gate-{campaign.id}-") as folder:
        parsed, staged = folder / "parsed", folder / "staged"
        parsed.mkdir()
        staged.mkdir()
        _as_a_batch(connection, parsed, moment)
        judge_into(staged, settings, campaign, parsed, units, count=count_in_duckdb)
        found = connection.execute(
            f"SELECT file_id FROM read_parquet('{staged / 'batches.parquet'}') WHERE rows_accepted = rows_received"
        ).fetchall()
    return {row[0].removeprefix("review/") for row in found}


def _as_a_batch(connection: duckdb.DuckDBPyConnection, folder: Path, moment: datetime) -> None:
    """The candidates' held figures as a parsed batch (docs/data.md): one file per hold, one row per time."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE again AS
           SELECT f.*, 'review/' || f.submission_id AS review_id, s.sender_role,
               $moment + to_microseconds(dense_rank() OVER (ORDER BY f.received_at, f.submission_id)) AS again_at,
               dense_rank() OVER (PARTITION BY f.submission_id ORDER BY f.as_of, f.is_total_row) AS row_number
           FROM held_figures f JOIN candidates c USING (submission_id) JOIN submissions s USING (submission_id)""",
        {"moment": moment},
    )
    tables = {
        "files": """
            SELECT 'review' AS batch_id, campaign_id, source_id, review_id AS file_id, review_id AS file_name, '' AS container_name,
                '' AS sha256, 0 AS size_bytes, again_at AS received_at, 'clock' AS received_by, again_at AS landed_at, '' AS sender,
                '' AS format, '' AS encoding, '' AS delimiter, CAST(NULL AS VARCHAR) AS sheet, 1 AS header_row, 'read' AS status,
                CAST(NULL AS VARCHAR) AS duplicate_of, CAST(NULL AS VARCHAR) AS failure_rule, CAST(NULL AS VARCHAR) AS failure_text,
                count(DISTINCT row_number) AS rows_received, false AS is_simulated
            FROM again GROUP BY campaign_id, source_id, review_id, again_at ORDER BY again_at""",
        "rows": """
            SELECT review_id AS file_id, row_number, CAST(NULL AS VARCHAR) AS sheet, unit_code,
                CASE WHEN is_total_row THEN 'total' ELSE 'code' END AS unit_match, unit_code AS unit_raw,
                CAST(NULL AS VARCHAR) AS unit_suggestions, CAST(as_of AS VARCHAR) AS as_of_raw, as_of,
                split_part(any_value(slot_id), '/', 1) AS slot_raw, '' AS sender, any_value(sender_role) AS sender_role,
                bool_or(is_correction) AS is_correction, again_at AS received_at,
                CAST(NULL AS VARCHAR) AS row_key, '' AS row_hash, CAST(NULL AS VARCHAR) AS fault_rule, CAST(NULL AS VARCHAR) AS fault_text
            FROM again GROUP BY review_id, row_number, unit_code, is_total_row, as_of, again_at ORDER BY again_at, row_number""",
        "cells": """
            SELECT review_id AS file_id, row_number, indicator_id, indicator_id AS column_name, CAST(value AS VARCHAR) AS raw_text,
                value, cell
            FROM again ORDER BY again_at, row_number, indicator_id""",
    }
    for name, query in tables.items():
        connection.execute(f"COPY ({query}) TO '{folder / name}.parquet' (FORMAT parquet)")
