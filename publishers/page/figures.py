"""What a campaign's page shows, read from the marts: plain rows (dicts), nothing in any language yet.

Moments come as wall-clock time of the campaign. Lists are capped so that a page of thousands of units stays a page;
the number of all is always beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import duckdb

SHOWN_UNITS = 200
SHOWN_FINDINGS = 100
SHOWN_RESTATEMENTS = 20
SLOT_DAYS = 31
Row = dict[str, Any]

# Worst first: the status a day with several slots shows.
SLOT_ORDER = ("missing", "invalid", "late", "pending", "on_time", "unsolicited", "exempt")


@dataclass
class Figures:
    """All rows of one page. `headline` is None where no figure was accepted."""

    campaign: Row
    headline: Row | None = None
    others: list[Row] = field(default_factory=list)
    series: list[Row] = field(default_factory=list)
    board: list[Row] = field(default_factory=list)
    board_total: int = 0
    board_ranked: int = 0
    tiers: list[Row] = field(default_factory=list)
    milestones: list[Row] = field(default_factory=list)
    milestone_units: list[Row] = field(default_factory=list)
    holds: list[Row] = field(default_factory=list)
    hold_total: int = 0
    silent: list[Row] = field(default_factory=list)
    silent_total: int = 0
    queue: list[Row] = field(default_factory=list)
    queue_total: int = 0
    recounted: Row | None = None
    has_data_docs: bool = False
    heat: list[Row] = field(default_factory=list)
    heat_days: list[date] = field(default_factory=list)
    newest_slot: Row | None = None
    slot_units: list[Row] = field(default_factory=list)
    reporting: list[Row] = field(default_factory=list)
    reporting_total: int = 0
    has_slots: bool = False
    finding_rules: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    finding_total: int = 0  # that reject or hold, and that nobody has settled
    hint_total: int = 0  # that only flag
    settled_total: int = 0  # whose hold was corrected, released or discarded
    finding_ever: Row = field(default_factory=dict)
    restatements: list[Row] = field(default_factory=list)
    restatement_total: int = 0
    parent_sums: list[Row] = field(default_factory=list)
    parent_sum_total: int = 0
    accounts: Row = field(default_factory=dict)

    findings_until: date | None = None  # the last day on which a report came, or the horizon if that is earlier

    @property
    def findings_since(self) -> date:
        return (self.findings_until or self.campaign["horizon_date"]) - timedelta(days=6)


def campaigns(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Every campaign, ordered by id, with `horizon_local` in its own time zone."""
    local = "horizon_at at time zone time_zone as horizon_local"
    return rows(con, f"select * exclude (horizon_at), {local} from dim_campaign order by campaign_id", {})


def campaign_figures(con: duckdb.DuckDBPyConnection, campaign: Row) -> Figures:
    """Read everything that the page of `campaign` (a row of `campaigns`) shows."""
    keys = {"c": campaign["campaign_id"], "i": campaign["board_indicator_id"], "l": campaign["board_level"], "tz": campaign["time_zone"]}
    keys["h"] = campaign["horizon_date"]
    page = Figures(campaign)
    _headline(con, page, keys)
    _board(con, page, keys)
    _milestones(con, page, keys)
    _reporting(con, page, keys)
    _changes(con, page, keys)
    return page


_ROOTS = """(select unit_code from dim_unit where campaign_id = $c and kind = 'unit'
    and depth = (select min(depth) from dim_unit where campaign_id = $c and kind = 'unit'))"""


def _headline(con: duckdb.DuckDBPyConnection, page: Figures, keys: Row) -> None:
    sums = f"""
        select indicator_id, as_of_date, min(unit_code) as unit_code, count(*) as roots, sum(value) as value,
            case when count(target) = count(*) then sum(target) end as target, bool_or(is_provisional) as is_provisional,
            max(last_as_of_date) as last_as_of_date, min(next_milestone_id) as next_milestone_id, min(days_left) as days_left,
            sum(required_pace) as required_pace, case when count(actual_pace) = count(*) then sum(actual_pace) end as actual_pace
        from progress where campaign_id = $c and value is not null and unit_code in {_ROOTS}
        group by indicator_id, as_of_date"""
    newest = rows(
        con,
        f"""select s.*, i.name_vi, i.name_en, u.unit_name, 100 * s.value / nullif(s.target, 0) as attained_pct, s.target - s.value as gap,
            m.name_vi as milestone_vi, m.name_en as milestone_en, f.target_outlook, f.target_date, f.target_date_early, f.target_date_late,
            f.milestone_outlook, f.milestone_date, f.milestone_date_early, f.milestone_date_late, f.milestone_probability
        from ({sums}) s join dim_indicator i on i.campaign_id = $c and i.indicator_id = s.indicator_id
        join dim_unit u on u.campaign_id = $c and u.unit_code = s.unit_code
        left join (select milestone_id, any_value(name_vi) as name_vi, any_value(name_en) as name_en from dim_milestone
            where campaign_id = $c group by 1) m on m.milestone_id = s.next_milestone_id
        left join forecasts f on f.campaign_id = $c and f.indicator_id = s.indicator_id and f.unit_code = s.unit_code
            and f.as_of_date = s.as_of_date and s.roots = 1
        qualify row_number() over (partition by s.indicator_id order by s.as_of_date desc) = 1 order by i.position, i.indicator_id""",
        keys,
    )
    page.headline = next((row for row in newest if row["indicator_id"] == keys["i"]), None)
    page.others = [row for row in newest if row["indicator_id"] != keys["i"]]
    page.series = rows(con, f"select as_of_date, value, target from ({sums}) where indicator_id = $i order by as_of_date", keys)
    if page.headline:
        page.headline["pace"] = _pace(page.headline)


def _pace(row: Row) -> str:
    """complete | ahead | behind | unknown | no_milestone (none is ahead) | no_target"""
    if row["target"] is None:
        return "no_target"
    if row["value"] >= row["target"]:
        return "complete"
    if row["next_milestone_id"] is None:
        return "no_milestone"
    if row["days_left"] == 0:
        return "behind"
    if row["required_pace"] is None or row["actual_pace"] is None:
        return "unknown"
    return "ahead" if row["actual_pace"] >= row["required_pace"] else "behind"


def _board(con: duckdb.DuckDBPyConnection, page: Figures, keys: Row) -> None:
    newest = """(select * from leaderboard where campaign_id = $c and indicator_id = $i and level = $l and as_of_date =
        (select max(as_of_date) from leaderboard where campaign_id = $c and indicator_id = $i and level = $l))"""
    page.board = rows(
        con,
        f"""select b.*, q.correct, q.sufficient, q.clean, q.live, coalesce(u.path_name, b.unit_name) as path_name, u.parent_name
        from {newest} b left join dim_unit u on u.campaign_id = $c and u.unit_code = b.unit_code
        left join data_quality q on q.campaign_id = $c and q.unit_code = b.unit_code and q.period_kind = 'campaign'
        order by b.position, b.unit_code limit {SHOWN_UNITS}""",
        keys,
    )
    counts = rows(con, f"select count(*) as n, count(rank) as ranked from {newest}", keys)[0]
    page.board_total, page.board_ranked = counts["n"], counts["ranked"]
    page.tiers = rows(con, "select * from dim_tier where campaign_id = $c order by min_pct desc, tier_id", keys)


# The level a milestone is shown at: the board's if it is set there, else the lowest one it is set at.
_MILESTONE_LEVEL = """(select milestone_id, level from dim_milestone d left join dim_level v using (campaign_id, level)
    where campaign_id = $c
    qualify row_number() over (partition by milestone_id order by level = $l desc, v.depth desc nulls last) = 1)"""


def _milestones(con: duckdb.DuckDBPyConnection, page: Figures, keys: Row) -> None:
    page.milestones = rows(
        con,
        f"""select m.milestone_id, any_value(m.name_vi) as name_vi, any_value(m.name_en) as name_en,
            any_value(m.indicator_id) as indicator_id,
            any_value(m.threshold_pct) as threshold_pct, any_value(m.threshold_value) as threshold_value, any_value(m.due_date) as due_date,
            any_value(m.due_at at time zone $tz) as due_local, any_value(m.consequence_vi) as consequence_vi,
            any_value(m.consequence_en) as consequence_en,
            any_value(s.reached) as reached, any_value(s.reached_late) as reached_late,
            any_value(s.on_track) as on_track, any_value(s.at_risk) as at_risk,
              any_value(s.missed) as missed,
            any_value(s.no_target) as no_target, coalesce(any_value(s.units), 0) as units
        from dim_milestone m left join (
            select milestone_id, count(*) as units, count(*) filter (status in ('reached_early', 'reached_on_time')) as reached,
                count(*) filter (status = 'reached_late') as reached_late,
                count(*) filter (status = 'on_track') as on_track, count(*) filter (status = 'at_risk') as at_risk,
                count(*) filter (status = 'missed') as missed, count(*) filter (status = 'no_target') as no_target
            from milestones where (milestone_id, level) in {_MILESTONE_LEVEL}
            and campaign_id = $c group by milestone_id) s on s.milestone_id = m.milestone_id
        where m.campaign_id = $c group by m.milestone_id order by due_date nulls last, m.milestone_id""",
        keys,
    )
    page.milestone_units = rows(
        con,
        f"""select m.*, m.first_known_at at time zone $tz as first_known_local, u.unit_name, u.path_name
        from milestones m join dim_unit u on u.campaign_id = $c and u.unit_code = m.unit_code
        where m.campaign_id = $c and (m.milestone_id, m.level) in {_MILESTONE_LEVEL}
        qualify row_number() over (partition by m.milestone_id order by m.attained_pct desc nulls last, m.value desc nulls last,
          m.unit_code)
            <= {SHOWN_UNITS}
        order by m.milestone_id, m.attained_pct desc nulls last, m.value desc nulls last, m.unit_code""",
        keys,
    )


def _reporting(con: duckdb.DuckDBPyConnection, page: Figures, keys: Row) -> None:
    page.has_slots = _count(con, "dim_slot where campaign_id = $c", keys) > 0
    page.reporting_total = _count(con, "reporting where campaign_id = $c and period_kind = 'campaign'", keys)
    # With more units than the page holds, those that report worst are the ones to show.
    page.reporting = rows(
        con,
        f"""select r.*, u.unit_name, u.path_name, q.correct, q.sufficient, q.clean, q.live, q.worst_dimension, q.quality_grade from (
            select * from reporting where campaign_id = $c and period_kind = 'campaign'
            order by slots_owed = 0, rate_pct nulls last, unit_code limit {SHOWN_UNITS}) r
        join dim_unit u on u.campaign_id = $c and u.unit_code = r.unit_code
        left join data_quality q on q.campaign_id = $c and q.unit_code = r.unit_code and q.period_kind = 'campaign'
        order by r.slots_owed = 0, r.rate_pct nulls last, q.worst nulls last, u.unit_code""",
        keys,
    )
    shown = [row["unit_code"] for row in page.reporting]
    days = rows(
        con,
        f"select distinct slot_date from fct_slot_status where campaign_id = $c and slot_date <= $h order by 1 desc limit {SLOT_DAYS}",
        keys,
    )
    page.heat_days = sorted(row["slot_date"] for row in days)
    if page.heat_days:
        page.heat = rows(
            con,
            """select unit_code, slot_date, coalesce(status, 'pending') as status, count(*) as slots, max(minutes_late) as minutes_late,
                any_value(exempt_reason) as exempt_reason
            from fct_slot_status where campaign_id = $c and slot_date between $first and $h and list_contains($units, unit_code)
            group by all order by unit_code, slot_date""",
            {**keys, "first": page.heat_days[0], "units": shown},
        )
    newest = rows(
        con,
        """select slot_id, slot_name, slot_date, max(epoch_us(closes_at)) as closes, max(cutoff_at) at time zone $tz as cutoff_local
        from dim_slot where campaign_id = $c and is_closed group by 1, 2, 3 order by closes desc, slot_id desc limit 1""",
        keys,
    )
    if newest:
        page.newest_slot = newest[0]
        page.slot_units = rows(
            con,
            """select s.status, s.minutes_late, u.unit_name from fct_slot_status s join dim_unit u
                on u.campaign_id = s.campaign_id and u.unit_code = s.unit_code
            where s.campaign_id = $c and s.slot_id = $s and s.status is not null order by s.status, s.unit_code""",
            {**keys, "s": newest[0]["slot_id"]},
        )


# An error that waits for somebody, a hint (it keeps nothing out), or one that somebody has settled.
_STATE = "case when severity = 'flag' then 'hint' when hold_status <> 'open' then 'settled' else 'open' end"


def _changes(con: duckdb.DuckDBPyConnection, page: Figures, keys: Row) -> None:
    arrived = "least($h::date, max((received_at at time zone $tz)::date)) as day"
    page.findings_until = rows(con, f"select {arrived} from fct_files where campaign_id = $c", keys)[0]["day"]
    week = {**keys, "first": page.findings_since, "last": page.findings_until or keys["h"]}
    # Findings without effect (rules on trial, waivers) are no findings to readers of the page.
    told = f"""(select f.*, f.found_at at time zone $tz as found_local, {_STATE} as state from fct_findings f where campaign_id = $c
        and effect is distinct from 'none')"""
    recent = f"(select * from {told} where found_local::date between $first and $last)"
    page.finding_rules = rows(
        con,
        f"""select rule_id, any_value(dimension) as dimension, severity, count(*) as n, count(distinct unit_code) as units,
            count(*) filter (state = 'open') as open, count(*) filter (state = 'hint') as hints,
            count(*) filter (state = 'settled') as settled
        from {recent} group by rule_id, severity order by open desc, n desc, rule_id, severity""",
        week,
    )
    page.finding_total, page.hint_total, page.settled_total = (
        sum(row[state] for row in page.finding_rules) for state in ("open", "hints", "settled")
    )
    page.finding_ever = rows(con, f"select count(*) as n, max(found_local) as newest from {told} where state = 'open'", keys)[0]
    page.findings = rows(
        con,
        f"""select * from {recent} order by case state when 'open' then 0 when 'hint' then 1 else 2 end,
            case severity when 'reject' then 0 when 'hold' then 1 else 2 end, found_at desc, finding_id
        limit {SHOWN_FINDINGS}""",
        week,
    )
    page.restatements = rows(
        con,
        f"""select r.*, r.restated_at at time zone $tz as restated_local, u.unit_name, i.name_vi as indicator_vi, i.name_en as indicator_en
        from fct_restatements r left join dim_unit u on u.campaign_id = $c and u.unit_code = r.unit_code
        left join dim_indicator i on i.campaign_id = $c and i.indicator_id = r.indicator_id where r.campaign_id = $c
        order by r.restated_at desc, r.unit_code, r.indicator_id, r.as_of desc, r.version desc limit {SHOWN_RESTATEMENTS}""",
        keys,
    )
    page.restatement_total = _count(con, "fct_restatements where campaign_id = $c", keys)
    differing = """(select * from parent_sums where campaign_id = $c
        qualify as_of_date = max(as_of_date) over (partition by indicator_id, unit_code)) where difference <> 0"""
    page.parent_sum_total = _count(con, differing, keys)
    page.parent_sums = rows(
        con,
        f"""select p.*, u.unit_name, i.name_vi as indicator_vi, i.name_en as indicator_en from (select * from {differing}) p
        left join dim_unit u on u.campaign_id = $c and u.unit_code = p.unit_code
        left join dim_indicator i on i.campaign_id = $c and i.indicator_id = p.indicator_id
        order by abs(p.difference) desc, p.unit_code, p.indicator_id limit {SHOWN_RESTATEMENTS}""",
        keys,
    )
    page.accounts = rows(
        con,
        """select count(*) as batches, sum(files) as files, sum(files_unreadable) as unreadable, sum(files_duplicate) as duplicates,
            sum(rows_received) as received, sum(rows_accepted) as accepted, sum(rows_held) as held, sum(rows_rejected) as rejected,
            sum(rows_duplicate) as duplicate, sum(abs(difference)) as difference, bool_and(is_balanced) as is_balanced,
            max(last_received_at) at time zone $tz as last_received_local
        from reconciliation where campaign_id = $c""",
        keys,
    )[0]


def _count(con: duckdb.DuckDBPyConnection, relation: str, keys: Row) -> int:
    return int(rows(con, f"select count(*) as n from {relation}", keys)[0]["n"])


def rows(con: duckdb.DuckDBPyConnection, sql: str, keys: Row) -> list[Row]:
    """Rows of a query as dicts; of `keys` only those that the query names are sent."""
    cursor = con.execute(sql, {key: value for key, value in keys.items() if _names(sql, key)})
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]


def _names(sql: str, key: str) -> bool:
    _, *tails = sql.split(f"${key}")
    return any(not (tail[:1].isalnum() or tail[:1] == "_") for tail in tails)
