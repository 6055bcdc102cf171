"""What a unit's own figures lead one to expect of the next: the baseline of each figure, strictly before it.

`points`: one row per figure in the order of its series, with what came before it among the accepted. The rate is the growth per
slot since the accepted figure before (of an increment: its value). The baseline is made of the last 28 reports' accepted rates.
Quartiles of all windows are cheap; what they cannot clear (`suspects`) is looked at closely, with median absolute deviation,
weekday and last week (`closely`).
"""

from __future__ import annotations

import duckdb

from expectations.context import scalar
from tiendo.campaign import Campaign

REPORTS = 28  # reports that a baseline looks back upon
FEWEST = 7  # accepted rates below which nothing is assessed
CLEARED = 3.5  # what the cheap bound shows to be nearer to the middle is not worked out; less where a campaign lowers outlier (ease)
BUCKET = 32  # points of a series are found by number / BUCKET; at least REPORTS

# Robust scale (Rousseeuw and Croux 1993: 1.4826 MAD and IQR / 1.349 estimate a normal's sigma), never below a Poisson count's own
# spread nor 1 % of the median, so that a flat line followed by a spike is found and 10, 10, ..., 10, 11 is not.
MACROS = """
CREATE OR REPLACE TEMP MACRO spread(middle, iqr, slots) AS
    greatest(iqr / 1.349 * slots, sqrt(greatest(middle * slots, 1)), 0.01 * abs(middle) * slots);
CREATE OR REPLACE TEMP MACRO tail(t) AS 1 - 2 / pi() * (
    (abs(t) / sqrt(3)) / (1 + t * t / 3) + atan(abs(t) / sqrt(3)));
CREATE OR REPLACE TEMP MACRO density(t) AS 6 * sqrt(3) / (pi() * (3 + t * t) * (3 + t * t));
"""


def prepare(connection: duckdb.DuckDBPyConnection, campaign: Campaign) -> bool:
    """Tables times (as_of, ordinal), points and judged units; False where no series is long enough to be assessed.

    An ordinal counts the slots up to a time, or days where the campaign has no slots there: elapsed time without weekends that
    nobody owes.
    """
    connection.execute(MACROS)
    connection.execute("CREATE TABLE tides (indicator_no BIGINT, day_no BIGINT, slot_no BIGINT, tide DOUBLE)")
    connection.execute(
        """CREATE TABLE times AS
           WITH t AS (SELECT DISTINCT as_of FROM timeline), s AS (
               SELECT DISTINCT slot_date, CASE WHEN slots_that_day > 1 THEN cutoff_local ELSE CAST(slot_date AS TIMESTAMP) END AS due FROM (
                   SELECT slot_date, cutoff_local, count(DISTINCT cutoff_local) OVER (PARTITION BY slot_date) AS slots_that_day
                   FROM (SELECT DISTINCT slot_date, cutoff_local FROM slots))
           ), numbered AS (SELECT due, row_number() OVER (ORDER BY due) AS n FROM s)
           SELECT t.as_of, coalesce(n.n, 0) AS slot_no, datediff('day', DATE '1900-01-01', CAST(t.as_of AS DATE)) AS day_no
           FROM t ASOF LEFT JOIN numbered n ON t.as_of >= n.due"""
    )
    return scalar(connection, "SELECT count(DISTINCT as_of) FROM timeline") > FEWEST


def walk(connection: duckdb.DuckDBPyConnection, by_maximum: bool) -> None:
    """(Re)make the points of the active units. `by_maximum`: in plain series the last accepted is the largest (timeline.py)."""
    query = f"{_points('plain', by_maximum)} UNION ALL {_points('other', False)}"
    if not scalar(connection, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'points'"):
        connection.execute(f"CREATE TABLE points AS {query}")
        return
    connection.execute("DELETE FROM points WHERE series_no IN (FROM active)")
    connection.execute(f"INSERT INTO points {query}")


def _points(which: str, by_maximum: bool) -> str:
    usable = "stands AND h.group_id IS NULL"
    prev = f"CASE WHEN {usable} THEN value END"
    prev = f"max({prev}) OVER {which}_b" if by_maximum else f"last_value({prev} IGNORE NULLS) OVER {which}_b"
    accepted = "usable AND (kind = 'increment' OR value >= coalesce(prev, value))" if by_maximum else "usable"
    top = "prev" if by_maximum else f"greatest(prev, max(CASE WHEN is_accepted THEN value END) OVER {which}_week)"
    order = "PARTITION BY series_no, copy_no ORDER BY as_of, received_at, item_id"
    rough = "false" if which == "plain" else f"count(*) FILTER (NOT is_in_order) OVER ({order} ROWS {REPORTS + 2} PRECEDING) > 0"
    return f"""(
        WITH placed AS (
            SELECT t.* EXCLUDE (is_placeholder, is_whole_series, priority, stands), a.slot_no, a.day_no, {usable} AS usable, {prev} AS prev,
                row_number() OVER {which}_a AS point_no,
                lag(value) OVER {which}_a AS raw_1, lag(value, 2) OVER {which}_a AS raw_2,
                coalesce(lag(t.as_of) OVER {which}_a < t.as_of AND lag(received_at) OVER {which}_a <= received_at, true) AS is_in_order
            FROM timeline t JOIN times a USING (as_of) LEFT JOIN held h ON h.group_id = t.group_id
            WHERE copy_no <> -2 AND (series_no IN (FROM plain)) = {which == "plain"} AND t.series_no IN (FROM active)
                AND t.series_no // 1000 NOT IN (SELECT extent_no FROM extents WHERE kind = 'placeholder')
            WINDOW {which}_a AS ({order}), {which}_b AS ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ), judged AS (
            SELECT *, {accepted} AS is_accepted FROM placed
        ), stepped AS (
            SELECT *, max(CASE WHEN is_accepted THEN slot_no END) OVER {which}_c AS prev_slot,
                max(CASE WHEN is_accepted THEN day_no END) OVER {which}_c AS prev_day, {top} AS base,
                {rough} AS is_rough
            FROM judged
            WINDOW {which}_c AS ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                {which}_week AS ({order} ROWS BETWEEN 8 PRECEDING AND 1 PRECEDING)
        ), rated AS (
            SELECT *, CASE WHEN kind = 'increment' THEN value ELSE value - base END AS growth,
                CASE WHEN kind = 'increment' THEN 1 WHEN slot_no > prev_slot THEN slot_no - prev_slot
                    ELSE greatest(day_no - prev_day, 1) END AS elapsed,
                CASE WHEN is_accepted AND NOT is_correction AND growth >= 0 THEN growth / elapsed END AS rate
            FROM stepped
        )
        SELECT item_id, group_id, series_no, copy_no, series_no // 1000 AS unit_no, kind, as_of, received_at, file_rank, value,
            is_correction, usable, is_accepted, prev, base, raw_1, raw_2, point_no, growth, elapsed, rate, is_rough, slot_no, day_no,
            growth_1, growth_2, points_before, quartiles[1] AS low_rate, quartiles[2] AS middle_rate, quartiles[3] AS high_rate
        FROM (
            SELECT *, lag(growth) OVER {which}_d AS growth_1, lag(growth, 2) OVER {which}_d AS growth_2,
                count(rate) OVER {which}_trail AS points_before, quantile_cont(rate, [0.25, 0.5, 0.75]) OVER {which}_trail AS quartiles
            FROM rated
            WINDOW {which}_d AS ({order}), {which}_trail AS ({order} ROWS BETWEEN {REPORTS} PRECEDING AND 1 PRECEDING)
        )
    )"""


_COUNTS = ", ".join(
    f"count(*) FILTER (back < {window} AND rate >= 10 AND rate = floor(rate){test}) AS {name}_{window}"
    for window in (7, 14, 28)
    for name, test in (("digits", ""), ("round_10", " AND rate % 10 = 0"), ("round_50", " AND rate % 50 = 0"))
)


def closely(connection: duckdb.DuckDBPyConnection, table: str, suspects: str) -> None:
    """Table `table`: the figures of query `suspects` (rows of points) with their baseline worked out closely. Skips what is not assessed.

    Beside the median of the window, growth may be like the last week's or like the same weekday's: the score is the smallest of the
    three, so that neither a trend nor a weekday is called an outlier.
    """
    connection.execute(f"CREATE OR REPLACE TABLE looked_at AS {suspects}")
    _rough_trails(connection)
    connection.execute(
        f"""CREATE OR REPLACE TABLE trails AS
            SELECT c.item_id, c.growth / c.elapsed AS own_growth, p.value, p.rate, c.point_no - p.point_no AS back,
                (c.day_no - p.day_no) % 7 = 0 AS is_same_weekday
            FROM (SELECT *, unnest([point_no // {BUCKET}, point_no // {BUCKET} - 1]) AS bucket FROM looked_at WHERE NOT is_rough) c
            JOIN points p ON p.series_no = c.series_no AND p.copy_no = c.copy_no AND p.point_no // {BUCKET} = c.bucket
                AND p.point_no < c.point_no AND p.point_no >= c.point_no - {REPORTS}
            WHERE p.rate IS NOT NULL
            UNION ALL
            SELECT item_id, l.growth / l.elapsed, r.value, r.rate, r.back, r.is_same_weekday
            FROM rough_trails r JOIN looked_at l USING (item_id) WHERE r.rate IS NOT NULL"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE {table} AS
            WITH told AS (
                SELECT item_id, count(*) AS baseline_points, quantile_cont(rate, [0.25, 0.5, 0.75]) AS quartiles, mad(rate) AS deviation,
                    quartiles[2] AS middle, quartiles[3] - quartiles[1] AS iqr, max(rate) AS highest, min(rate) AS lowest,
                    count(*) FILTER (rate > 0) AS moving_points, median(rate) FILTER (back <= 7) AS week,
                    CASE WHEN count(*) FILTER (is_same_weekday) >= 2 THEN median(rate) FILTER (is_same_weekday) END AS weekday,
                    median(rate) FILTER (rate > 0) AS usual, count(*) FILTER (value % 50 = 0) AS round_levels,
                    min(back) FILTER (rate <> 0) AS last_move, coalesce(min(back) FILTER (rate <> own_growth), max(back) + 1) AS same_back,
                    {_COUNTS}
                FROM trails GROUP BY item_id HAVING count(*) >= {FEWEST}
            ), paused AS (
                SELECT item_id, count(*) AS moves_before, least((count(*) FILTER (rate = 0) + 0.5) / (count(*) + 1),
                        (count(*) FILTER (rate = 0 AND back < last_move + 10) + 0.5) / (count(*) FILTER (back < last_move + 10) + 1))
                            AS zero_share
                FROM trails JOIN told USING (item_id) WHERE back >= last_move GROUP BY item_id
            ), measured AS (
                SELECT c.*, t.* EXCLUDE (item_id, quartiles), z.moves_before, z.zero_share, coalesce(w.tide, 1) AS tide,
                    greatest(1.4826 * t.deviation, t.iqr / 1.349, 1) * elapsed AS own_spread,
                    greatest(1.4826 * t.deviation * elapsed, spread(t.middle, t.iqr, elapsed)) AS own_scale, own_scale * greatest(tide,
                        1) AS scale,
                    greatest(t.middle, t.week, t.weekday) * elapsed AS own_most,
                    greatest(t.middle * greatest(tide, 1), t.week, t.weekday) * elapsed AS at_most,
                    least(t.middle, t.week, t.weekday) * elapsed * least(tide, 1) AS at_least,
                    scale + sqrt(greatest(t.highest * elapsed, 1)) + greatest(t.highest * elapsed - at_most, 0) / 2 AS room
                FROM looked_at c JOIN told t USING (item_id) LEFT JOIN paused z USING (item_id)
                LEFT JOIN tides w ON w.indicator_no = c.series_no % 1000 AND w.day_no = c.day_no AND w.slot_no = c.slot_no
            )
            SELECT *, CASE WHEN growth > at_most THEN (growth - at_most) / scale WHEN growth < at_least THEN (growth - at_least) / scale
                ELSE 0 END AS score, score * scale / room AS outlier_score, greatest(0, growth - own_most) / own_scale AS jump_score,
                greatest(at_least, least(at_most, growth)) AS expected_growth
            FROM measured"""
    )


def find_tides(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill tides: by how much the middle one of at least 8 units grows more (or less) than usual in a slot. A holiday, a campaign day or a
    new order moves them all, and is nobody's outlier. Only for flags: whether a figure is held never depends on who else reported."""
    connection.execute(
        f"""INSERT INTO tides
            SELECT series_no % 1000, day_no, slot_no, median(growth / (middle_rate * elapsed)) FROM points
            WHERE usable AND growth >= 0 AND points_before >= {FEWEST} AND middle_rate > 0
            GROUP BY ALL HAVING count(DISTINCT unit_no) >= 8"""
    )


def _rough_trails(connection: duckdb.DuckDBPyConnection) -> None:
    """Table rough_trails, and what stands before the figures near a restatement or a late report: as known when they arrived."""
    connection.execute(
        f"""CREATE OR REPLACE TABLE rough_known AS
            WITH asked AS (SELECT item_id, series_no, as_of, received_at, day_no FROM looked_at WHERE is_rough)
            SELECT q.item_id, q.day_no AS own_day, p.as_of, any_value(p.kind) AS kind, any_value(p.slot_no) AS slot_no,
                any_value(p.day_no) AS day_no,
                arg_max(p.value, {_NEWEST}) AS raw,
                arg_max(struct_pack(v := p.value, c := p.is_correction), {_NEWEST}) FILTER (p.is_accepted) AS said,
                row_number() OVER (PARTITION BY q.item_id ORDER BY p.as_of DESC) AS back
            FROM asked q JOIN points p ON p.series_no = q.series_no AND p.copy_no = -1 AND p.as_of < q.as_of
                AND p.received_at <= q.received_at AND p.day_no >= q.day_no - {REPORTS * 2}
            GROUP BY q.item_id, q.day_no, p.as_of"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE rough_trails AS
            WITH stepped AS (
                SELECT *, lag(said.v) OVER w AS was, lag(slot_no) OVER w AS was_slot, lag(day_no) OVER w AS was_day,
                    max(said.v) OVER (w ROWS BETWEEN 8 PRECEDING AND 1 PRECEDING) AS top
                FROM rough_known WHERE said IS NOT NULL WINDOW w AS (PARTITION BY item_id ORDER BY as_of)
            )
            SELECT item_id, said.v AS value, back, (own_day - day_no) % 7 = 0 AS is_same_weekday, CASE WHEN said.c OR said.v < 0 THEN NULL
                WHEN kind = 'increment' THEN said.v
                WHEN said.v >= greatest(was, top) THEN (said.v - was) / CASE WHEN slot_no > was_slot THEN slot_no - was_slot
                    ELSE greatest(day_no - was_day, 1) END END AS rate
            FROM stepped WHERE back <= {REPORTS}"""
    )
    connection.execute(
        """UPDATE looked_at l SET prev = k.prev, raw_1 = k.raw_1, raw_2 = k.raw_2, growth_1 = k.growth_1, growth_2 = k.growth_2,
               growth = CASE WHEN l.kind = 'increment' THEN l.value ELSE l.value - greatest(k.prev, k.top) END,
               elapsed = CASE WHEN l.kind = 'increment' THEN 1 WHEN l.slot_no > k.slot_no THEN l.slot_no - k.slot_no
                   ELSE greatest(l.day_no - k.day_no, 1) END
           FROM (SELECT item_id, arg_max(said.v, as_of) AS prev, max(said.v) FILTER (back <= 8) AS top,
                   arg_max(slot_no, as_of) FILTER (said IS NOT NULL) AS slot_no, arg_max(day_no, as_of) FILTER (said IS NOT NULL) AS day_no,
                   max(raw) FILTER (back = 1) AS raw_1, max(raw) FILTER (back = 2) AS raw_2, max(rate) FILTER (back = 1) AS growth_1,
                   max(rate) FILTER (back = 2) AS growth_2
                 FROM rough_known LEFT JOIN (SELECT item_id, back, rate FROM rough_trails) USING (item_id, back) GROUP BY item_id) k
           WHERE k.item_id = l.item_id AND l.is_rough"""
    )


_NEWEST = "(p.received_at, p.file_rank, p.item_id)"


def off(ease: float = 1) -> str:
    """SQL: figures to be looked at closely: what quartiles alone show to be near the middle is cleared, a rough series never.

    `ease`: 1 by default, less where a campaign lowers the threshold of outlier.
    """
    return f"""
item_id IS NOT NULL AND growth IS NOT NULL AND (is_rough OR (points_before >= {FEWEST}
    AND abs(growth - middle_rate * elapsed) > {ease * CLEARED} * spread(middle_rate, high_rate - low_rate, elapsed)))
"""
