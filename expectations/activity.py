"""How often each rule was applied and failed, by slot: what `rule_activity` and the check of the checks are made of.

A check is one rule judging one row, cell or figure; a report is judged by a rule where at least one check applied
(expectations/assessed.py says when).
"""

from __future__ import annotations

import duckdb

from expectations.assessed import applies
from expectations.catalogue import Tuned

_COUNTS = ("checks_applied", "reports_judged", "checks_failed", "reports_failed")


def count(connection: duckdb.DuckDBPyConnection, tuned: Tuned) -> None:
    """Table rule_checks (rule_id, edition, rule_version, slot_id, and the four counts) over the gate's rules, on trial or not."""
    present = connection.execute("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'context_%' ORDER BY 1").fetchall()
    relations = [name.removeprefix("context_") for (name,) in present if tuned.on("gate", name.removeprefix("context_"))]
    for relation in relations:
        rules = tuned.on("gate", relation)
        applied = ", ".join(f"sum(CAST({applies(rule)} AS INTEGER)) AS r{n}" for n, rule in enumerate(rules))
        sums = ", ".join(f"sum(r{n}) AS a{n}, count(*) FILTER (r{n} > 0 AND submission_no IS NOT NULL) AS j{n}" for n in range(len(rules)))
        connection.execute(
            f"""CREATE TABLE applied_{relation} AS
                WITH reports AS (
                    SELECT of_submission AS submission_no, {applied} FROM context_{relation} JOIN heads ON of_row = row_id
                    GROUP BY of_submission
                )
                SELECT slot_id, {sums} FROM reports
                LEFT JOIN (SELECT row_id, slot_id FROM context_rows) h ON h.row_id = submission_no GROUP BY slot_id"""
        )
    told = [
        f"""SELECT '{rule.id}' AS rule_id, '{rule.edition}' AS edition, '{rule.version}' AS rule_version, slot_id,
            a{n} AS checks_applied, j{n} AS reports_judged FROM applied_{relation}"""
        for relation in relations
        for n, rule in enumerate(tuned.on("gate", relation))
    ]
    nothing = "SELECT '' AS rule_id, '' AS edition, '' AS rule_version, '' AS slot_id, 0 AS checks_applied, 0 AS reports_judged WHERE false"
    connection.execute(
        f"""CREATE TABLE rule_checks AS
            WITH applied AS ({' UNION ALL '.join([*told, nothing])}), failed AS (
                SELECT f.edition, r.slot_id, count(*) AS checks_failed, count(DISTINCT r.submission_no) AS reports_failed
                FROM found f JOIN context_rows r USING (row_id) GROUP BY ALL
            )
            SELECT a.rule_id, a.edition, a.rule_version, a.slot_id, {', '.join(f'coalesce({name}, 0) AS {name}' for name in _COUNTS)}
            FROM applied a LEFT JOIN failed f ON f.edition = a.edition AND f.slot_id IS NOT DISTINCT FROM a.slot_id"""
    )
