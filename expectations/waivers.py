"""Waivers at the gate: which rows of a batch a rule has no effect on, because somebody answers for it.

A waiver is in force for what *arrives* from the moment it is given until the end of its last day (the campaign's zone) or
until it is ended. Not for what the figures are about: a date that the sender writes must not open a door that is closed.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from tiendo import acts, calendar, lake
from tiendo.campaign import Campaign
from tiendo.settings import Settings

_WAIVERS = pa.schema(
    [("unit_code", pa.string()), ("rule_id", pa.string()), ("given_at", pa.timestamp("us", "UTC")), ("ends_at", pa.timestamp("us", "UTC"))]
)


def build(connection: duckdb.DuckDBPyConnection, settings: Settings, campaign: Campaign) -> None:
    """Tables waivers and waived_rows (rule_id, row_id), from the lake's acts and context_rows; looked up once a batch."""
    known = acts.waivers(settings, campaign.id) if lake.paths(settings, lake.ACTS, campaign.id) else []
    rows = [
        {
            "unit_code": one["unit_code"], "rule_id": one["rule_id"], "given_at": one["acted_at"],
            "ends_at": min(one["ended_at"] or calendar.end_of_day(campaign, one["until"]), calendar.end_of_day(campaign, one["until"])),
        }
        for one in known
    ]  # fmt: skip
    connection.register("given", pa.Table.from_pylist(rows, schema=_WAIVERS))
    connection.execute("CREATE TABLE waivers AS FROM given")
    connection.unregister("given")
    connection.execute(
        """CREATE TABLE waived_rows AS
           SELECT DISTINCT w.rule_id, r.row_id FROM waivers w JOIN context_rows r
               ON r.unit_code = w.unit_code AND r.received_at >= w.given_at AND r.received_at <= w.ends_at"""
    )


def in_force(connection: duckdb.DuckDBPyConnection, rule_id: str) -> bool:
    """Whether any row of the batch is waived from a rule."""
    found = connection.execute("SELECT 1 FROM waived_rows WHERE rule_id = $1 LIMIT 1", [rule_id]).fetchone()
    return found is not None


def unless_waived(rule_id: str, row: str) -> str:
    """A condition: the rule has its effect on the row whose row_id is `row`."""
    return f"{row} NOT IN (SELECT row_id FROM waived_rows WHERE rule_id = '{rule_id}')"


def mark(connection: duckdb.DuckDBPyConnection) -> None:
    """Findings in out_findings that a waiver is in force for have no effect, and say so."""
    connection.execute(
        """UPDATE out_findings SET effect = 'none', effect_reason = 'waiver' FROM waivers w
           WHERE out_findings.rule_id = w.rule_id AND out_findings.unit_code = w.unit_code AND effect IN ('hold', 'flag')
               AND found_at >= w.given_at AND found_at <= w.ends_at"""
    )
