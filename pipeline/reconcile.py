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
    bytes of every file are in the landing; the published `reconciliation` has the same counts. Batches of acts bring no rows: they
    are counted apart (acts_by_kind), and here only where the figures that they let stand are not those that they say.
    """
    if not lake.batch_ids(settings):
        return []
    connection = duckdb.connect()
    connection.execute(f"create view batches as select * from read_parquet('{settings.lake}/batches/*/*.parquet', union_by_name = true)")
    sums = ", ".join(f"sum(rows_{lane})::bigint" for lane in ("received", *LANES))
    arrived = f"from batches where status <> '{lake.ACTS}'"
    batches = connection.execute(
        f"select campaign_id, batch_id, count(*), {sums} {arrived} group by all order by batch_id, campaign_id"
    ).fetchall()
    uneven = _act_problems(connection, settings)
    batches += [(campaign, batch, 0, 0, 0, 0, 0, 0) for campaign, batch, _ in uneven]
    problems = (
        [(batch, text) for _, batch, text in uneven] + _file_problems(connection, settings) + _published_problems(connection, settings)
    )
    by_batch: dict[str, list[str]] = {}
    for batch, text in problems:
        by_batch.setdefault(batch, []).append(text)
    return [BatchCount(*row, tuple(by_batch.get(row[1], ()))) for row in batches]  # type: ignore[call-arg]


def acts_by_kind(settings: Settings) -> list[tuple[str, str, int, int]]:
    """Campaign, kind, how many acts, and figures that they let stand (or took back), for all acts in the lake."""
    found = list(settings.lake.glob("acts/*/*.parquet"))
    if not found:
        return []
    with duckdb.connect() as connection:
        return connection.execute(
            "select campaign_id, kind, count(*), sum(figure_count)::bigint from read_parquet($1) group by all order by all",
            [[str(path) for path in sorted(found)]],
        ).fetchall()


def _act_problems(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[tuple[str, str, str]]:
    """Batches of acts with other figures than their acts say, or that release what was never held: campaign, batch, what."""
    if not list(settings.lake.glob("acts/*/*.parquet")):
        return []
    connection.execute(f"create view acts as select * from read_parquet('{settings.lake}/acts/*/*.parquet')")
    connection.execute(f"create view figures as select * from read_parquet('{settings.lake}/figures/*/*.parquet')")
    return connection.execute(
        """
        with said as (select campaign_id, batch_id, sum(figure_count) as said from acts group by all),
        there as (select batch_id, count(*) as there from figures where batch_id in (select batch_id from said) group by all),
        decided as (select distinct batch_id, submission_id from acts where kind in ('release', 'discard')),
        held as (
            select distinct submission_id, unit_code, indicator_id, as_of, value from figures
            where lane = 'held' and submission_id in (select submission_id from decided)
        ),
        never_held as (
            select batch_id, count(*) as wrong
            from (select f.* from figures as f semi join decided using (batch_id, submission_id)) as f
            where not exists (
                select 1 from held where held.submission_id = f.submission_id and held.unit_code = f.unit_code
                    and held.indicator_id = f.indicator_id and held.as_of = f.as_of and held.value is not distinct from f.value)
            group by all
        )
        select campaign_id, batch_id, 'its acts say ' || said || ' figures, ' || coalesce(there, 0) || ' are there'
        from said left join there using (batch_id) where said <> coalesce(there, 0)
        union all
        select campaign_id, batch_id, wrong || ' figures that it releases or discards were never held'
        from said join never_held using (batch_id)
        order by all
        """
    ).fetchall()


def _file_problems(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[tuple[str, str]]:
    from loaders.store import bytes_path

    added = " + ".join(f"rows_{lane}" for lane in LANES)
    uneven = connection.execute(
        f"select batch_id, file_name, rows_received, {added} from batches where rows_received <> {added} order by all"
    ).fetchall()
    found = [(b, f"{name}: received {received} rows, but the lanes hold {total}") for b, name, received, total in uneven]
    for batch, name, sha256 in connection.execute(
        f"select batch_id, file_name, sha256 from batches where status <> '{lake.ACTS}' order by all"
    ).fetchall():
        if not bytes_path(settings, sha256).is_file():
            found.append((batch, f"{name}: its bytes ({sha256[:12]}...) are not in the landing"))
    connection.execute(
        f"create view submissions as select * from read_parquet('{settings.lake}/submissions/*/*.parquet', union_by_name = true)"
    )
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
