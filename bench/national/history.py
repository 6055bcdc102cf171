"""Days that are over, put straight into a home: what the gate would have left in the lake, and the landing's record of the files.

Only rules that such figures meet leave findings: a late file (a flag on each of its reports) and, in three reports of ten thousand, a level
below the one before (held). Landed bytes of these days are empty files: nothing reads them again.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import duckdb

from bench.national.country import ID, ZONE, Country, make_day
from expectations.catalogue import tune
from expectations.lanes import write_table
from tiendo import lake
from tiendo.campaign_file import load_campaign
from tiendo.settings import Settings

_LATE = """
SELECT left(md5(submission_id || 'late'), 20) AS finding_id, submission_id, file_id, unit_code, as_of, slot_id, received_at AS found_at,
    'after_cutoff' AS rule_id, 'live' AS dimension, 'flag' AS severity, NULL AS indicator_id, NULL::DOUBLE AS value,
    'Báo cáo của ' || unit_code || ' kỳ ' || slot_id || ' đến muộn.' AS message_vi,
    unit_code || ': ' || slot_id || ' came late.' AS message_en
FROM reports WHERE is_late
UNION ALL
SELECT left(md5(submission_id || 'fall'), 20), submission_id, file_id, unit_code, as_of, slot_id, received_at,
    'cumulative_fall', 'correct', 'hold', 'cards_issued', 1,
    'Số liệu của ' || unit_code || ' giảm.' AS message_vi, unit_code || ': the figure falls.' AS message_en
FROM reports WHERE lane = 'held'
"""


def write_history(connection: duckdb.DuckDBPyConnection, settings: Settings, country: Country, days: range) -> int:
    """Lake and landing of those days, a batch a day; returns how many figures they hold. Tables of write_campaign must be there."""
    campaign = load_campaign(settings, ID)
    rules = [(rule.id, rule.edition, rule.version) for rule in tune(campaign).on("gate")]
    connection.execute("CREATE OR REPLACE TABLE gate_rules (rule_id VARCHAR, edition VARCHAR, rule_version VARCHAR)")
    connection.executemany("INSERT INTO gate_rules VALUES (?, ?, ?)", rules)
    figures = 0
    for number in days:
        make_day(connection, country, number)
        batch = _batch_name(connection)
        _reports(connection, number, batch)
        with tempfile.TemporaryDirectory(dir=settings.home) as staged:
            _write_tables(connection, Path(staged), number)
            lake.commit(Path(staged), settings, ID, batch)
        _write_landing(connection, settings)
        figures += connection.execute("SELECT count(*) FROM said").fetchall()[0][0]
    return figures


def _batch_name(connection: duckdb.DuckDBPyConnection) -> str:
    last, files = connection.execute("SELECT strftime(max(received_at), '%Y%m%dT%H%M%SZ'), list(file_id) FROM sent").fetchall()[0]
    return lake.batch_id(last, files)


def _reports(connection: duckdb.DuckDBPyConnection, number: int, batch: str) -> None:
    """Table reports: a row per report of the day, in the order of files and rows."""
    connection.execute(
        f"""CREATE OR REPLACE TABLE reports AS
            SELECT '{batch}' AS batch_id, '{ID}' AS campaign_id, 'provinces' AS source_id, f.*, r.unit_code, r.chance,
                f.slot || '/' || CAST(f.as_of AS DATE) AS slot_id,
                left(md5(concat_ws(chr(31), f.file_id, r.unit_code, slot_id)), 20) AS submission_id,
                f.received_at > timezone('{ZONE.key}', f.as_of) AS is_late,
                CASE WHEN {number} > 0 AND r.chance // 1000 % 10000 < 3 THEN 'held' ELSE 'accepted' END AS lane
            FROM (SELECT DISTINCT unit_code, province, s, chance FROM said) r JOIN sent f USING (province, s)"""
    )


def _write_tables(connection: duckdb.DuckDBPyConnection, folder: Path, number: int) -> None:
    counted = ", ".join(f"(lane = '{lane}')::BIGINT AS rows_{lane}" for lane in ("accepted", "held", "rejected", "duplicate"))
    summed = ", ".join(f"count(*) FILTER (lane = '{lane}') AS rows_{lane}" for lane in ("accepted", "held", "rejected", "duplicate"))
    batch = "(SELECT any_value(batch_id) FROM reports) AS batch_id"
    write_table(
        connection, folder, "batches",
        f"""SELECT batch_id, campaign_id, source_id, file_id, any_value(file_name) AS file_name, '' AS container_name,
                any_value(sha256) AS sha256, count(*) * 50 AS size_bytes, any_value(received_at) AS received_at, 'file_name' AS received_by,
                any_value(received_at) AS landed_at, any_value(format('p{{:02}}', province + 1)) AS sender, 'csv' AS format,
                'utf-8' AS encoding, ',' AS delimiter, NULL AS sheet, 1 AS header_row, 'read' AS status, count(*) AS rows_received,
                {summed}, false AS is_simulated
            FROM reports GROUP BY batch_id, campaign_id, source_id, file_id""",
        "file_id",
    )  # fmt: skip
    write_table(
        connection, folder, "submissions",
        f"""SELECT *, format('p{{:02}}', province + 1) AS sender, NULL AS sender_role, lane = 'accepted' AS is_valid, 1 AS rows_received,
                {counted}, 5 AS figure_count, is_late::BIGINT + (lane = 'held')::BIGINT AS finding_count,
                CASE WHEN {number} = 0 THEN 18 ELSE 23 END AS checks_applied
            FROM reports""",
        "slot_id, file_id, unit_code",
    )  # fmt: skip
    write_table(
        connection, folder, "figures",
        """SELECT r.*, d.indicator_id, CASE r.lane WHEN 'held' THEN 1 ELSE d.value END AS value, CAST(r.as_of AS DATE) AS as_of_date,
               'value' AS cell, false AS is_correction, false AS is_total_row, 1 AS row_count, 0 AS priority
           FROM reports r JOIN said d ON d.unit_code = r.unit_code AND d.s = r.s""",
        "slot_id, file_id, unit_code, indicator_id",
    )  # fmt: skip
    write_table(
        connection, folder, "findings",
        f"""SELECT *, {batch}, '{ID}' AS campaign_id, 'provinces' AS source_id, severity AS effect, NULL AS effect_reason,
                (SELECT any_value(g.rule_version) FROM gate_rules g WHERE g.rule_id = l.rule_id) AS rule_version,
                'sender' AS responsibility, NULL AS sheet, 2 AS row_number, NULL AS column_name, NULL AS raw_text, NULL AS expected,
                NULL AS score, message_vi AS remedy_vi, message_en AS remedy_en
            FROM ({_LATE}) l""",
        "file_id, row_number, rule_id, unit_code",
    )  # fmt: skip
    write_table(
        connection, folder, "totals",
        """SELECT r.batch_id, r.campaign_id, r.source_id, r.file_id, d.indicator_id, sum(d.value) AS received_total,
                coalesce(sum(d.value) FILTER (r.lane = 'accepted'), 0) AS accepted_total,
                coalesce(sum(d.value) FILTER (r.lane = 'held'), 0) AS held_total, 0 AS rejected_total, 0 AS duplicate_total
            FROM reports r JOIN said d ON d.unit_code = r.unit_code AND d.s = r.s GROUP BY ALL""",
        "file_id, indicator_id",
    )  # fmt: skip
    write_table(
        connection, folder, "checks",
        """SELECT r.batch_id, r.campaign_id, g.*, r.slot_id, r.n AS checks_applied, r.n AS reports_judged,
                coalesce(f.n, 0) AS checks_failed, coalesce(f.n, 0) AS reports_failed
            FROM (SELECT batch_id, campaign_id, slot_id, count(*) AS n FROM reports GROUP BY ALL) r CROSS JOIN gate_rules g
            LEFT JOIN (
                SELECT slot_id, unnest(['after_cutoff', 'cumulative_fall']) AS rule_id,
                    unnest([count(*) FILTER (is_late), count(*) FILTER (lane = 'held')]) AS n
                FROM reports GROUP BY slot_id
            ) f ON f.slot_id = r.slot_id AND f.rule_id = g.rule_id""",
        "edition, slot_id",
    )  # fmt: skip
    none = "NULL AS unit_code, NULL AS unit_name, NULL AS level, NULL AS parent_code, NULL AS kind, NULL AS first_seen_at"
    write_table(connection, folder, "units", f"SELECT {batch}, '{ID}' AS campaign_id, {none} WHERE false", "unit_code")


def _write_landing(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """One receipt per file, its place among the bytes, and the folder that says that its sender was answered."""
    receipts = settings.landing / "receipts" / f"campaign_id={ID}"
    receipts.mkdir(parents=True, exist_ok=True)
    files = connection.execute(
        "SELECT file_name, sha256, file_id, strftime(received_at, '%Y-%m-%dT%H:%M:%S+00:00'), format('p{:02}', province + 1) FROM sent"
    ).fetchall()
    for name, sha256, file_id, received_at, sender in files:
        document = {
            "after": "", "campaign_id": ID, "container_name": "", "container_sha256": "", "failure_rule": "", "failure_text": "",
            "facts": {"received": name.rpartition("_")[2].removesuffix(".csv"), "sender": sender}, "file_id": file_id,
            "file_name": name, "landed_at": received_at, "origin": f"inbox/{name}", "receipt_id": file_id[::-1],
            "received_at": received_at, "received_by": "file_name", "sender": sender, "sha256": sha256, "size_bytes": 0,
            "source_id": "provinces", "status": "new",
        }  # fmt: skip
        (receipts / f"{file_id[::-1]}.json").write_text(json.dumps(document), encoding="utf-8")
        content = settings.landing / "bytes" / sha256[:2] / sha256
        content.parent.mkdir(parents=True, exist_ok=True)
        content.touch()
        (settings.home / "receipts" / f"campaign_id={ID}" / file_id).mkdir(parents=True)
