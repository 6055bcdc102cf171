"""After dbt failed: whether a rule of the warehouse is at fault, and the way on where it is only on trial."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tiendo.errors import RuleError
from tiendo.home import written_whole
from tiendo.settings import Settings


def leave_out(settings: Settings, scratch: Path) -> list[str]:
    """Switch off, in the register, the rules on trial (shadow) that raise over `scratch`, dbt's unfinished warehouse: a line for each.

    Raises RuleError where a rule that is not on trial raises. Nothing is left out when no rule is at fault.
    """
    problems = []
    for path in sorted((settings.register / "rules").glob("campaign_id=*.parquet")):
        faulty = _faulty(path, scratch)
        for edition, is_shadow, what in faulty:
            if not is_shadow:
                raise RuleError(
                    f"rule '{edition}' raised an error: {what}",
                    where="expectations/rules",
                    way_out="This is a fault of the rule, not of the data: mend its `fails` or its params. The warehouse is as it was",
                )
            problems.append(f"rule on trial (shadow), left out: {path.stem.removeprefix('campaign_id=')}: rule '{edition}' raised: {what}")
        if faulty:
            _switch_off(path, [edition for edition, _, _ in faulty])
    return list(dict.fromkeys(problems))


def _faulty(rules: Path, scratch: Path) -> list[tuple[str, bool, str]]:
    """(edition, whether it is on trial, what DuckDB says) of the campaign's rules that raise."""
    found = []
    with duckdb.connect() as connection:
        # Views remember the name of the file that dbt builds them in.
        connection.execute(f"ATTACH '{scratch}' AS {scratch.stem} (READ_ONLY)")
        present = {row[0] for row in connection.execute("SELECT view_name FROM duckdb_views()").fetchall()}
        rows = connection.execute(
            f"SELECT campaign_id, edition, is_shadow, relation, condition FROM read_parquet('{rules}') WHERE is_on AND place = 'warehouse'"
        ).fetchall()
        for campaign_id, edition, is_shadow, relation, condition in rows:
            if f"int_checked_{relation}" not in present:
                continue
            try:
                connection.execute(
                    f"""SELECT count(*) FROM {scratch.stem}.intermediate.int_checked_{relation}
                        WHERE campaign_id = '{campaign_id}' AND ({condition})"""
                ).fetchall()
            except duckdb.Error as error:
                found.append((edition, is_shadow, str(error).splitlines()[0]))
    return found


def _switch_off(rules: Path, editions: list[str]) -> None:
    with written_whole(rules) as target, duckdb.connect() as connection:
        listed = ", ".join(f"'{edition}'" for edition in editions)
        connection.execute(
            f"""COPY (SELECT * REPLACE (is_on AND edition NOT IN ({listed}) AS is_on) FROM read_parquet('{rules}'))
                TO '{target}' (FORMAT parquet, COMPRESSION zstd)"""
        )
