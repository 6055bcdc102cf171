"""A figure beside those of other units in the same slot: do they move, are they the same, have two changed places?

Peers are the units of the batch and what the lake has of them.
"""

from __future__ import annotations

import duckdb

from expectations.baseline import FEWEST

COLUMNS = {
    "peers_moved_pct": "DOUBLE",
    "same_as": "VARCHAR",
    "same_score": "DOUBLE",
    "level_as": "VARCHAR",
    "level_score": "DOUBLE",
    "swapped_with": "VARCHAR",
    "transposed_with": "VARCHAR",
}
TABLES = ("movements", "likenesses", "level_likenesses", "exchanges", "transpositions")


def find_equals(connection: duckdb.DuckDBPyConnection) -> None:
    """Tables equals and level_pairs: figures whose growth, or whose value though off their own growth, few others have in that slot."""
    connection.execute(
        """CREATE TABLE equals AS
           WITH grown AS (
               SELECT item_id, unit_no, series_no % 1000 AS indicator_no, day_no, slot_no, growth FROM points
               WHERE usable AND growth >= 20 AND elapsed = 1 AND copy_no <> -2
           ), twice AS (
               SELECT indicator_no, day_no, slot_no, growth FROM grown GROUP BY ALL
               HAVING min(unit_no) <> max(unit_no) AND count(*) <= 4
           )
           SELECT item_id, indicator_no, day_no, slot_no, growth, unit_no FROM grown JOIN twice USING (indicator_no, day_no, slot_no,
               growth)"""
    )
    connection.execute(_CROWDS)
    connection.execute(_LEVEL_PAIRS)


def find(connection: duckdb.DuckDBPyConnection) -> None:
    """Tables movements, likenesses, level_likenesses, exchanges and transpositions, of the figures in `closer`."""
    connection.execute(_MOVEMENTS)
    connection.execute(_LIKENESSES)
    connection.execute(_LEVEL_LIKENESSES)
    connection.execute(_EXCHANGES)
    connection.execute(_TRANSPOSITIONS)


_MOVEMENTS = """
CREATE TABLE movements AS
WITH asked AS (SELECT item_id, series_no % 1000 AS indicator_no, day_no, slot_no FROM closer WHERE growth = 0), moved AS (
    SELECT series_no % 1000 AS indicator_no, day_no, slot_no, 100 * avg((growth <> 0)::INTEGER) AS peers_moved_pct
    FROM points SEMI JOIN asked ON asked.indicator_no = series_no % 1000 AND asked.day_no = points.day_no AND asked.slot_no = points.slot_no
    WHERE growth IS NOT NULL GROUP BY ALL
)
SELECT item_id, peers_moved_pct FROM asked JOIN moved USING (indicator_no, day_no, slot_no)
"""

# The probability that a unit by itself has one of its peers' growths that is as unlikely for it as the one it has: the sum of its own
# density (Student's t with 3 degrees of freedom around the middle) over those growths. Two days running, the chances multiply.
_LIKENESSES = """
CREATE TABLE likenesses AS
WITH asked AS (
    SELECT c.item_id, c.unit_no, e.indicator_no, c.day_no, c.slot_no, c.growth, expected_growth, scale, score,
        density((c.growth - expected_growth) / scale) / scale AS own
    FROM closer c JOIN equals e USING (item_id) WHERE scale > 0 AND own < 0.005
), growths AS (
    SELECT DISTINCT series_no % 1000 AS indicator_no, day_no, slot_no, growth FROM points
    WHERE usable AND growth > 0 AND elapsed = 1 AND (day_no, slot_no) IN (SELECT day_no, slot_no FROM asked)
), chances AS (
    SELECT a.item_id, greatest(sum(density((g.growth - a.expected_growth) / a.scale) / a.scale), any_value(a.own)) AS chance
    FROM asked a JOIN growths g ON g.indicator_no = a.indicator_no AND g.day_no = a.day_no AND g.slot_no = a.slot_no
        AND abs(g.growth - a.expected_growth) >= abs(a.growth - a.expected_growth)
    GROUP BY a.item_id
), pairs AS (
    SELECT a.item_id, a.unit_no, e.unit_no AS other_no, a.indicator_no, a.day_no, c.chance
    FROM asked a JOIN chances c USING (item_id)
    JOIN equals e ON e.indicator_no = a.indicator_no AND e.day_no = a.day_no AND e.slot_no = a.slot_no AND e.growth = a.growth
        AND e.unit_no <> a.unit_no
), runs AS (
    SELECT p.item_id, p.other_no, -log10(least(1, p.chance)) + coalesce(-log10(least(1, b.chance)), 0) + coalesce(-log10(least(1,
        d.chance)), 0) AS score
    FROM pairs p
    LEFT JOIN pairs b ON b.unit_no = p.unit_no AND b.other_no = p.other_no AND b.indicator_no = p.indicator_no AND b.day_no = p.day_no - 1
    LEFT JOIN pairs d ON d.unit_no = p.unit_no AND d.other_no = p.other_no AND d.indicator_no = p.indicator_no AND d.day_no = p.day_no - 2
)
SELECT item_id, arg_max(u.unit_name || ' (' || u.unit_code || ')', (score, -other_no)) AS same_as, max(score) AS same_score
FROM runs JOIN extents u ON u.extent_no = other_no GROUP BY item_id
"""

# Peers by level, in bands of half an octave. Where there are so many that one stands on every tenth level, to meet one says little.
_CROWDS = """
CREATE TABLE crowds AS
SELECT indicator_no, copy_no, day_no, slot_no, size, units / (pow(2, (size + 1) / 2) - pow(2, size / 2)) AS per_level FROM (
    SELECT series_no % 1000 AS indicator_no, copy_no, day_no, slot_no, floor(2 * log2(value)) AS size, count(*) AS units FROM points
    WHERE kind = 'cumulative' AND usable AND value >= 20 GROUP BY ALL)
WHERE per_level < 0.1
"""

# Two units that stood on one level before, too, have nothing to tell apart. Below 70 a spread makes any usual growth a likely one.
_LEVEL_PAIRS = f"""
CREATE TABLE level_pairs AS
WITH off AS (
    SELECT item_id, unit_no, copy_no, series_no % 1000 AS indicator_no, day_no, slot_no, value, prev,
        floor(2 * log2(value)) AS size, spread(middle_rate, high_rate - low_rate, 1) AS usual
    FROM points
    WHERE item_id IS NOT NULL AND kind = 'cumulative' AND usable AND value >= 20 AND growth > 0 AND elapsed = 1 AND copy_no <> -2
        AND points_before >= {FEWEST} AND (abs(growth - middle_rate) > usual OR usual > 70)
)
SELECT o.item_id, c.per_level, p.unit_no AS other_no
FROM off o JOIN crowds c USING (indicator_no, copy_no, day_no, slot_no, size)
JOIN points p ON p.series_no % 1000 = o.indicator_no AND p.copy_no = o.copy_no AND p.day_no = o.day_no AND p.slot_no = o.slot_no
    AND p.value = o.value AND p.unit_no <> o.unit_no
WHERE p.usable AND p.prev IS DISTINCT FROM o.prev
QUALIFY count(*) OVER (PARTITION BY o.item_id) <= 3
"""

# The probability that a unit by itself, so far off its own growth, comes to stand on the level of one of its peers: the tail of its own
# growth times the peers per unit of level. For several indicators of one report the chances multiply.
_LEVEL_LIKENESSES = """
CREATE TABLE level_likenesses AS
WITH chances AS (
    SELECT item_id, group_id, other_no, -log10(least(1, tail((growth - expected_growth) / scale) * per_level)) AS score
    FROM level_pairs JOIN closer USING (item_id)
), reports AS (
    SELECT item_id, other_no, sum(score) OVER (PARTITION BY group_id, other_no) AS score FROM chances
)
SELECT item_id, arg_max(u.unit_name || ' (' || u.unit_code || ')', (score, -other_no)) AS level_as, max(score) AS level_score
FROM reports JOIN extents u ON u.extent_no = other_no GROUP BY item_id
"""

# Two units far off in one slot, each of whose figures goes on plausibly from the other's last one.
_EXCHANGES = """
CREATE TABLE exchanges AS
WITH off AS (
    SELECT item_id, unit_no, series_no % 1000 AS indicator_no, kind, day_no, slot_no, value, score,
        CASE kind WHEN 'increment' THEN 0 ELSE prev END + expected_growth AS expected, at_most - at_least + 4 * scale AS room
    FROM closer WHERE abs(score) >= 8 AND item_id NOT IN (FROM repeated)
)
SELECT a.item_id, arg_min(u.unit_name || ' (' || u.unit_code || ')', abs(a.value - b.expected)) AS swapped_with
FROM off a JOIN off b ON a.indicator_no = b.indicator_no AND a.day_no = b.day_no AND a.slot_no = b.slot_no AND a.unit_no <> b.unit_no
    AND abs(a.value - b.expected) <= b.room AND abs(b.value - a.expected) <= a.room
JOIN extents u ON u.extent_no = b.unit_no
GROUP BY a.item_id
"""

# The same within one row, between two indicators.
_TRANSPOSITIONS = """
CREATE TABLE transpositions AS
WITH off AS (
    SELECT item_id, group_id, series_no, kind, value,
        CASE kind WHEN 'increment' THEN 0 ELSE prev END + expected_growth AS expected, at_most - at_least + 4 * scale AS room
    FROM closer WHERE abs(score) >= 4 AND item_id NOT IN (FROM repeated)
)
SELECT a.item_id, any_value(i.indicator_id) AS transposed_with
FROM off a JOIN off b ON a.group_id = b.group_id AND a.series_no <> b.series_no
    AND abs(a.value - b.expected) <= b.room AND abs(b.value - a.expected) <= a.room
JOIN (SELECT DISTINCT indicator_no, indicator_id FROM indicators) i ON i.indicator_no = b.series_no % 1000
GROUP BY a.item_id
"""
