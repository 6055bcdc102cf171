"""Figures beside what was accepted before them: the relations `context_series` and `context_signs`, and which figures are no history.

One row per figure that still stands after the rules over rows and cells (rows that add up are added first). Its
`previous_value` is the value of the newest earlier `as_of`, among the figures accepted so far, in the version known when
this one arrived. History comes from the lake and from this very batch, so that a backfill is its own history.
"""

from __future__ import annotations

import duckdb

from expectations import baseline, signs, timeline, waivers
from expectations.catalogue import Rule, Tuned
from expectations.context import scalar
from expectations.engine import run
from tiendo.campaign import Campaign
from tiendo.settings import Settings

WITH_HISTORY = ("previous_value", "next_value", "is_known")


def build(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign, tuned: Tuned, until: str | None) -> None:
    """Tables context_series and context_signs (empty where no rule needs them), and series_rows (group_id, row_id: the rows of a figure).

    Reads row_lanes (row_id, lane) of the rules that have run. `until` (UTC text) bounds the history by arrival.
    """
    rules = tuned.on("gate", "series")
    kinds = {indicator.kind for indicator in campaign.indicators}
    needed = {column for rule in rules for column in rule.needs}
    has_baseline = bool(needed & set(signs.COLUMNS)) and signs.may_have_history(connection, settings, campaign)
    is_needed = has_baseline or any(indicator.part_of for indicator in campaign.indicators) or "cumulative" in kinds
    connection.execute(_SERIES_ROWS)
    connection.execute(_SERIES if rules and is_needed else _SERIES + " LIMIT 0")
    connection.execute("CREATE TABLE previous (item_id BIGINT, previous_value DOUBLE)")
    connection.execute("CREATE TABLE following (item_id BIGINT, next_value DOUBLE)")
    connection.execute("CREATE TABLE known (item_id BIGINT)")
    connection.execute("CREATE TABLE held (group_id BIGINT)")
    connection.execute(signs.EMPTY)
    connection.execute(_WHOLES)
    if has_baseline or ("cumulative" in kinds and needed & set(WITH_HISTORY)):
        timeline.gather(connection, settings, campaign, until, with_increments=has_baseline)
        has_baseline = has_baseline and baseline.prepare(connection, campaign)
        _settle(connection, rules, has_baseline)
        _mark_known(connection, rules)
        if has_baseline:
            signs.find(connection, settings, campaign, signs.ease_of(tuned))
    for table in _WORKING:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute(f"CREATE TABLE context_series AS SELECT {_SHOWN} FROM ({_IN_CONTEXT})")
    connection.execute(f"CREATE TABLE context_signs AS {_WITH_SIGNS.format('context_series')}")
    connection.execute("DROP TABLE series")


# A series row stands for one row, or for all rows of a file that add up to one figure.
_SERIES_ROWS = """
CREATE TABLE series_rows AS
WITH standing AS (
    SELECT r.row_id, r.is_summed, r.submission_no, r.as_of, l.lane = 'accepted' AS stands
    FROM context_rows r JOIN row_lanes l USING (row_id)
    WHERE r.unit_no IS NOT NULL AND r.as_of IS NOT NULL AND (l.lane = 'accepted' OR (l.lane = 'held' AND NOT r.is_summed))
)
SELECT row_id, is_summed, stands, row_id AS group_id FROM standing WHERE NOT is_summed
UNION ALL
SELECT row_id, is_summed, stands, min(row_id) OVER (PARTITION BY submission_no, as_of) FROM standing WHERE is_summed
"""

_SERIES = """
CREATE TABLE series AS
WITH added AS (
    SELECT row_id AS group_id, g.stands, c.item_id, c.row_id, c.indicator_no, c.value, c.is_correction
    FROM context_cells c JOIN series_rows g USING (row_id) WHERE c.value IS NOT NULL AND NOT g.is_summed
    UNION ALL
    SELECT g.group_id, bool_and(g.stands), min(c.item_id), min(c.row_id), c.indicator_no, sum(c.value), bool_or(c.is_correction)
    FROM context_cells c JOIN series_rows g USING (row_id) WHERE c.value IS NOT NULL AND g.is_summed
    GROUP BY g.group_id, c.indicator_no
)
SELECT a.*, i.indicator_id, i.kind, i.part_of, coalesce(e.extent_no, r.unit_no) * 1000 + a.indicator_no AS series_no, r.unit_kind, r.as_of,
    r.received_at, r.received_on, r.judged_on, r.priority, r.file_no, r.submission_no, r.slot_no, r.is_whole_series
FROM added a JOIN context_rows r ON r.row_id = a.group_id
JOIN (SELECT DISTINCT indicator_no, indicator_id, kind, part_of FROM indicators) i USING (indicator_no)
LEFT JOIN (FROM extents WHERE since IS NOT NULL) e
    ON e.unit_no = r.unit_no AND r.as_of >= e.since AND (e.until IS NULL OR r.as_of < e.until)
"""

# The whole stands in the part's own row, or (in a long file) in another row of the same submission and time.
_WHOLES = """
CREATE TABLE wholes AS
WITH parts AS (SELECT * FROM series WHERE part_of IS NOT NULL), candidates AS (
    SELECT * FROM series WHERE indicator_id IN (SELECT part_of FROM indicators)
), beside AS (
    SELECT p.item_id, c.value FROM parts p JOIN candidates c ON c.group_id = p.group_id AND c.indicator_id = p.part_of
)
SELECT item_id, value AS whole_value FROM beside
UNION ALL
SELECT p.item_id, arg_min(c.value, c.item_id)
FROM (SELECT * FROM parts ANTI JOIN beside USING (item_id)) p
JOIN candidates c ON c.submission_no = p.submission_no AND c.as_of = p.as_of AND c.indicator_id = p.part_of
GROUP BY p.item_id
"""

_IN_CONTEXT = """
SELECT s.*, w.whole_value, p.previous_value, n.next_value, k.item_id IS NOT NULL AS is_known
FROM series s LEFT JOIN wholes w USING (item_id) LEFT JOIN previous p USING (item_id) LEFT JOIN following n USING (item_id)
LEFT JOIN known k USING (item_id)
"""
_WITH_SIGNS = "SELECT s.*, g.* EXCLUDE (item_id) FROM {} s JOIN signs g USING (item_id)"
# What is large and not looked at again: dropped, because memory that is used twice is not asked for twice.
_WORKING = ("timeline", "points", "closer", "looked_at", "trails", "judged_series", "equals", "crowds", "level_pairs")
_SHOWN = "* EXCLUDE (group_id, stands, series_no, indicator_no, received_at, priority, file_no)"


def _settle(connection: duckdb.DuckDBPyConnection, rules: list[Rule], has_baseline: bool) -> None:
    """Fill `previous`, `following` and `held` so that nothing held is anybody's baseline.

    Whether a figure is held depends only on figures of its series that came before it, or with it and of earlier times, and on those of
    its row, so that the answer is unique; each round is right for one more figure of a series than the round before, and the rounds end
    when nothing changes. A row stands or falls together, so that a fall of one indicator takes the row's other figures out of their
    histories too, and these series are done again.
    """
    holding = [rule for rule in rules if rule.lane_effect in ("held", "rejected")]
    fall = next((rule for rule in holding if rule.id == "cumulative_fall"), None)
    by_maximum = fall is not None and fall.params["tolerance"] == 0 and not waivers.in_force(connection, fall.id)
    # A predicate may read more than the rule needs to be there.
    always = {"item_id", "group_id", "series_no", "judged_on", "received_on", "value", "kind", "is_correction", "unit_kind"}
    read = always.union(*(rule.needs for rule in holding))
    judged = ", ".join(sorted(read - set(signs.COLUMNS)))
    connection.execute("CREATE TABLE active AS SELECT DISTINCT series_no FROM timeline")
    connection.execute("CREATE TABLE held_items (item_id BIGINT, group_id BIGINT, series_no BIGINT, is_fall BOOLEAN)")
    while True:
        connection.execute("DELETE FROM previous WHERE item_id IN (SELECT item_id FROM timeline WHERE series_no IN (FROM active))")
        connection.execute("INSERT INTO previous " + timeline.plain_previous(by_maximum))
        timeline.search(
            connection,
            "SELECT item_id, series_no, as_of, received_at FROM timeline WHERE item_id IS NOT NULL AND kind = 'cumulative'",
        )
        connection.execute("INSERT INTO previous SELECT item_id, previous_value FROM found_previous")
        connection.execute("DELETE FROM following WHERE item_id IN (SELECT item_id FROM timeline WHERE series_no IN (FROM active))")
        connection.execute(timeline.FOLLOWING)
        if has_baseline:
            baseline.walk(connection, by_maximum)
            signs.find_jumps(connection)
        if not holding:
            break
        connection.execute("DELETE FROM held_items WHERE series_no IN (FROM active)")
        connection.execute(
            f"CREATE OR REPLACE TABLE judged_series AS SELECT {judged} FROM ({_IN_CONTEXT}) WHERE series_no IN (FROM active)"
        )
        for relation, query in (("context_series", "FROM judged_series"), ("context_signs", _WITH_SIGNS.format("judged_series"))):
            _hold(connection, query, [rule for rule in holding if signs.relation_of(rule) == relation], fall)
        connection.execute("CREATE OR REPLACE TABLE held_before AS FROM held")
        connection.execute("CREATE OR REPLACE TABLE held AS SELECT DISTINCT group_id FROM held_items")
        connection.execute(_CHANGED)
        # Leaving a fall out of its own plain series moves no maximum; leaving out any other figure may.
        unmoved = "series_no IN (FROM plain) AND item_id IN (SELECT item_id FROM held_items WHERE is_fall)" if by_maximum else "false"
        connection.execute(
            f"""CREATE OR REPLACE TABLE active AS
                SELECT DISTINCT series_no FROM timeline WHERE group_id IN (FROM changed) AND NOT ({unmoved})"""
        )
        if not scalar(connection, "SELECT count(*) FROM active"):
            break


def _hold(connection: duckdb.DuckDBPyConnection, judged: str, holding: list[Rule], fall: Rule | None) -> None:
    """Add to held_items the figures, of those that the query `judged` gives, that one of these rules holds now, all rules in one pass."""
    held = {rule.id: f"coalesce({rule.condition()} AND {waivers.unless_waived(rule.id, 'group_id')}, false)" for rule in holding}
    if not held:
        return
    is_fall = held[fall.id] if fall and fall.id in held else "false"
    query = f"""
        INSERT INTO held_items
        SELECT item_id, group_id, series_no, is_fall FROM (
            SELECT item_id, group_id, series_no, {is_fall} AS is_fall, {" OR ".join(held.values())} AS is_held FROM ({judged})
        ) WHERE is_held"""
    try:
        connection.execute(query)
    except duckdb.Error:
        for rule_id, condition in held.items():
            run(connection, rule_id, f"SELECT count(*) FROM ({judged}) WHERE {condition}")
        raise


_CHANGED = """
CREATE OR REPLACE TABLE changed AS
(FROM held_before EXCEPT FROM held) UNION ALL (FROM held EXCEPT FROM held_before)
"""


def _mark_known(connection: duckdb.DuckDBPyConnection, rules: list[Rule]) -> None:
    """A fall that an earlier version of the same figure already showed, from the same previous value, is not found again.

    Only where falls are flags: a held version is found each time, because its finding is what keeps it held.
    """
    fall = next((rule for rule in rules if rule.id == "cumulative_fall" and rule.lane_effect is None), None)
    if fall is None:
        return
    run(connection, fall.id, f"CREATE TABLE falls AS SELECT item_id FROM ({_IN_CONTEXT}) WHERE {fall.condition()}")
    connection.execute(
        """CREATE TABLE earlier AS
           SELECT t.item_id, t.value, t.series_no, t.as_of, e.received_at, e.value AS earlier_value
           FROM falls JOIN timeline t USING (item_id)
           JOIN timeline e ON e.series_no = t.series_no AND e.as_of = t.as_of AND e.stands
               AND (e.received_at, e.priority, e.file_rank) < (t.received_at, t.priority, t.file_rank)
           QUALIFY row_number() OVER (
               PARTITION BY t.item_id ORDER BY e.received_at DESC, e.priority DESC, e.file_rank DESC, e.item_id DESC) = 1"""
    )
    connection.execute("CREATE OR REPLACE TABLE active AS SELECT DISTINCT series_no FROM earlier")
    timeline.search(connection, "SELECT item_id, series_no, as_of, received_at FROM earlier WHERE earlier_value = value")
    connection.execute(
        """INSERT INTO known SELECT f.item_id FROM found_previous f JOIN previous p USING (item_id)
           WHERE f.previous_value = p.previous_value"""
    )
