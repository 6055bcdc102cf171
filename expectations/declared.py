"""A figure beside what its campaign declares of it: targets and milestones, increments of a level, related indicators, devices.

Each sign costs something only in campaigns that declare it.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import pandas as pd

from expectations.baseline import FEWEST, REPORTS
from tiendo.campaign import Campaign
from tiendo.settings import Settings
from tiendo.targets import load_targets

COLUMNS = {
    "target": "DOUBLE", "crossed_value": "DOUBLE", "due_on": "VARCHAR", "days_to_due": "BIGINT", "difference": "DOUBLE",
    "difference_of": "VARCHAR", "ratio": "DOUBLE", "usual_ratio": "DOUBLE", "ratio_score": "DOUBLE", "related_to": "VARCHAR",
    "devices": "DOUBLE", "growth_slots": "BIGINT",
}  # fmt: skip
TABLES = ("aims", "crossings", "differences", "ratios", "capacities")


def find(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign) -> None:
    """Tables aims, crossings, differences, ratios and capacities (item_id and their columns), of figures of the batch."""
    _targets(connection, settings, campaign)
    _milestones(connection, campaign)
    connection.execute(_AIMS)
    connection.execute(_CROSSINGS)
    numbers = {indicator.id: n for n, indicator in enumerate(campaign.indicators)}
    for table, key in (("increment_pairs", "increment_of"), ("related_pairs", "related_to"), ("device_pairs", "devices")):
        pairs = [(n, numbers[getattr(i, key)], getattr(i, key)) for n, i in enumerate(campaign.indicators) if getattr(i, key)]
        connection.execute(f"CREATE TABLE {table} (indicator_no BIGINT, other_no BIGINT, other_id VARCHAR)")
        if pairs:
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", pairs)
    for query in (_DIFFERENCES, _RATIOS, _CAPACITIES):
        connection.execute(query)


def _targets(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign) -> None:
    units = connection.execute("SELECT unit_code, unit_name FROM units").df()
    frame = load_targets(settings, campaign, units)[["indicator_id", "unit_code", "target", "valid_from"]]
    connection.register("targets_given", frame.astype({"valid_from": "datetime64[us]"}))
    connection.execute(
        """CREATE TABLE unit_targets AS
           SELECT u.extent_no * 1000 + i.indicator_no AS series_no, CAST(g.valid_from AS TIMESTAMP) AS valid_from, CAST(g.target
               AS DOUBLE) AS target
           FROM targets_given g JOIN extents u USING (unit_code)
           JOIN (SELECT DISTINCT indicator_no, indicator_id FROM indicators) i USING (indicator_id)"""
    )
    connection.unregister("targets_given")


def _milestones(connection: duckdb.DuckDBPyConnection, campaign: Campaign) -> None:
    numbers = {indicator.id: n for n, indicator in enumerate(campaign.indicators)}
    rows = [
        (numbers[m.indicator], level, m.threshold_pct, m.threshold_value, m.due.date() if isinstance(m.due, datetime) else m.due)
        for m in campaign.milestones
        if m.due
        for level in m.levels
    ]
    frame = pd.DataFrame(rows, columns=["indicator_no", "level", "threshold_pct", "threshold_value", "due_on"])
    frame = frame.astype({"indicator_no": "int64", "level": "str", "threshold_pct": "float64", "threshold_value": "float64"})
    connection.register("milestones_given", frame.assign(due_on=pd.to_datetime(frame["due_on"])))
    connection.execute("CREATE TABLE dues AS SELECT * REPLACE (CAST(due_on AS DATE) AS due_on) FROM milestones_given")
    connection.unregister("milestones_given")


_AIMS = """
CREATE TABLE aims AS
SELECT c.item_id, t.target FROM closer c ASOF JOIN unit_targets t ON t.series_no = c.series_no AND c.as_of >= t.valid_from
"""

# Passing a threshold is what everybody wants; only with an unusual growth in the last days before the due is it a sign.
_CROSSINGS = """
CREATE TABLE crossings AS
WITH grown AS (
    SELECT c.item_id, c.value, c.prev, c.as_of, u.level, c.series_no % 1000 AS indicator_no, a.target
    FROM closer c JOIN extents u ON u.extent_no = c.unit_no LEFT JOIN aims a USING (item_id) WHERE c.kind = 'cumulative' AND c.score > 0
), passed AS (
    SELECT item_id, coalesce(d.threshold_value, d.threshold_pct * g.target / 100) AS crossed_value, d.due_on, datediff('day',
        CAST(g.as_of AS DATE), d.due_on) AS days_to_due
    FROM grown g JOIN dues d ON d.indicator_no = g.indicator_no AND d.level = g.level
    WHERE g.prev < coalesce(d.threshold_value, d.threshold_pct * g.target / 100)
        AND g.value >= coalesce(d.threshold_value, d.threshold_pct * g.target / 100) AND CAST(g.as_of AS DATE) <= d.due_on
)
SELECT item_id, min(crossed_value) AS crossed_value, strftime(min(due_on), '%Y-%m-%d') AS due_on, min(days_to_due) AS days_to_due
FROM passed GROUP BY item_id
"""

_BESIDE = "b.unit_no = a.unit_no AND b.as_of = a.as_of AND b.file_rank = a.file_rank AND b.copy_no = a.copy_no"

_DIFFERENCES = f"""
CREATE TABLE differences AS
SELECT a.item_id, any_value(b.value - b.prev) AS difference, any_value(d.other_id) AS difference_of
FROM increment_pairs d JOIN points a ON a.series_no % 1000 = d.indicator_no AND a.item_id IS NOT NULL
JOIN points b ON b.series_no = a.unit_no * 1000 + d.other_no AND {_BESIDE}
WHERE b.elapsed = 1 AND b.value >= b.prev AND NOT b.is_correction AND a.value <> b.value - b.prev AND a.item_id NOT IN (FROM repeated)
GROUP BY a.item_id
"""

# The logarithm of the ratio against its own last 28; its spread is never below that of two Poisson counts, nor 1 %.
_RATIOS = f"""
CREATE TABLE ratios AS
WITH paired AS (
    SELECT a.item_id, a.series_no, a.copy_no, a.as_of, a.point_no, d.other_id, a.usable AND b.usable AS is_usable,
        ln(a.value / b.value) AS ratio,
        sqrt(1 / a.value + 1 / b.value) AS noise
    FROM related_pairs d JOIN points a ON a.series_no % 1000 = d.indicator_no
    JOIN points b ON b.series_no = a.unit_no * 1000 + d.other_no AND {_BESIDE}
    WHERE a.value > 0 AND b.value > 0
), trailed AS (
    SELECT *, list(ratio) FILTER (is_usable) OVER (PARTITION BY series_no, copy_no ORDER BY point_no ROWS BETWEEN {REPORTS} PRECEDING
        AND 1 PRECEDING) AS trail
    FROM paired
), scored AS (
    SELECT item_id, other_id, ratio, list_median(trail) AS middle, greatest(1.4826 * list_mad(trail), noise, 0.01) AS spread
    FROM trailed WHERE item_id IS NOT NULL AND len(trail) >= {FEWEST}
)
SELECT item_id, exp(ratio) AS ratio, exp(middle) AS usual_ratio, (ratio - middle) / spread AS ratio_score, other_id AS related_to
FROM scored WHERE abs(ratio - middle) >= 2 * spread AND item_id NOT IN (FROM repeated)
"""

_CAPACITIES = f"""
CREATE TABLE capacities AS
SELECT a.item_id, any_value(b.value) AS devices, any_value(a.elapsed) AS growth_slots
FROM device_pairs d JOIN points a ON a.series_no % 1000 = d.indicator_no AND a.item_id IS NOT NULL AND a.growth > 0
JOIN points b ON b.series_no = a.unit_no * 1000 + d.other_no AND {_BESIDE}
WHERE a.item_id NOT IN (FROM repeated)
GROUP BY a.item_id
"""
