"""Accounting: every row received is accepted, held, rejected or duplicate, and every file is in the landing."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from tiendo import lake
from tiendo.settings import Settings

LANES = ("accepted", "held", "rejected", "duplicate")


@dataclass(frozen=True)
class BatchCount:
    """One batch's rows by lane, and what is wrong with it (nothing, if it adds up)."""

    campaign_id: str
    batch_id: str
    files: int
    received: int
    accepted: int
    held: int
    rejected: int
    duplicate: int
    problems: tuple[str, ...]


def reconcile(settings: Settings) -> list[BatchCount]:
    """One entry per batch of the lake, oldest first, with its problems as lines.

    Checked: the four lanes add up to what was received, per file; the submissions' rows do not exceed the file's; the
    bytes of every file are in the landing; the published `reconciliation` has the same counts.
    """
    if not lake.batch_ids(settings):
        return []
    connection = duckdb.connect()
    connection.execute(f"create view batches as select * from read_parquet('{settings.lake}/batches/*/*.parquet')")
    sums = ", ".join(f"sum(rows_{lane})::bigint" for lane in ("received", *LANES))
    batches = connection.execute(
        f"select campaign_id, batch_id, count(*), {sums} from batches group by all order by batch_id, campaign_id"
    ).fetchall()
    problems = _file_problems(connection, settings) + _published_problems(connection, settings)
    by_batch: dict[str, list[str]] = {}
    for batch, text in problems:
        by_batch.setdefault(batch, []).append(text)
    return [BatchCount(*row, tuple(by_batch.get(row[1], ()))) for row in batches]  # type: ignore[call-arg]


def _file_problems(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[tuple[str, str]]:
    added = " + ".join(f"rows_{lane}" for lane in LANES)
    uneven = connection.execute(
        f"select batch_id, file_name, rows_received, {added} from batches where rows_received <> {added} order by all"
    ).fetchall()
    found = [(b, f"{name}: received {received} rows, but the lanes hold {total}") for b, name, received, total in uneven]
    for batch, name, sha256 in connection.execute("select batch_id, file_name, sha256 from batches order by all").fetchall():
        if not (settings.landing / "bytes" / sha256[:2] / sha256).is_file():
            found.append((batch, f"{name}: its bytes ({sha256[:12]}...) are not in the landing"))
    connection.execute(f"create view submissions as select * from read_parquet('{settings.lake}/submissions/*/*.parquet')")
    over = connection.execute(
        "select batch_id, file_name, batches.rows_accepted, said.accepted from batches join (select batch_id, file_id,"
        " sum(rows_accepted) as accepted from submissions group by all) as said using (batch_id, file_id)"
        " where said.accepted <> batches.rows_accepted order by all"
    ).fetchall()
    return found + [(b, f"{name}: {rows} rows accepted, its submissions say {said:.0f}") for b, name, rows, said in over]


def _published_problems(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[tuple[str, str]]:
    marts = settings.published / "marts.duckdb"
    if not marts.is_file():
        return []
    connection.execute(f"attach '{marts.resolve()}' as published (read_only)")
    sums = ", ".join(f"sum(rows_{lane}) as rows_{lane}" for lane in ("received", *LANES))
    differ = connection.execute(
        f"""
        select batch_id from published.reconciliation as said
        join (select campaign_id, batch_id, {sums} from batches group by all) as counted using (campaign_id, batch_id)
        where not said.is_balanced or {" or ".join(f"said.rows_{x} <> counted.rows_{x}" for x in ("received", *LANES))}
        order by batch_id
        """
    ).fetchall()
    return [(batch, "the published reconciliation says something else than the lake") for (batch,) in differ]
