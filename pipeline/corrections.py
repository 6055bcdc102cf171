"""corrections.yml applied: once each, undone when the entry goes, and audited either way."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from tiendo import acts, lake
from tiendo.acts import Row
from tiendo.campaign import Campaign
from tiendo.corrections import Correction, load_corrections
from tiendo.errors import CorrectionError
from tiendo.settings import Settings
from tiendo.units import load_units


def apply(settings: Settings, campaign: Campaign, now: datetime) -> set[str]:
    """Bring the lake in line with corrections.yml; returns the units whose figures changed. The caller holds the campaign's lock.

    New entries put a version of the figure into the lake that is known from now on; entries that are gone (or say something else
    now) bring the sender's own back; a sender's newer version ends a correction, and the audit says whether it is the old wrong
    value again. Raises CorrectionError with every entry that matches no figure, and then applies none.
    """
    entries = load_corrections(campaign, load_units(settings, campaign))
    if not entries and not lake.paths(settings, lake.ACTS, campaign.id):
        return set()
    with closing(duckdb.connect()) as connection:
        acts.views(connection, settings, campaign.id)
        connection.execute(_VERSIONS)
        known = _known(connection)
        wanted = {entry.entry_id: (place, entry) for place, entry in entries}
        overtaken = [one for one in known if one["stands"] and one["newer_at"]]
        undone = [one for one in known if one["stands"] and not one["newer_at"] and one["entry_id"] not in wanted]
        spent = {one["entry_id"] for one in known if one["stands"] or one["was_overtaken"]}
        new, faults = [], []
        for entry_id, (place, entry) in wanted.items():
            if entry_id in spent:
                continue
            found = _match(connection, entry)
            if isinstance(found, str):
                faults.append(f"{place}: {found}")
            else:
                new.append((entry, found))
        if faults:
            raise CorrectionError(faults)
        if not (overtaken or undone or new):
            return set()
        connection.execute("CREATE TEMP VIEW all_versions AS SELECT received_at FROM versions UNION ALL SELECT acted_at FROM acts")
        moment = acts.moment_after(connection, now, "all_versions")
        made, figures = _write(campaign.id, moment, overtaken, undone, new)
        acts.commit(settings, campaign.id, made, pa.Table.from_pylist(figures, schema=lake.SCHEMAS["figures"]))
    return {act["unit_code"] for act in made if act["figure_count"]}


# Figures as senders gave them, with what was released; versions that corrections put beside them are left out.
_VERSIONS = """
CREATE TEMP TABLE versions AS
WITH of_corrections AS (
    SELECT DISTINCT batch_id, unit_code, indicator_id, as_of FROM acts WHERE kind IN ('correction', 'correction_end') AND figure_count > 0
)
SELECT f.* FROM figures f ANTI JOIN of_corrections USING (batch_id, unit_code, indicator_id, as_of)
WHERE f.lane = 'accepted'
"""


def _known(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The last correction made by each entry, whether it stands, and what the sender said of that figure after it."""
    return acts.rows(
        connection,
        """WITH made AS (
               SELECT entry_id, arg_max(c, (c.acted_at, c.kind = 'correction_end')) AS act FROM acts c
               WHERE kind IN ('correction', 'correction_end') GROUP BY entry_id
           )
           SELECT m.entry_id, m.act.kind = 'correction' AS stands,
               m.act.kind = 'correction_end' AND m.act.source = 'sender' AS was_overtaken,
               m.act.act_id AS act_id, m.act.unit_code AS unit_code, m.act.indicator_id AS indicator_id, m.act.as_of AS as_of,
               m.act.old_value AS old_value, m.act.value AS value, m.act.author AS author,
               max(v.received_at) FILTER (v.received_at > m.act.acted_at) AS newer_at,
               arg_max(v, (v.received_at, v.priority, v.file_id)) AS newest
           FROM made m LEFT JOIN versions v
               ON v.unit_code = m.act.unit_code AND v.indicator_id = m.act.indicator_id AND v.as_of = m.act.as_of
           GROUP BY m.entry_id, m.act ORDER BY m.entry_id""",
    )


def _match(connection: duckdb.DuckDBPyConnection, entry: Correction) -> Row | str:
    """The newest version of the figure that an entry speaks of, with `is_current`; or what is wrong with the entry."""
    match = entry.match
    which = "as_of = $as_of" if isinstance(match.as_of, datetime) else "as_of_date = $as_of"
    found = acts.rows(
        connection,
        f"""SELECT v.*, row_number() OVER (PARTITION BY as_of ORDER BY received_at DESC, priority DESC, file_id DESC) = 1 AS is_current
            FROM versions v WHERE unit_code = $unit AND indicator_id = $indicator AND {which} ORDER BY is_current DESC, received_at DESC""",
        {"unit": match.unit, "indicator": match.indicator, "as_of": match.as_of},
    )
    same = [row for row in found if row["value"] == match.value]
    figure = f"{match.indicator} of {match.unit} at {match.as_of}"
    if not found:
        return f"matches nothing: no accepted figure {figure}. Mend match:, or remove the entry"
    if not same:
        return f"matches nothing: {figure} is {_told(found[0]['value'])}, not {_told(match.value)}. Mend match: value, or remove the entry"
    if len({row["as_of"] for row in same}) > 1:
        return f"matches {len({row['as_of'] for row in same})} figures of that day. Give as_of: with its time"
    return same[0]


def _told(value: float | None) -> str:
    return "withdrawn" if value is None else f"{value:.10g}"


def _write(
    campaign_id: str, moment: datetime, overtaken: list[Row], undone: list[Row], new: list[tuple[Correction, Row]]
) -> tuple[list[Row], list[Row]]:
    """Acts and figures. Of one figure an undoing and a new correction at once give one version: the new one."""
    made: list[Row] = []
    figures: list[Row] = []
    corrected = {(found["unit_code"], found["indicator_id"], found["as_of"]) for _, found in new}
    for one in overtaken + undone:
        subject = {name: one[name] for name in ("unit_code", "indicator_id", "as_of")}
        said = one["newest"]["value"]
        if one in overtaken:
            again = ", the wrong value that was corrected, again" if said == one["old_value"] else ""
            reason = f"A newer version came from the sender: {_told(said)}{again}"
            told = {"author": acts.OURSELVES, "source": "sender", "reason": reason, "value": said}
            count = 0
        else:
            told = {"author": acts.OURSELVES, "source": "corrections.yml", "value": said,
                    "reason": "The entry is gone from corrections.yml, or says something else now"}  # fmt: skip
            count = int(tuple(subject.values()) not in corrected)
            if count:
                figures.append(_figure(one["newest"], said, one["newest"]["cell"]))
        made.append(
            acts.new_act(
                campaign_id, "correction_end", moment, one["entry_id"], **subject, **told, old_value=one["value"],
                entry_id=one["entry_id"], figure_count=count,
            )
        )  # fmt: skip
    for entry, found in new:
        value = None if entry.set == "discard" else float(entry.set)
        told = {"unit_code": found["unit_code"], "indicator_id": found["indicator_id"], "as_of": found["as_of"],
                "submission_id": found["submission_id"], "file_id": found["file_id"], "slot_id": found["slot_id"],
                "old_value": found["value"], "entry_id": entry.entry_id}  # fmt: skip
        if found["is_current"]:
            figures.append(_figure(found, value, "withdrawn" if value is None else "zero" if value == 0 else "value"))
        made.append(
            acts.new_act(
                campaign_id, "correction", moment, entry.entry_id, **told, value=value, figure_count=int(found["is_current"]),
                reason=entry.because, author=entry.author, source=entry.source,
            )
        )  # fmt: skip
        if not found["is_current"]:
            made.append(
                acts.new_act(
                    campaign_id, "correction_end", moment, entry.entry_id, **told, author=acts.OURSELVES, source="sender",
                    reason="The sender had given a newer version already: nothing to correct",
                )
            )  # fmt: skip
    return made, figures


def _figure(version: dict[str, Any], value: float | None, cell: str) -> Row:
    kept = {name: version[name] for name in lake.SCHEMAS["figures"].names}
    return kept | {"value": value, "cell": cell, "is_correction": True, "lane": "accepted"}
