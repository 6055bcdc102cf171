"""What Great Expectations said of a batch, kept beside the lake: publishers make its Data Docs of it (docs/data.md, Validations)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from expectations.engine import Counter, count_failures
from tiendo.home import write_json
from tiendo.settings import Settings


def keeping(suites: list[dict[str, Any]]) -> Counter:
    """A counter that judges by Great Expectations and adds what it said of each relation to `suites`."""

    def counted(connection: duckdb.DuckDBPyConnection, relation: str, queries: Sequence[tuple[str, str]]) -> dict[str, int]:
        found = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
        return count_failures(connection, relation, queries, partial(_keep, suites, relation, found[0] if found else 0))

    return counted


def write(settings: Settings, campaign_id: str, batch_id: str, suites: list[dict[str, Any]]) -> Path:
    """`lake/validations/campaign_id=C/<batch_id>.json`; the same batch gives the same bytes."""
    target = settings.lake / "validations" / f"campaign_id={campaign_id}" / f"{batch_id}.json"
    document = {"campaign_id": campaign_id, "batch_id": batch_id, "great_expectations": version("great_expectations"), "suites": suites}
    write_json(target, document)
    return target


def _keep(suites: list[dict[str, Any]], relation: str, rows: int, checked: Any) -> None:
    """Nothing of the rows themselves: no values, no times, no random ids."""
    results = [
        {
            "rule": result.expectation_config.meta["rule_id"],
            "success": bool(result.success),
            "observed_value": result.result.get("observed_value"),
            "query": result.expectation_config.kwargs["unexpected_rows_query"],
        }
        for result in checked.results
    ]
    results.sort(key=lambda result: result["rule"])
    suites.append({"relation": relation, "rows": rows, "success": bool(checked.success), "results": results})
