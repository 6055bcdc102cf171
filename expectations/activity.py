"""How often each rule was applied and failed, by slot: what `rule_activity` and the check of the checks are made of.

A check is one rule judging one row, cell or figure; a report is judged by a rule where at least one check applied
(expectations/assessed.py says when). Which rules apply to a row is one number, a bit for each, so that a million rows are counted by the
few different numbers there are.
"""

from __future__ import annotations

import duckdb

from expectations.assessed import applies
from expectations.catalogue import Tuned
from expectations.rule import Rule

_BITS = 60
_COUNTS = ("checks_applied", "reports_judged", "checks_failed", "reports_failed")


def count(connection: duckdb.DuckDBPyConnection, tuned: Tuned) -> None:
    """Table rule_checks (rule_id, edition, rule_version, slot_id, and the four counts) over the gate's rules, on trial or not."""
    connection.execute("CREATE TABLE applied (edition VARCHAR, slot_id VARCHAR, checks_applied BIGINT, reports_judged BIGINT)")
    present = connection.execute("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'context_%' ORDER BY 1").fetchall()
    for (table,) in present:
        rules = tuned.on("gate", table.removeprefix("context_"))
        for first in range(0, len(rules), _BITS):
            _add_applied(connection, table, rules[first : first + _BITS])
    versions = [f"('{rule.id}', '{rule.edition}', '{rule.version}')" for rule in tuned.on("gate")]
    connection.execute(
        f"""CREATE TABLE rule_checks AS
            WITH failed AS (
                SELECT f.edition, r.slot_id, count(*) AS checks_failed, count(DISTINCT r.submission_no) AS reports_failed
                FROM found f JOIN context_rows r USING (row_id) GROUP BY ALL
            )
            SELECT v.rule_id, v.edition, v.rule_version, coalesce(a.slot_id, f.slot_id) AS slot_id,
                {", ".join(f"coalesce({name}, 0) AS {name}" for name in _COUNTS)}
            FROM applied a FULL JOIN failed f ON f.edition = a.edition AND f.slot_id IS NOT DISTINCT FROM a.slot_id
            JOIN (VALUES {", ".join([*versions, "('', '', '')"])}) v (rule_id, edition, rule_version)
                ON v.edition = coalesce(a.edition, f.edition)"""
    )


def _add_applied(connection: duckdb.DuckDBPyConnection, table: str, rules: list[Rule]) -> None:
    """Add how often each of at most 60 rules applies to the rows of a relation, and to how many reports, by slot."""
    if table == "context_marks":
        # What readers notice is looked for in every row, and is a mark only where it is found.
        table, applied = "context_rows", [f"true{rule.condition().removeprefix(rule.predicate())}" for rule in rules]
    else:
        applied = [applies(rule) for rule in rules]
    mask = " | ".join(f"(CAST(({what}) AS BIGINT) << {n})" for n, what in enumerate(applied))
    columns = {row[0] for row in connection.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchall()}
    placed = table
    if not {"submission_no", "slot_id"} <= columns:
        # Relations of cells and figures do not say their submission; aliases keep its columns apart from theirs.
        placed = f"{table} JOIN (SELECT row_id AS of_row, submission_no AS of_no, slot_id AS of_slot FROM context_rows) ON of_row = row_id"
    number, slot = ("submission_no", "slot_id") if placed == table else ("of_no", "of_slot")
    bits = ", ".join(f"('{rule.edition}', {n})" for n, rule in enumerate(rules))
    connection.execute(f"CREATE OR REPLACE TABLE masks AS SELECT {number} AS number, {slot} AS slot_id, {mask} AS mask FROM {placed}")
    connection.execute(
        f"""INSERT INTO applied
            WITH checks AS (
                SELECT slot_id, mask, count(*) AS checks, 0 AS reports FROM masks GROUP BY slot_id, mask
                UNION ALL
                SELECT slot_id, mask, 0, count(*) FROM (
                    SELECT any_value(slot_id) AS slot_id, bit_or(mask) AS mask FROM masks WHERE number IS NOT NULL GROUP BY number
                ) GROUP BY slot_id, mask
            )
            SELECT edition, slot_id, sum(checks), sum(reports) FROM checks
            JOIN (VALUES {bits}) b (edition, bit) ON (mask >> bit) & 1 = 1 GROUP BY edition, slot_id"""
    )
    connection.execute("DROP TABLE masks")
