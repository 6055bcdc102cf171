"""How many checks were applied to each submission: what the score `correct` is a share of.

A check is one rule judging one row, cell or figure. It applies where the rule is in effect and all that it needs is known: a rule
over a baseline is not assessed where the series is too short to have one. A rule whose missing value fails applies everywhere.
"""

from __future__ import annotations

import duckdb

from expectations.catalogue import Tuned
from expectations.rule import Rule


def count(connection: duckdb.DuckDBPyConnection, tuned: Tuned, dimension: str = "correct") -> None:
    """Table submission_checks (submission_no, checks_applied) over the gate's rules of `dimension` that have an effect."""
    connection.execute("CREATE TABLE submission_checks (submission_no BIGINT, checks_applied BIGINT)")
    connection.execute("CREATE VIEW heads AS SELECT row_id AS of_row, submission_no AS of_submission FROM context_rows")
    for relation in ("rows", "cells", "series"):
        rules = [rule for rule in tuned.on("gate", relation) if rule.dimension == dimension and not rule.shadow]
        if rules:
            applied = " + ".join(f"CAST({applies(rule)} AS INTEGER)" for rule in rules)
            connection.execute(
                f"""INSERT INTO submission_checks
                    SELECT of_submission, sum({applied}) FROM context_{relation} JOIN heads ON of_row = row_id
                    WHERE of_submission IS NOT NULL GROUP BY of_submission"""
            )


def applies(rule: Rule) -> str:
    """SQL, never null: whether the rule can say anything of a row of its relation."""
    in_effect = rule.condition().removeprefix(rule.predicate())
    known = " AND ".join(f"{column} IS NOT NULL" for column in rule.needs) if rule.missing_value == "skip" else "true"
    return f"coalesce({known}{in_effect}, false)"
