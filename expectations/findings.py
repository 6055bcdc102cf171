"""Failing rows turned into findings: every one of them, worded in SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb

from expectations.catalogue import Tuned
from expectations.context import ROW_BITS, scalar
from expectations.engine import Counter, count_failures, failing_query, run
from expectations.messages import rendered
from expectations.rule import Rule
from expectations.signs import relation_of
from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.errors import ReconciliationError, RuleError
from tiendo.settings import Settings

# What a finding shows unless its rule says otherwise, by relation.
_SHOWN: dict[str, dict[str, str]] = {
    "rows": {},
    "reports": {},
    "cells": {"value": "value", "raw": "raw_text", "column": "column_name", "indicator": "indicator_id"},
    "marks": {"raw": "raw_text", "column": "column_name", "indicator": "indicator_id", "other": "count"},
    "series": {
        "value": "value", "previous": "previous_value", "raw": "raw_text", "column": "column_name", "indicator": "indicator_id",
        "whole": "part_of",
    },
}  # fmt: skip
_TYPES = {
    "value": "DOUBLE", "previous": "DOUBLE", "expected": "DOUBLE", "minutes": "BIGINT", "other": "BIGINT", "raw": "VARCHAR",
    "score": "DOUBLE", "column": "VARCHAR", "indicator": "VARCHAR", "whole": "VARCHAR", "note": "VARCHAR",
}  # fmt: skip


def find(connection: duckdb.DuckDBPyConnection, rules: list[Rule], relation: str, count: Counter = count_failures) -> list[str]:
    """Add to the table found (rule_id, item_id, row_id, edition) every row of `relation` that fails; `count` must count the same.

    Returns problems: a rule on trial (shadow) that raises is told and stops nothing; any other raises RuleError.
    """
    live = [rule for rule in rules if not rule.shadow]
    _keep(connection, live, relation, count(connection, relation, [(rule.edition, rule.condition()) for rule in live]))
    problems = []
    for rule in rules:
        if rule.shadow:
            try:
                _keep(connection, [rule], relation, count(connection, relation, [(rule.edition, rule.condition())]))
            except RuleError as error:
                problems.append(f"rule on trial (shadow), left out: {error.line()}")
    return problems


def _keep(connection: duckdb.DuckDBPyConnection, rules: list[Rule], relation: str, counts: dict[str, int]) -> None:
    for rule in rules:
        if not counts[rule.edition]:
            continue
        query = failing_query(relation, rule.condition())
        run(
            connection, rule.edition,
            f"""INSERT INTO found (rule_id, item_id, row_id, edition)
                SELECT '{rule.id}', item_id, row_id, '{rule.edition}' FROM {relation} SEMI JOIN ({query}) USING (item_id)""",
        )  # fmt: skip
    kept = dict(connection.execute("SELECT edition, count(*) FROM found GROUP BY ALL").fetchall())
    for rule in rules:
        if kept.get(rule.edition, 0) != counts[rule.edition]:
            raise RuleError(
                f"rule '{rule.edition}': {counts[rule.edition]} rows fail, {kept.get(rule.edition, 0)} were kept as findings",
                where=relation,
                way_out="Report it: nothing was committed",
            )


def word(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign, tuned: Tuned, parsed: Path) -> list[str]:
    """Table out_findings, in the lake's schema, from the table found and from files that could not be read.

    Returns problems of rules on trial (shadow) whose findings cannot be worded; those are left out.
    """
    problems = []
    fields = ", ".join(f"{name} {kind}" for name, kind in _columns())
    connection.execute(f"CREATE TABLE out_findings ({fields})")
    texts_of_found(connection, parsed)
    _originals(connection, settings, campaign)
    found = {row[0] for row in connection.execute("SELECT DISTINCT edition FROM found").fetchall()}
    for rule in tuned.on("gate"):
        if rule.edition not in found:
            continue
        try:
            run(connection, rule.edition, "INSERT INTO out_findings BY NAME " + worded(campaign, rule))
        except RuleError as error:
            if not rule.shadow:
                raise
            problems.append(f"rule on trial (shadow), left out: {error.line()}")
            connection.execute("DELETE FROM found WHERE edition = ?", [rule.edition])
    for rule_id, in connection.execute(
        "SELECT DISTINCT CASE status WHEN 'duplicate' THEN 'duplicate_file' ELSE failure_rule END FROM files WHERE status <> 'read'"
    ).fetchall():  # fmt: skip
        rule = tuned[rule_id or ""]
        run(connection, rule.edition, "INSERT INTO out_findings BY NAME " + worded(campaign, rule, _of_files(rule.id)))
    total, distinct = connection.execute("SELECT count(*), count(DISTINCT finding_id) FROM out_findings").fetchone() or (0, 0)
    unreadable = scalar(connection, "SELECT count(*) FROM files WHERE status <> 'read'")
    if total != distinct or total != scalar(connection, "SELECT count(*) FROM found") + unreadable:
        raise ReconciliationError(f"{total} findings were worded, {distinct} have an id of their own", where=campaign.id)
    return problems


def texts_of_found(connection: duckdb.DuckDBPyConnection, parsed: Path) -> None:
    """Tables row_texts and cell_texts: what the sender wrote in the rows and cells that were found."""
    connection.execute(
        f"""CREATE TABLE row_texts AS
            SELECT (f.file_no << {ROW_BITS}) + r.row_number AS row_id, r.sheet, r.unit_raw, r.unit_suggestions, r.as_of_raw, r.fault_text
            FROM read_parquet('{parsed / "rows.parquet"}') r JOIN files f USING (file_id)
            WHERE (f.file_no << {ROW_BITS}) + r.row_number IN (SELECT row_id FROM found)"""
    )
    connection.execute(
        """CREATE TABLE cell_texts AS SELECT item_id, column_name, raw_text FROM given_cells
           WHERE row_id IN (SELECT row_id FROM row_texts) AND item_id IN (SELECT item_id FROM found)"""
    )


def _originals(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign) -> None:
    """Table originals (file_id, file_name): what the files that are repeated here were called, in this batch or an earlier one."""
    repeated = "file_id IN (SELECT duplicate_of FROM files WHERE status = 'duplicate')"
    connection.execute(f"CREATE TABLE originals AS SELECT file_id, file_name FROM files WHERE {repeated}")
    earlier = lake.paths(settings, "batches", campaign.id)
    if earlier and scalar(connection, "SELECT count(*) FROM files WHERE status = 'duplicate'"):
        connection.execute(
            f"""INSERT INTO originals SELECT file_id, any_value(file_name) FROM read_parquet($paths, hive_partitioning = false)
                WHERE {repeated} AND file_id NOT IN (SELECT file_id FROM originals) GROUP BY file_id""",
            {"paths": earlier},
        )


def _of_rows(rule: Rule) -> str:
    shows = _SHOWN[rule.over or "rows"] | rule.shows
    shown = ", ".join(f"CAST({shows.get(name, 'NULL')} AS {kind}) AS show_{name}" for name, kind in _TYPES.items())
    texts = "" if rule.over in ("rows", "marks", "reports") else "LEFT JOIN cell_texts USING (item_id)"
    if rule.over == "marks":  # what holds for a whole file is told of the file, not of the row it was seen in
        return _of_marks(rule, shown)
    return f"""
        SELECT q.*, r.file_no, r.submission_no, r.unit_code, r.as_of, r.slot_id, r.row_number, r.row_number AS show_row, r.received_at,
            t.sheet, t.unit_raw, t.unit_suggestions AS show_suggestions
        FROM (
            SELECT row_id, {shown} FROM {relation_of(rule)} JOIN row_texts USING (row_id) {texts}
            WHERE item_id IN (SELECT item_id FROM found WHERE edition = '{rule.edition}')
        ) q JOIN context_rows r USING (row_id) JOIN row_texts t USING (row_id)"""


def _of_marks(rule: Rule, shown: str) -> str:
    of_file = "CASE WHEN NOT q.is_of_file THEN {0} END AS {1}"
    facts = ", ".join(of_file.format(f"r.{name}", name) for name in ("submission_no", "unit_code", "as_of", "slot_id"))
    return f"""
        SELECT q.* EXCLUDE (is_of_file, is_placed), r.file_no, {facts}, CASE WHEN is_placed THEN r.row_number END AS row_number,
            CASE WHEN is_placed THEN r.row_number END AS show_row, r.received_at, t.sheet,
            CASE WHEN NOT q.is_of_file THEN t.unit_raw END AS unit_raw, CAST(NULL AS VARCHAR) AS show_suggestions
        FROM (
            SELECT row_id, is_of_file, is_placed, {shown} FROM context_marks
            WHERE item_id IN (SELECT item_id FROM found WHERE edition = '{rule.edition}')
        ) q JOIN context_rows r USING (row_id) JOIN row_texts t USING (row_id)"""


def _of_files(rule_id: str) -> str:
    shown = ", ".join(f"CAST(NULL AS {kind}) AS show_{name}" for name, kind in _TYPES.items() if name != "raw")
    shown += ", f.failure_text AS show_reason_en, coalesce(f.failure_text_vi, f.failure_text) AS show_reason_vi"
    which = "f.status = 'duplicate'" if rule_id == "duplicate_file" else f"f.failure_rule = '{rule_id}' AND f.status = 'unreadable'"
    return f"""
        SELECT {shown}, CASE WHEN f.status = 'duplicate' THEN coalesce(o.file_name, f.duplicate_of) ELSE f.failure_text END AS show_raw,
            f.file_no, CAST(NULL AS BIGINT) AS submission_no, CAST(NULL AS VARCHAR) AS unit_code, CAST(NULL AS TIMESTAMP) AS as_of,
            CAST(NULL AS VARCHAR) AS slot_id, CAST(NULL AS BIGINT) AS row_number, CAST(NULL AS BIGINT) AS show_row, f.received_at,
            nullif(f.sheet, '') AS sheet, CAST(NULL AS VARCHAR) AS unit_raw, CAST(NULL AS VARCHAR) AS show_suggestions
        FROM files f LEFT JOIN originals o ON o.file_id = f.duplicate_of WHERE {which}"""


def worded(campaign: Campaign, rule: Rule, failures: str | None = None) -> str:
    """SQL for the findings of a rule, in the lake's columns; `failures`: another origin than the rows in the table found."""
    texts = ", ".join(
        f"{rendered(getattr(names, language), language)} AS {kind}_{language}"
        for kind, names in (("message", rule.message), ("remedy", rule.remedy))
        for language in ("vi", "en")
    )
    effect, reason = ("'none'", "'shadow'") if rule.shadow else (f"'{rule.lane or rule.severity}'", "CAST(NULL AS VARCHAR)")
    return f"""
            WITH failures AS ({failures or _of_rows(rule)}), shown AS (
                SELECT x.*, f.file_id, f.source_id, f.file_name AS show_file, s.submission_id,
                    coalesce(u.unit_name || ' (' || x.unit_code || ')', x.unit_code, shown(x.unit_raw)) AS show_unit,
                    i.name_vi AS show_indicator_vi, i.name_en AS show_indicator_en, w.name_vi AS show_whole_vi,
                    w.name_en AS show_whole_en, l.slot_vi AS show_slot_vi,
                    l.slot_en AS show_slot_en, l.cutoff_vi AS show_cutoff_vi, l.cutoff_en AS show_cutoff_en
                FROM failures x JOIN files f USING (file_no) LEFT JOIN submissions s USING (submission_no)
                LEFT JOIN units u ON u.unit_code = x.unit_code
                LEFT JOIN indicators i ON i.source_id = f.source_id AND i.indicator_id = x.show_indicator
                LEFT JOIN indicators w ON w.source_id = f.source_id AND w.indicator_id = x.show_whole
                LEFT JOIN (SELECT DISTINCT slot_id, slot_vi, slot_en, cutoff_vi, cutoff_en FROM slots) l ON l.slot_id = x.slot_id
            )
            SELECT left(md5(concat_ws(chr(31), '{campaign.id}', file_id, '{rule.id}', coalesce(sheet, ''), coalesce(row_number, 0),
                    coalesce(show_indicator, ''), coalesce(show_column, ''))), 20) AS finding_id,
                (SELECT any_value(batch_id) FROM files) AS batch_id, '{campaign.id}' AS campaign_id, source_id, file_id, submission_id,
                '{rule.id}' AS rule_id, '{rule.dimension}' AS dimension, '{rule.severity}' AS severity,
                {effect} AS effect, {reason} AS effect_reason, '{rule.version}' AS rule_version,
                '{rule.responsibility}' AS responsibility, unit_code, show_indicator AS indicator_id, as_of, slot_id, sheet, row_number,
                show_column AS column_name, ltrim(show_raw, chr(31)) AS raw_text, show_value AS value, show_expected AS expected,
                show_score AS score,
                {texts}, received_at AS found_at
            FROM shown"""


def _columns() -> list[tuple[str, str]]:
    from expectations.lanes import SQL_TYPES

    return [(field.name, SQL_TYPES[field.type]) for field in lake.SCHEMAS["findings"]]
