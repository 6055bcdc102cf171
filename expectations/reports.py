"""Whole reports in context: the relation `context_reports`, one row per submission (file, unit, slot), placed at its first row.

What is asked of a report as a whole: was it owed, who sent it and may they, is it of the right period, is it filled in, does another file
say something else of the same unit and slot. Cheap facts stand for every report; what needs a search is searched for few.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from expectations.catalogue import Tuned
from expectations.context import given_indicators, scalar
from tiendo import lake, obligations
from tiendo.campaign import Campaign
from tiendo.senders import load_senders
from tiendo.settings import Settings
from tiendo.text import fold

_ISO_DAY = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_LOCAL_DAY = re.compile(r"(?<!\d)(0[1-9]|[12]\d|3[01])[-_.](0[1-9]|1[0-2])[-_.](20\d\d)(?!\d)")


def build(
    connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign, units: pd.DataFrame, tuned: Tuned, until: str | None
) -> None:
    """Table context_reports from context_rows, the campaign and the lake. `until` (UTC text) bounds the history by arrival."""
    connection.execute(_REPORTS)
    _owed(connection, campaign, units)
    _senders(connection, campaign, units)
    _filled(connection, campaign)
    _name_days(connection, campaign)
    _first_versions(connection, settings, campaign, tuned, until)
    _other_versions(connection, settings, campaign, tuned, until)
    connection.execute(_CONTEXT_REPORTS)
    connection.execute("DROP TABLE reports")


_REPORTS = """
CREATE TABLE reports AS
SELECT r.row_id AS item_id, r.row_id, r.submission_no, r.file_no, r.source_id, r.unit_code, r.unit_no, r.unit_kind, r.unit_level,
    r.slot_no, r.slot_id, r.closes_at, r.as_of, r.as_of_on, r.received_at, r.received_on, r.judged_on, r.is_correction, r.is_whole_series,
    r.is_readable, r.ends_on, coalesce(nullif(r.sender, ''), nullif(f.sender, '')) AS sender,
    r.row_id IN (SELECT min(row_id) FROM context_rows WHERE is_submission_head GROUP BY file_no) AS is_file_head
FROM context_rows r JOIN files f USING (file_no) WHERE r.is_submission_head
"""

_CONTEXT_REPORTS = """
CREATE TABLE context_reports AS
SELECT r.*, o.is_owed, s.is_sender_known, s.is_owner, fi.filled, fi.given, n.name_day, coalesce(v.is_first, true) AS is_first,
    date_diff('day', r.as_of_on, r.received_on) AS days_old,
    date_diff('day', CAST(r.closes_at AS DATE), CAST(r.received_at AS DATE)) AS days_closed,
    x.other_file, x.minutes_apart
FROM reports r LEFT JOIN owed o USING (row_id) LEFT JOIN senders_judged s ON s.sender = r.sender AND s.unit_code = r.unit_code
LEFT JOIN filled fi USING (submission_no) LEFT JOIN name_days n USING (file_no) LEFT JOIN first_versions v USING (row_id)
LEFT JOIN other_versions x USING (row_id)
"""


def _given(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, **columns: str) -> None:
    """A small table from a frame, with the types given."""
    connection.register("given", frame[list(columns)].astype(object).where(frame[list(columns)].notna(), None))
    casts = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in columns.items())
    connection.execute(f"CREATE TABLE {name} AS SELECT {casts} FROM given")
    connection.unregister("given")


def _owed(connection: duckdb.DuckDBPyConnection, campaign: Campaign, units: pd.DataFrame) -> None:
    """Table owed (row_id, is_owed): only reports of units whose level owes slots at all; a report of no slot is not owed."""
    if not campaign.slots:
        connection.execute("CREATE TABLE owed (row_id BIGINT, is_owed BOOLEAN)")
        return
    spans = {"unit_code": "VARCHAR", "slot_name": "VARCHAR", "first_on": "DATE", "last_on": "DATE"}
    _given(connection, "obligations", obligations.obligations(campaign, units), **spans)
    _given(connection, "exemptions", pd.DataFrame(obligations.exemptions(campaign, units), columns=obligations.EXEMPTIONS), **spans)
    connection.execute(
        """CREATE TABLE owed AS
           WITH days AS (SELECT DISTINCT slot_id, slot_name, slot_date FROM slots), owing AS (SELECT DISTINCT level FROM slots),
           held_to AS (
               SELECT r.row_id, r.unit_code, d.slot_name, d.slot_date FROM reports r LEFT JOIN days d USING (slot_id)
               WHERE r.unit_kind = 'unit' AND r.unit_level IN (FROM owing)
           ), obliged AS (
               SELECT DISTINCT h.row_id FROM held_to h JOIN obligations o ON o.unit_code = h.unit_code AND o.slot_name = h.slot_name
                   AND h.slot_date BETWEEN o.first_on AND o.last_on
           ), exempt AS (
               SELECT DISTINCT h.row_id FROM held_to h JOIN exemptions e ON e.unit_code = h.unit_code
                   AND coalesce(e.slot_name, h.slot_name) = h.slot_name AND h.slot_date BETWEEN e.first_on AND e.last_on
           )
           SELECT row_id, row_id IN (FROM obliged) AND row_id NOT IN (FROM exempt) AS is_owed FROM held_to"""
    )


def _senders(connection: duckdb.DuckDBPyConnection, campaign: Campaign, units: pd.DataFrame) -> None:
    """Table senders_judged: one row per distinct (sender, unit_code) of the batch; empty where the campaign lists no senders."""
    connection.execute("CREATE TABLE senders_judged (sender VARCHAR, unit_code VARCHAR, is_sender_known BOOLEAN, is_owner BOOLEAN)")
    listed = load_senders(campaign, units)
    if listed.empty:
        return
    written = [row[0] for row in connection.execute("SELECT DISTINCT sender FROM reports WHERE sender IS NOT NULL").fetchall()]
    folds = pd.DataFrame([(sender, fold(sender)) for sender in written], columns=["sender", "folded"])
    _given(connection, "sender_folds", folds, sender="VARCHAR", folded="VARCHAR")
    _given(connection, "listed_senders", listed.assign(folded=listed["sender"].map(fold)), folded="VARCHAR", unit_code="VARCHAR")
    _given(connection, "parents", units, unit_code="VARCHAR", parent_code="VARCHAR")
    connection.execute(
        """INSERT INTO senders_judged
           WITH RECURSIVE owned AS (
               SELECT folded, unit_code FROM listed_senders
               UNION
               SELECT o.folded, p.unit_code FROM owned o JOIN parents p ON p.parent_code = o.unit_code
           )
           SELECT DISTINCT r.sender, r.unit_code, f.folded IN (SELECT folded FROM listed_senders), o.unit_code IS NOT NULL
           FROM reports r JOIN sender_folds f USING (sender) LEFT JOIN owned o ON o.folded = f.folded AND o.unit_code = r.unit_code"""
    )


def _filled(connection: duckdb.DuckDBPyConnection, campaign: Campaign) -> None:
    """Table filled (submission_no, filled, given): indicators with a figure and those that the source gives, where some lack one."""
    counts = pd.DataFrame([(s.id, len(given_indicators(campaign, s)), s.layout == "long") for s in campaign.sources])
    _given(connection, "source_sizes", counts.set_axis(["source_id", "size", "is_long"], axis=1), source_id="VARCHAR", size="BIGINT",
           is_long="BOOLEAN")  # fmt: skip
    connection.execute(
        """CREATE TABLE filled AS
           WITH doubtful AS (
               SELECT DISTINCT r.submission_no FROM context_cells c JOIN context_rows r USING (row_id) WHERE c.cell = 'missing'
               UNION
               SELECT submission_no FROM context_rows r JOIN source_sizes s USING (source_id) WHERE s.is_long AND s.size > 1
               GROUP BY submission_no HAVING count(*) < any_value(s.size)
           )
           SELECT r.submission_no, count(DISTINCT c.indicator_no) FILTER (c.cell <> 'missing') AS filled, any_value(s.size) AS given
           FROM context_rows r JOIN doubtful d USING (submission_no) JOIN context_cells c USING (row_id)
           JOIN source_sizes s USING (source_id)
           WHERE s.size > 1 GROUP BY r.submission_no HAVING filled < given"""
    )


def _name_days(connection: duckdb.DuckDBPyConnection, campaign: Campaign) -> None:
    """Table name_days (file_no, name_day): the day in the name of a file whose rows are all of one day, where the name says no arrival."""
    asked = {s.id: s for s in campaign.sources if s.as_of_from == "column" and s.received.by != "file_name" and s.resubmits == "slot"}
    files = connection.execute(
        """SELECT file_no, source_id, file_name FROM files
           JOIN (SELECT file_no FROM context_rows GROUP BY file_no HAVING min(as_of_on) = max(as_of_on)) USING (file_no)"""
    ).fetchall()
    found = [(file_no, _day_in(name, asked[source].file_name)) for file_no, source, name in files if source in asked]
    frame = pd.DataFrame([row for row in found if row[1]], columns=["file_no", "name_day"])
    _given(connection, "name_days", frame, file_no="BIGINT", name_day="DATE")


def _day_in(name: str, pattern: str | None) -> date | None:
    """The one day that a file's name says; the group as_of of the source's pattern counts before the rest of the name."""
    match = re.search(pattern, name) if pattern else None
    told = (match.groupdict().get("as_of") if match else None) or Path(name).name
    days = {(int(y), int(m), int(d)) for y, m, d in _ISO_DAY.findall(told)}
    days |= {(int(y), int(m), int(d)) for d, m, y in _LOCAL_DAY.findall(told)}
    if len(days) != 1:
        return None
    try:
        return date(*days.pop())
    except ValueError:
        return None


def _first_versions(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign, tuned: Tuned, until: str | None) -> None:
    """Table first_versions (row_id, is_first): of reports old enough to be asked, whether nothing came of that unit and period before."""
    days = min((float(r.params["days"]) for r in tuned.on("gate", "reports") if "is_first" in r.needs), default=None)
    connection.execute("CREATE TABLE first_versions (row_id BIGINT, is_first BOOLEAN)")
    paths = lake.paths(settings, "submissions", campaign.id)
    if days is None or not paths:
        return
    connection.execute(
        f"CREATE TABLE old_reports AS SELECT * FROM reports WHERE as_of_on < received_on - {int(days)} AND NOT is_whole_series"
    )
    if scalar(connection, "SELECT count(*) FROM old_reports"):
        connection.execute(
            f"""INSERT INTO first_versions
                SELECT row_id, false FROM old_reports r SEMI JOIN (
                    SELECT unit_code, slot_id, CAST(as_of AS DATE) AS as_of_on FROM read_parquet($paths, hive_partitioning = false)
                    WHERE unit_code IN (SELECT unit_code FROM old_reports) AND file_id NOT IN (SELECT file_id FROM files)
                    {"AND received_at <= TIMESTAMPTZ '" + until + "'" if until else ""}
                ) k ON k.unit_code = r.unit_code AND coalesce(k.slot_id, CAST(k.as_of_on AS VARCHAR)) =
                    coalesce(r.slot_id, CAST(r.as_of_on AS VARCHAR))""",
            {"paths": paths},
        )


def _other_versions(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign, tuned: Tuned, until: str | None) -> None:
    """Table other_versions (row_id, other_file, minutes_apart): another file, a little earlier, gives another value for the unit and slot.

    Neither declares a correction, both are of one source, and they are not known to be of one sender (who may mend at once).
    """
    connection.execute("CREATE TABLE other_versions (row_id BIGINT, other_file VARCHAR, minutes_apart DOUBLE)")
    rules = [r for r in tuned.on("gate", "reports") if "other_file" in r.needs]
    if not rules:
        return
    minutes = max(float(r.params["minutes"]) for r in rules)
    earliest = scalar(connection, "SELECT min(received_at) FROM reports")
    recent = []
    if earliest:
        since = f"{earliest - timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}"  # a batch is named after its last arrival
        recent = [path for path in lake.paths(settings, "figures", campaign.id) if Path(path).stem[:16] >= since]
    # Without history only units with two reports for one slot can be in conflict, and they are few.
    connection.execute(
        """CREATE TABLE told_again AS
           SELECT submission_no FROM reports JOIN (
               SELECT source_id, unit_no, slot_id FROM reports WHERE NOT is_whole_series GROUP BY ALL HAVING count(*) > 1
           ) t USING (source_id, unit_no) WHERE t.slot_id IS NOT DISTINCT FROM reports.slot_id"""
    )
    if not recent and not scalar(connection, "SELECT count(*) FROM told_again"):
        return
    asked = "" if recent else "AND p.submission_no IN (FROM told_again)"
    connection.execute(
        f"""CREATE TABLE said AS
           SELECT r.file_no, CAST(NULL AS VARCHAR) AS file_name, r.source_id, r.unit_code, r.as_of, r.slot_id, c.indicator_id, c.value,
               r.received_at, lower(trim(p.sender)) AS sender, p.row_id
           FROM context_cells c JOIN context_rows r USING (row_id)
           JOIN reports p ON p.submission_no = r.submission_no
           WHERE c.value IS NOT NULL AND NOT r.is_summed AND NOT r.is_whole_series AND NOT r.is_correction AND NOT r.is_duplicate {asked}"""
    )
    if recent:
        bound = f"AND g.received_at <= TIMESTAMPTZ '{until}'" if until else ""
        paths = {name: [p.replace("/figures/", f"/{name}/") for p in recent] for name in ("figures", "submissions", "batches")}
        connection.execute(
            f"""INSERT INTO said
                SELECT -1, b.file_name, g.source_id, g.unit_code, g.as_of, g.slot_id, g.indicator_id, g.value, g.received_at,
                    lower(trim(s.sender)), NULL
                FROM read_parquet($figures, hive_partitioning = false) g
                JOIN (SELECT submission_id, sender FROM read_parquet($submissions, hive_partitioning = false)) s USING (submission_id)
                JOIN (SELECT file_id, any_value(file_name) AS file_name FROM read_parquet($batches, hive_partitioning = false)
                    GROUP BY file_id) b USING (file_id)
                WHERE g.value IS NOT NULL AND NOT g.is_correction AND g.file_id NOT IN (SELECT file_id FROM files) {bound}
                    AND g.received_at >= (SELECT min(received_at) FROM said) - to_seconds({minutes * 60})
                    AND g.unit_code IN (SELECT unit_code FROM said)
                    AND g.source_id NOT IN (SELECT source_id FROM sources WHERE is_whole_series)""",
            paths,
        )
    connection.execute(
        f"""INSERT INTO other_versions
            WITH told_twice AS (
                SELECT source_id, unit_code, as_of, slot_id, indicator_id FROM said
                GROUP BY ALL HAVING count(DISTINCT value) > 1 AND count(DISTINCT coalesce(file_name, CAST(file_no AS VARCHAR))) > 1
            ), candidates AS (
                SELECT s.* FROM said s JOIN told_twice t ON t.source_id = s.source_id AND t.unit_code = s.unit_code AND t.as_of = s.as_of
                    AND t.slot_id IS NOT DISTINCT FROM s.slot_id AND t.indicator_id = s.indicator_id
            )
            SELECT s.row_id, arg_max(coalesce(o.file_name, f.file_name), (o.received_at, o.file_no)),
                date_diff('second', max(o.received_at), any_value(s.received_at)) / 60
            FROM candidates s JOIN candidates o ON o.source_id = s.source_id AND o.unit_code = s.unit_code AND o.as_of = s.as_of
                AND o.slot_id IS NOT DISTINCT FROM s.slot_id AND o.indicator_id = s.indicator_id AND o.value <> s.value
                AND (o.received_at, o.file_no) < (s.received_at, s.file_no) AND o.file_no <> s.file_no
                AND o.received_at >= s.received_at - to_seconds({minutes * 60}) AND coalesce(o.sender <> s.sender, true)
            LEFT JOIN files f ON f.file_no = o.file_no
            WHERE s.row_id IS NOT NULL GROUP BY s.row_id"""
    )
