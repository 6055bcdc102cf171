"""What a figure is compared with: every version that is or may become history, and the value before and after each figure.

`timeline` holds the figures of this batch and, of the same units, those in the lake (of which the held ones do not stand).
How far back is bounded by the
campaign's own rhythm, so that the cost follows the batch.
"""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pandas as pd

from expectations import withdrawn
from expectations.context import scalar
from tiendo import calendar, lake
from tiendo.campaign import Campaign
from tiendo.settings import Settings

SLOTS_BACK = 40  # reports a series is looked back upon: a baseline needs 28, and some may be missing
DAYS_BACK = 92  # but never fewer days than this
NEAR_SLOTS = 48  # slots that are read of every series; who has fewer than ENOUGH reports in them is read further back
ENOUGH = 38  # of a baseline's 28 growths the first needs what came before it, and a restated one the 8 before that


def gather(
    connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign, until: str | None, *, with_increments: bool
) -> None:
    """Tables timeline, and plain (series_no) of the series with one version of each time that arrived in order.

    `until` (UTC text) bounds the history by arrival. Increments are no level that could fall: they are there for baselines only.
    `copy_no`: a copy of a whole series is a history of its own (its file); -1 for all others.
    """
    kinds = "('cumulative', 'increment')" if with_increments else "('cumulative')"
    batches = lake.paths(settings, "batches", campaign.id)
    known = f"UNION SELECT file_id FROM read_parquet({batches!r}, hive_partitioning = false)" if batches else ""
    connection.execute(
        f"""CREATE TABLE file_ranks AS
            SELECT file_id, row_number() OVER (ORDER BY file_id) AS file_rank FROM (SELECT file_id FROM files {known})"""
    )
    connection.execute(
        f"""CREATE TABLE timeline AS
           SELECT item_id, group_id, series_no, unit_kind = 'placeholder' AS is_placeholder, kind, as_of, s.received_at, priority,
               r.file_rank, value, is_correction, stands, is_whole_series, CASE WHEN is_whole_series THEN file_no ELSE -1 END AS copy_no
           FROM series s JOIN files f USING (file_no) JOIN file_ranks r USING (file_id) WHERE kind IN {kinds}"""
    )
    batch = scalar(connection, "SELECT any_value(batch_id) FROM files")
    paths = [path for path in lake.paths(settings, "figures", campaign.id) if not path.endswith(f"/{batch}.parquet")]
    first = scalar(connection, "SELECT min(as_of) FROM timeline")
    if paths and first is not None:
        bound = f"AND received_at <= TIMESTAMPTZ '{until}'" if until else ""
        far, near = (f"TIMESTAMP '{first - back}'" for back in (reach(campaign), min(near_by(campaign), reach(campaign))))
        _read_back(connection, paths, f"as_of >= {near} AND series_no IN (SELECT series_no FROM timeline) {bound}")
        if near != far:
            # Few series have gaps: only those are read further back.
            connection.execute(
                f"""CREATE OR REPLACE TEMP TABLE thin AS
                    WITH begun AS (SELECT series_no, min(as_of) AS since FROM timeline WHERE item_id IS NOT NULL GROUP BY ALL)
                    SELECT b.series_no FROM begun b
                    LEFT JOIN timeline t ON t.series_no = b.series_no AND t.item_id IS NULL AND t.stands AND t.as_of < b.since
                    GROUP BY b.series_no HAVING count(DISTINCT t.as_of) < {ENOUGH}"""
            )
            _read_back(connection, paths, f"as_of >= {far} AND as_of < {near} AND series_no IN (FROM thin) {bound}")
        withdrawn.forget(connection, settings, campaign, paths)
    # Most series are plain: one version of each time, arriving in order. They need one window and no search.
    connection.execute(
        """CREATE TABLE plain AS
           SELECT series_no FROM (
               SELECT series_no, NOT is_correction
                   AND coalesce(lag(as_of) OVER w < as_of AND lag(received_at) OVER w <= received_at, true)
                   AND coalesce(item_id IS NOT NULL OR kind = 'increment' OR NOT stands OR lag(value) OVER w <= value, true) AS is_plain
               FROM timeline WINDOW w AS (PARTITION BY series_no ORDER BY as_of, received_at, item_id))
           GROUP BY series_no HAVING bool_and(is_plain)"""
    )


def _read_back(connection: duckdb.DuckDBPyConnection, paths: list[str], which: str) -> None:
    """Add to timeline the figures of earlier batches for which `which` holds: known when the last of this batch arrived."""
    connection.execute(
        f"""INSERT INTO timeline
            SELECT NULL, NULL, u.extent_no * 1000 + i.indicator_no AS series_no, NULL, i.kind, as_of, received_at,
                f.priority, file_rank, value, is_correction, lane = 'accepted', NULL, CASE WHEN w.is_whole_series THEN -2 ELSE -1 END
            FROM read_parquet($paths) f JOIN extents u ON u.unit_code = f.unit_code
                AND (u.since IS NULL OR f.as_of >= u.since) AND (u.until IS NULL OR f.as_of < u.until)
            LEFT JOIN sources w USING (source_id)
            LEFT JOIN file_ranks r USING (file_id)
            JOIN (SELECT DISTINCT indicator_no, indicator_id, kind FROM indicators) i USING (indicator_id)
            WHERE lane IN ('accepted', 'held') AND value IS NOT NULL AND received_at <= (SELECT max(received_at) FROM timeline)
                AND file_id NOT IN (SELECT file_id FROM files) AND {which}""",
        {"paths": paths},
    )


def reach(campaign: Campaign) -> timedelta:
    """How far back of its first figure a batch is compared at most: 40 slots of the campaign, at least 92 days."""
    gap = _gap(campaign)
    return max(timedelta(days=DAYS_BACK), SLOTS_BACK * gap if gap else timedelta(0))


def near_by(campaign: Campaign) -> timedelta:
    """How far back a series without gaps has all that it is compared with: 48 slots, of which a day may have several."""
    times = calendar.slots(campaign)[["slot_date", "slot_name"]].drop_duplicates()
    gap = _gap(campaign)
    if not gap:
        return reach(campaign)
    return timedelta(days=1) + NEAR_SLOTS * gap / int(times.groupby("slot_date").size().median())


def _gap(campaign: Campaign) -> timedelta | None:
    """The usual time from one day with slots to the next."""
    days = pd.to_datetime(pd.Series(calendar.slots(campaign)["slot_date"].unique(), dtype="object")).sort_values()
    gap = days.diff().median()
    return gap.to_pytimedelta() if pd.notna(gap) else None


USABLE = "CASE WHEN stands AND NOT is_held THEN value END"


def plain_previous(by_maximum: bool) -> str:
    """Previous values of the plain series: one window.

    When falls are held, the accepted values are exactly those not below the largest before them. By induction: let M be the
    largest value so far, and accepted last. The next value v is judged against M; v >= M is accepted and is the new largest
    and last; v < M is held, and the largest and last stay M. So the last accepted value is the running maximum, which one
    window gives, without asking first which rows were held. (Placeholders may fall, so they take the last value instead.)
    """
    last = f"last_value({USABLE} IGNORE NULLS) OVER before"
    value = f"CASE WHEN is_placeholder THEN {last} ELSE max({USABLE}) OVER before END" if by_maximum else last
    return f"""
        SELECT item_id, previous_value FROM (
            SELECT item_id, {value} AS previous_value
            FROM (
                SELECT t.*, h.group_id IS NOT NULL AS is_held FROM timeline t LEFT JOIN held h ON h.group_id = t.group_id
                WHERE kind = 'cumulative' AND t.series_no IN (FROM plain) AND t.series_no IN (FROM active)
            )
            WINDOW before AS (PARTITION BY series_no ORDER BY as_of ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) WHERE item_id IS NOT NULL AND previous_value IS NOT NULL"""


def search(connection: duckdb.DuckDBPyConnection, questions: str) -> None:
    """Table found_previous (item_id, previous_value) for questions (item_id, series_no, as_of, received_at).

    Only series that are not plain are searched. The newest earlier time is found first; where it was not known yet when the
    figure arrived (an older report that came later), the few such cases are searched by comparing all.
    """
    searched = "series_no IN (FROM active) AND series_no NOT IN (FROM plain)"
    connection.execute(
        f"""CREATE OR REPLACE TABLE versions AS
            SELECT series_no, as_of, received_at, arg_max(value, (priority, file_rank, item_id)) AS value,
                arg_max(is_correction, (priority, file_rank, item_id)) AS is_correction
            FROM timeline
            WHERE kind = 'cumulative' AND stands AND (group_id IS NULL OR group_id NOT IN (SELECT group_id FROM held)) AND {searched}
            GROUP BY series_no, as_of, received_at"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE first_versions AS
           SELECT series_no, as_of, min(received_at) AS received_at FROM versions GROUP BY series_no, as_of"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE nearest AS
            SELECT q.*, f.as_of AS found_as_of, f.received_at AS found_received_at
            FROM (SELECT * FROM ({questions}) WHERE {searched}) q
            ASOF JOIN first_versions f ON f.series_no = q.series_no AND q.as_of > f.as_of"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE found_previous AS
           WITH late AS (
               SELECT DISTINCT series_no, as_of, received_at FROM nearest WHERE found_received_at > received_at
           ), compared AS (
               SELECT q.series_no, q.as_of, q.received_at, max(f.as_of) AS found_as_of FROM late q
               JOIN first_versions f ON f.series_no = q.series_no AND f.as_of < q.as_of AND f.received_at <= q.received_at
               GROUP BY q.series_no, q.as_of, q.received_at
           ), placed AS (
               SELECT item_id, series_no, found_as_of, received_at FROM nearest WHERE found_received_at <= received_at
               UNION ALL
               SELECT n.item_id, n.series_no, c.found_as_of, n.received_at
               FROM nearest n
               JOIN compared c ON c.series_no = n.series_no AND c.as_of = n.as_of AND c.received_at = n.received_at
               WHERE n.found_received_at > n.received_at
           )
           SELECT p.item_id, v.value AS previous_value FROM placed p
           ASOF JOIN versions v ON v.series_no = p.series_no AND v.as_of = p.found_as_of AND p.received_at >= v.received_at"""
    )


# An older report that comes after a newer one: the newer value that it must not exceed. A copy of a whole series holds its own
# newer values, where a fall is found; and a newer value that was declared a correction may be lower.
FOLLOWING = """
INSERT INTO following
WITH late AS (
    SELECT t.item_id, t.series_no, t.received_at, min(f.as_of) AS next_as_of
    FROM timeline t JOIN first_versions f ON f.series_no = t.series_no AND f.as_of > t.as_of AND f.received_at < t.received_at
    WHERE t.item_id IS NOT NULL AND NOT t.is_whole_series AND t.series_no IN (FROM active)
    GROUP BY t.item_id, t.series_no, t.received_at
)
SELECT l.item_id, v.value FROM late l
ASOF JOIN versions v ON v.series_no = l.series_no AND v.as_of = l.next_as_of AND l.received_at > v.received_at
WHERE NOT v.is_correction
"""
