"""Acts: what people decide about figures, as an append-only table of the lake (docs/data.md, "Acts").

An act is committed as a small batch of its own, so that whatever reads the lake by batch finds it, and a killed one leaves
nothing. Figures that it puts into the lake are versions that became known at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tiendo import lake
from tiendo.errors import ActError, NotFoundError
from tiendo.home import scratch_folder
from tiendo.settings import Settings, author_by_default

Row = dict[str, Any]
OURSELVES = "tiendo"  # the author of what is decided by a rule that is written down


def author_of(given: str | None) -> str:
    """Who decides: as given, else the author of the settings; raises ActError where nobody is named."""
    author = (given or "").strip() or author_by_default()
    if not author:
        raise ActError("nobody is named as the author", way_out="Add --author NAME, or set TIENDO_AUTHOR")
    return author


def reason_of(given: str | None) -> str:
    """Why; raises ActError where nothing is said."""
    reason = " ".join((given or "").split())
    if not reason:
        raise ActError("no reason is given", way_out="Add --reason TEXT: it stands in the audit for good")
    return reason


def new_act(campaign_id: str, kind: str, moment: datetime, subject: str, **said: Any) -> Row:
    """A row of the table acts. `subject` tells this act from others of its kind and moment."""
    row = dict.fromkeys(lake.SCHEMAS[lake.ACTS].names) | {"figure_count": 0} | said
    return row | {
        "act_id": lake.digest(campaign_id, kind, subject, moment.isoformat()), "campaign_id": campaign_id, "kind": kind, "acted_at": moment,
    }  # fmt: skip


def commit(settings: Settings, campaign_id: str, acts: list[Row], figures: pa.Table | None = None, signed: pa.Table | None = None) -> str:
    """Put acts, the figures that they let stand, and the scores that they sign off, into the lake as one batch; returns its id.

    All acts of a batch are of one moment. `figures` has the lake's columns; batch_id and received_at are set here. `signed` has those
    of signed_scores but for batch_id.
    """
    moment = max(act["acted_at"] for act in acts)
    batch = lake.batch_id(moment.strftime("%Y%m%dT%H%M%SZ"), [act["act_id"] for act in acts])
    authors = "; ".join(sorted({act["author"] for act in acts}))
    file = {
        "batch_id": batch, "campaign_id": campaign_id, "source_id": lake.ACTS, "file_id": batch, "file_name": lake.ACTS,
        "container_name": "", "received_at": moment, "received_by": "clock", "landed_at": moment, "sender": authors,
        "status": lake.ACTS, "is_simulated": False, "rows_received": 0, "rows_accepted": 0, "rows_held": 0, "rows_rejected": 0,
        "rows_duplicate": 0,
    }  # fmt: skip
    tables = {name: schema.empty_table() for name, schema in lake.SCHEMAS.items() if name not in lake.OPTIONAL}
    tables["batches"] = pa.Table.from_pylist([file], schema=lake.SCHEMAS["batches"])
    ordered = sorted(acts, key=lambda act: act["act_id"])
    tables[lake.ACTS] = pa.Table.from_pylist([act | {"batch_id": batch} for act in ordered], schema=lake.SCHEMAS[lake.ACTS])
    if figures is not None and figures.num_rows:
        tables["figures"] = _stamped(figures, batch, moment)
    if signed is not None:
        named = signed.append_column("batch_id", pa.array([batch] * signed.num_rows, pa.string()))
        tables["signed_scores"] = named.select(lake.SCHEMAS["signed_scores"].names).cast(lake.SCHEMAS["signed_scores"])
    with scratch_folder(settings.scratch, f"acts-{campaign_id}-") as staged:
        for name, table in tables.items():
            pq.write_table(table, staged / f"{name}.parquet", compression="zstd")
        lake.commit(staged, settings, campaign_id, batch)
    return batch


def _stamped(figures: pa.Table, batch: str, moment: datetime) -> pa.Table:
    schema = lake.SCHEMAS["figures"]
    told = {"batch_id": batch, "received_at": moment}
    columns = [
        pa.array([told[field.name]] * figures.num_rows, field.type) if field.name in told else figures.column(field.name).cast(field.type)
        for field in schema
    ]
    keys = [("submission_id", "ascending"), ("as_of", "ascending"), ("indicator_id", "ascending"), ("lane", "ascending")]
    return pa.table(columns, schema=schema).sort_by(keys)


def moment_after(connection: duckdb.DuckDBPyConnection, now: datetime, relation: str) -> datetime:
    """`now`, or just after the last arrival in `relation` where that is later: what is decided counts after what it is about."""
    found = connection.execute(f"SELECT max(received_at) FROM {relation}").fetchone()
    last = found[0] if found else None
    return max(now, last + timedelta(microseconds=1)) if last else now


def views(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign_id: str, unit_codes: Iterable[str] | None = None) -> None:
    """Views submissions, figures, findings, batches and acts of a campaign's lake; empty ones where nothing is there.

    `unit_codes`: submissions and figures of these units only.
    """
    connection.execute("SET TimeZone = 'UTC'")
    codes = [[code] for code in sorted({code for code in unit_codes or () if code})]
    connection.execute("CREATE OR REPLACE TEMP TABLE chosen_units (unit_code VARCHAR)")
    if codes:
        connection.executemany("INSERT INTO chosen_units VALUES (?)", codes)
    for name in ("submissions", "figures", "findings", "batches", lake.ACTS):
        connection.register("given", lake.SCHEMAS[name].empty_table())
        connection.execute(f"CREATE OR REPLACE TEMP TABLE no_{name} AS FROM given")
        connection.unregister("given")
        files = ", ".join(f"'{path}'" for path in lake.paths(settings, name, campaign_id))
        kept = f" UNION ALL BY NAME FROM read_parquet([{files}], hive_partitioning = false, union_by_name = true)" if files else ""
        chosen = unit_codes is not None and name in ("submissions", "figures")
        which = " WHERE unit_code IN (SELECT unit_code FROM chosen_units)" if chosen else ""
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM (SELECT * FROM no_{name}{kept}){which}")


def find_holds(connection: duckdb.DuckDBPyConnection) -> None:
    """Tables holds (one row per submission with held rows) and held_figures (its figures, and whether a newer one stands), from the views.

    status: released or discarded, as was decided last; else corrected, if a newer accepted version of the same unit and time
    (or slot) came; else open.
    """
    connection.execute(_HELD)
    connection.execute(_HOLDS)


_HELD = """
CREATE OR REPLACE TEMP TABLE held_figures AS
WITH held AS (
    SELECT f.* FROM figures f WHERE lane = 'held' AND submission_id IN (SELECT submission_id FROM submissions WHERE rows_held > 0)
), newest AS (
    SELECT unit_code, indicator_id, as_of, max(received_at) AS newest_at FROM figures
    WHERE lane = 'accepted' AND (unit_code, indicator_id, as_of) IN (SELECT (unit_code, indicator_id, as_of) FROM held)
    GROUP BY ALL
)
SELECT held.*, newest.newest_at, coalesce(newest.newest_at > held.received_at, false) AS is_covered
FROM held LEFT JOIN newest USING (unit_code, indicator_id, as_of)
"""

_HOLDS = """
CREATE OR REPLACE TEMP TABLE holds AS
WITH held AS (
    SELECT left(md5(submission_id), 10) AS hold_id, * FROM submissions WHERE rows_held > 0
), counted AS (
    SELECT submission_id, count(*) AS held_figures, bool_and(is_covered) AS is_covered, max(newest_at) AS covered_at,
        min(as_of) AS first_as_of, max(as_of) AS last_as_of
    FROM held_figures GROUP BY ALL
), newer AS (
    SELECT h.submission_id, min(s.received_at) AS newer_at
    FROM held h JOIN submissions s ON s.unit_code = h.unit_code AND s.slot_id = h.slot_id
        AND s.received_at > h.received_at AND s.lane = 'accepted'
    GROUP BY ALL
), judged AS (
    SELECT submission_id, list(DISTINCT rule_id ORDER BY rule_id) AS rules, count(*) AS finding_count FROM findings
    WHERE coalesce(effect, severity) = 'hold' AND submission_id IN (SELECT submission_id FROM held) GROUP BY ALL
), decided AS (
    SELECT submission_id, arg_max(kind, acted_at) AS kind, arg_max(author, acted_at) AS author, arg_max(reason, acted_at) AS reason,
        max(acted_at) AS acted_at
    FROM acts WHERE kind IN ('release', 'discard') GROUP BY ALL
)
SELECT h.hold_id, h.submission_id, h.campaign_id, h.source_id, h.file_id, h.batch_id, h.unit_code, h.slot_id, h.received_at, h.sender,
    h.rows_held, h.rows_rejected, coalesce(c.held_figures, 0) AS held_figures, c.first_as_of, c.last_as_of, coalesce(j.rules, []) AS rules,
    CASE WHEN d.kind IS NOT NULL THEN d.kind || CASE d.kind WHEN 'release' THEN 'd' ELSE 'ed' END
        WHEN n.newer_at IS NOT NULL OR c.is_covered THEN 'corrected' ELSE 'open' END AS status,
    coalesce(d.acted_at, n.newer_at, CASE WHEN c.is_covered THEN c.covered_at END) AS settled_at,
    d.author, d.reason
FROM held h LEFT JOIN counted c USING (submission_id) LEFT JOIN newer n USING (submission_id) LEFT JOIN judged j USING (submission_id)
LEFT JOIN decided d USING (submission_id)
"""


def rows(connection: duckdb.DuckDBPyConnection, query: str, parameters: Any = None) -> list[Row]:
    """The rows of a query as dictionaries."""
    found = connection.execute(query, parameters) if parameters is not None else connection.execute(query)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def hold_of(connection: duckdb.DuckDBPyConnection, campaign_id: str, said: str) -> Row:
    """The hold whose id (or submission) begins with `said`; raises NotFoundError where none does, ActError where several do."""
    found = rows(
        connection,
        "SELECT * FROM holds WHERE starts_with(hold_id, $said) OR submission_id = $said ORDER BY hold_id LIMIT 6",
        {"said": said.strip().lower()},
    )
    if len(found) == 1 and said.strip():
        return found[0]
    if not found:
        raise NotFoundError(f"no hold '{said}'", where=campaign_id, way_out=f"See `tiendo hold list {campaign_id} --all`")
    some = ", ".join(row["hold_id"] for row in found[:5])
    raise ActError(f"'{said}' may be several holds: {some}", where=campaign_id, way_out="Type more of the id")


def waivers(settings: Settings, campaign_id: str) -> list[Row]:
    """Waivers ever given, the newest first: act_id, unit_code, rule_id, until, reason, author, acted_at, ended_at (null: not ended)."""
    with duckdb.connect() as connection:
        views(connection, settings, campaign_id)
        return rows(
            connection,
            """SELECT g.act_id, g.unit_code, g.rule_id, g.until, g.reason, g.author, g.acted_at, min(e.acted_at) AS ended_at
               FROM acts g LEFT JOIN acts e ON e.kind = 'waiver_end' AND e.source = g.act_id
               WHERE g.kind = 'waiver' GROUP BY ALL ORDER BY g.acted_at DESC, g.act_id""",
        )
