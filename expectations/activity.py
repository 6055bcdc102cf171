"""How often each rule was applied and failed: by slot for `rule_activity`, by submission for the score `correct`.

A check is one rule judging one row, cell or figure. It applies where the rule is in effect and all that it needs is known: a rule over a
baseline is not assessed where the series is too short to have one. A rule whose missing value fails applies everywhere. A report is
judged by a rule where at least one check applied. Which rules apply to a row is one number, a bit for each, so that a million rows are
counted by the few different numbers there are.
"""

from __future__ import annotations

import duckdb

from expectations.catalogue import Tuned
from expectations.rule import Rule
from expectations.signs import relation_of

_BITS = 60
_SCORED = ("context_rows", "context_cells", "context_series", "context_signs")  # what the score `correct` is made of
_COUNTS = ("checks_applied", "reports_judged", "checks_failed", "reports_failed")


def count(connection: duckdb.DuckDBPyConnection, tuned: Tuned) -> None:
    """Tables rule_checks (rule_id, edition, rule_version, slot_id, and the four counts) over the gate's rules, on trial or not, and
    submission_checks (submission_no, checks_applied) over those of the dimension correct that have an effect."""
    connection.execute("CREATE TABLE submission_checks (submission_no BIGINT, checks_applied BIGINT)")
    connection.execute("CREATE TABLE applied (edition VARCHAR, slot_id VARCHAR, checks_applied BIGINT, reports_judged BIGINT)")
    present = connection.execute("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'context_%' ORDER BY 1").fetchall()
    for (table,) in present:
        rules = [rule for rule in tuned.on("gate") if relation_of(rule) == table]
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
    is_of_marks = table == "context_marks"
    if is_of_marks:
        # What readers notice is looked for in every row, and is a mark only where it is found.
        table, applied = "context_rows", [f"true{rule.condition().removeprefix(rule.predicate())}" for rule in rules]
    else:
        applied = [applies(rule) for rule in rules]
    mask = " | ".join(f"(CAST(({what}) AS BIGINT) << {n})" for n, what in enumerate(applied))
    bits = ", ".join(f"('{rule.edition}', {n})" for n, rule in enumerate(rules))
    connection.execute(f"CREATE OR REPLACE TABLE masks AS SELECT submission_no AS number, slot_no, {mask} AS mask FROM {table}")
    scored = sum(1 << n for n, rule in enumerate(rules) if rule.dimension == "correct" and not rule.shadow)
    connection.execute(
        f"""CREATE OR REPLACE TABLE masks_of_reports AS
            SELECT number, any_value(slot_no) AS slot_no, bit_or(mask) AS mask, sum(bit_count(mask & {scored})) AS scored
            FROM masks WHERE number IS NOT NULL GROUP BY number"""
    )
    if scored and table in _SCORED and not is_of_marks:
        connection.execute("INSERT INTO submission_checks SELECT number, scored FROM masks_of_reports")
    connection.execute(
        f"""INSERT INTO applied
            WITH checks AS (
                SELECT slot_no, mask, count(*) AS checks, 0 AS reports FROM masks GROUP BY slot_no, mask
                UNION ALL
                SELECT slot_no, mask, 0, count(*) FROM masks_of_reports GROUP BY slot_no, mask
            )
            SELECT edition, slot_id, sum(checks), sum(reports) FROM checks JOIN slot_times USING (slot_no)
            JOIN (VALUES {bits}) b (edition, bit) ON (mask >> bit) & 1 = 1 GROUP BY edition, slot_id"""
    )
    connection.execute("DROP TABLE masks")


def applies(rule: Rule) -> str:
    """SQL, never null: whether the rule can say anything of a row of its relation."""
    in_effect = rule.condition().removeprefix(rule.predicate())
    known = " AND ".join(f"{column} IS NOT NULL" for column in rule.needs) if rule.missing_value == "skip" else "true"
    return f"coalesce({known}{in_effect}, false)"
