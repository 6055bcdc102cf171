"""Signs that a figure needs a recount: the relation `context_signs`, a row per figure that anything is out of the ordinary of.

Every sign compares a figure with the unit's own baseline (expectations/baseline.py) or with its peers of the same slot
(expectations/peers.py). A `..._score` of a chance is -log10 of the probability that it comes about by itself: 3 is one in a thousand.
"""

from __future__ import annotations

import duckdb

from expectations import baseline, declared, peers
from expectations.catalogue import Tuned, load_catalogue
from expectations.context import scalar
from expectations.rule import Rule
from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.settings import Settings

COLUMNS = {
    "growth": "DOUBLE", "expected_growth": "DOUBLE", "score": "DOUBLE", "outlier_score": "DOUBLE", "jump_score": "DOUBLE",
    "baseline_points": "BIGINT", "highest_growth": "DOUBLE", "lowest_growth": "DOUBLE", "moving_points": "BIGINT",
    "is_confirmed": "BOOLEAN", "is_news": "BOOLEAN", "usual_growth": "DOUBLE",
    "unchanged_slots": "BIGINT", "unchanged_score": "DOUBLE", "seesaw_score": "DOUBLE", "growth_before": "DOUBLE",
    "pause_slots": "BIGINT", "pause_score": "DOUBLE", "equal_slots": "BIGINT", "equal_score": "DOUBLE",
    "round_to": "BIGINT", "round_score": "DOUBLE", "heap_count": "BIGINT", "heap_of": "BIGINT", "heap_base": "BIGINT",
    "heap_score": "DOUBLE",
    "rise_value": "DOUBLE", "rise_on": "VARCHAR",
    **peers.COLUMNS, **declared.COLUMNS,
}  # fmt: skip
EMPTY = f"CREATE TABLE signs (item_id BIGINT, {', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})"

# A level on which the two reports before stood already, growing, is no slip of the keys.
_CONFIRMED = "raw_2 <= raw_1 AND raw_1 <= value AND raw_2 < value AND value < 3 * raw_2"
_BASIC = f"""
    growth, expected_growth, score, outlier_score, jump_score, baseline_points, highest * elapsed AS highest_growth,
    lowest * elapsed AS lowest_growth, moving_points, coalesce({_CONFIRMED}, false) AS is_confirmed
"""


def relation_of(rule: Rule) -> str:
    """The relation of the gate that a rule is judged over. Few figures have signs; rules that need one look at no others."""
    needs_sign = rule.over == "series" and rule.missing_value == "skip" and not set(COLUMNS).isdisjoint(rule.needs)
    return "context_signs" if needs_sign else f"context_{rule.over}"


def may_have_history(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign) -> bool:
    """False where there cannot be enough times for any baseline: a campaign of few days costs nothing."""
    here = scalar(connection, "SELECT count(DISTINCT as_of) FROM context_rows")
    return here > baseline.FEWEST or bool(lake.paths(settings, "figures", campaign.id))


def ease_of(tuned: Tuned) -> float:
    """1, or less: by how much a campaign has lowered the threshold of outlier, so that what it asks for is looked at.

    Never less than 0.3, a spread: growth beyond all of a baseline is not nearer to its middle.
    """
    given = next(rule.params["threshold"] for rule in load_catalogue() if rule.id == "outlier")
    lowest = min(float(rule.params["threshold"]) / float(given) for rule in tuned.editions("outlier"))
    return max(0.3, min(1.0, lowest))


def find_jumps(connection: duckdb.DuckDBPyConnection) -> None:
    """Signs of the active series that a rule may hold a figure for; the others wait until it is settled what is held."""
    baseline.closely(
        connection, "jumps",
        f"SELECT * FROM points WHERE series_no IN (FROM active) AND {baseline.off()} AND (is_rough OR growth > 2 * high_rate * elapsed)",
    )  # fmt: skip
    connection.execute("DELETE FROM signs WHERE item_id IN (SELECT item_id FROM timeline WHERE series_no IN (FROM active))")
    connection.execute(f"INSERT INTO signs BY NAME SELECT item_id, {_BASIC} FROM jumps WHERE jump_score > 0")


def find(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign, ease: float) -> None:
    """All signs of the batch's figures, once it is settled what is held. `ease`: as in expectations/baseline.py."""
    baseline.find_tides(connection)
    peers.find_equals(connection)
    suspect = _suspect(ease)
    baseline.closely(connection, "closer", f"SELECT * FROM points WHERE item_id IS NOT NULL AND growth IS NOT NULL AND ({suspect})")
    connection.execute(_NEWS)
    connection.execute(_OWN)
    peers.find(connection)
    declared.find(connection, settings, campaign)
    connection.execute(_RISES)
    joined = " ".join(f"LEFT JOIN {name} USING (item_id)" for name in ("own", "rises", *peers.TABLES, *declared.TABLES))
    items = " UNION ".join(f"SELECT item_id FROM {name}" for name in ("own", "rises", "differences", "ratios", "capacities"))
    connection.execute("DELETE FROM signs")
    connection.execute(f"INSERT INTO signs BY NAME SELECT * FROM ({items}) {joined}")


def _suspect(ease: float) -> str:
    return f"""
{baseline.off(ease)}
OR (points_before >= {baseline.FEWEST} AND (
    (growth_1 = 0 AND growth_2 = 0)
    OR (growth > 0 AND growth = growth_1 AND growth = growth_2)
    OR abs(growth - growth_1) > 4 * spread(middle_rate, high_rate - low_rate, elapsed)
    OR (value >= 100 AND value % 50 = 0
        AND abs(growth - middle_rate * elapsed) > {0 if ease < 1 else 1} * spread(middle_rate, high_rate - low_rate, elapsed))
    OR (growth >= 10 AND growth % 10 = 0 AND growth_1 % 10 = 0 AND growth_1 > 0 AND elapsed = 1)
    OR item_id IN (SELECT item_id FROM equals) OR item_id IN (SELECT item_id FROM level_pairs)))
"""


# A newer copy of a series, or the same report again, says nothing new where the value is the same.
_NEWS = """
CREATE TABLE repeated AS
SELECT item_id FROM (
    SELECT item_id, value = lag(value) OVER (PARTITION BY series_no, as_of ORDER BY received_at, priority, file_rank, item_id) AS is_same
    FROM timeline WHERE series_no NOT IN (FROM plain))
WHERE is_same AND item_id IS NOT NULL
"""

_BINOMIAL = """
list_sum(list_transform(range(CAST({k} AS BIGINT), CAST({n} AS BIGINT) + 1),
    lambda i: exp(lgamma({n} + 1) - lgamma(i + 1) - lgamma({n} - i + 1) + i * ln({p}) + ({n} - i) * ln(1 - {p}))))
"""


def _heaps() -> str:
    """One struct per window of 7, 14 and 28 growths and base 10 and 50: how many are multiples, of how many, and by what chance."""
    found = []
    for base, share in ((10, 0.1), (50, 0.02)):
        for window in (7, 14, 28):
            k, n = f"(round_{base}_{window} + (growth % {base} = 0)::INTEGER)", f"(digits_{window} + 1)"
            chance = _BINOMIAL.format(k=k, n=n, p=share)
            found.append(
                f"CASE WHEN growth % {base} = 0 AND growth >= 10 AND elapsed = 1 AND {n} >= 7 THEN "
                f"struct_pack(score := -log10(greatest(6 * {chance}, 1e-300)), base := {base}, k := {k}, n := {n}) END"
            )
    return f"list_max([{', '.join(found)}])"


_OWN = f"""
CREATE TABLE own AS
WITH heaped AS (
    SELECT *, {_heaps()} AS heap,
        CASE WHEN value % 1000 = 0 THEN 1000 WHEN value % 100 = 0 THEN 100 WHEN value % 50 = 0 THEN 50 END AS multiple,
        coalesce(last_move, baseline_points + 1) AS move_back
    FROM closer
)
SELECT item_id, {_BASIC}, item_id NOT IN (FROM repeated) AND NOT is_correction AS is_news, coalesce(usual, 0) * elapsed AS usual_growth,
    CASE WHEN growth = 0 THEN move_back END AS unchanged_slots,
    CASE WHEN growth = 0 AND moves_before >= {baseline.FEWEST} THEN -move_back * log10(zero_share) END AS unchanged_score,
    CASE WHEN growth > 0 THEN move_back - 1 END AS pause_slots,
    CASE WHEN growth > 0 AND move_back > 1 AND moves_before >= {baseline.FEWEST} THEN -(move_back - 1) * log10(zero_share) END
        AS pause_score,
    CASE WHEN growth > 0 THEN same_back END AS equal_slots,
    CASE WHEN growth > 0 AND same_back > 1 THEN -(same_back - 1) * log10(least(1, 0.3 / least(own_spread, growth / 2))) END AS equal_score,
    growth_1 AS growth_before, CASE WHEN growth >= 0 AND growth_1 >= 0 AND elapsed = 1
        AND abs(growth + growth_1 - at_most - at_least) <= 1.5 * scale + at_most - at_least AND abs(growth - growth_1) >= 4 * own_scale
        THEN greatest(0, least(growth_1 - at_most, at_least - growth), least(growth - at_most, at_least - growth_1)) / scale END
        AS seesaw_score,
    multiple AS round_to,
    CASE WHEN value >= 2 * multiple AND round_levels <= 2 THEN -log10(tail(score) / CASE multiple WHEN 50
        THEN 50 ELSE multiple END) END AS round_score,
    heap.k AS heap_count, heap.n AS heap_of, heap.base AS heap_base, heap.score AS heap_score
FROM heaped
"""

# The accepted figure that a lower one comes after, where that lower one goes on plausibly from the figure before both.
_RISES = f"""
CREATE TABLE rises AS
WITH falls AS (
    SELECT item_id, series_no, copy_no, point_no, value, prev, low_rate, middle_rate, high_rate, slot_no, day_no FROM points
    WHERE item_id IS NOT NULL AND kind = 'cumulative' AND value < prev AND points_before >= {baseline.FEWEST} AND NOT is_correction
        AND NOT is_rough
), summits AS (
    SELECT f.item_id, f.value, f.low_rate, f.middle_rate, f.high_rate, p.value AS rise_value, p.prev AS before, p.as_of,
        p.elapsed + greatest(f.slot_no - p.slot_no, f.day_no - p.day_no, 1) AS slots
    FROM falls f JOIN points p ON p.series_no = f.series_no AND p.copy_no = f.copy_no AND p.is_accepted AND p.value = f.prev
        AND p.point_no < f.point_no
    QUALIFY row_number() OVER (PARTITION BY f.item_id ORDER BY p.point_no) = 1
)
SELECT item_id, rise_value, strftime(as_of, '%Y-%m-%d') AS rise_on FROM summits
WHERE value >= before AND rise_value > before
    AND abs(value - before - middle_rate * slots) <= 4 * spread(middle_rate, high_rate - low_rate, slots)
"""
