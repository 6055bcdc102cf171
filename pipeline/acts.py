"""Deciding about held figures: release, discard, waive, and the review that releases what nothing holds any more."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.holds import opened
from pipeline.steps import load_rightful_campaign
from tiendo import acts, calendar, units
from tiendo.acts import Row
from tiendo.campaign import Campaign
from tiendo.errors import ActError, NotFoundError
from tiendo.home import only_one
from tiendo.settings import Settings, utc_now

_COLUMNS = """batch_id, campaign_id, source_id, file_id, submission_id, unit_code, indicator_id, as_of, as_of_date, slot_id, value, cell,
    lane, is_correction, is_total_row, row_count, priority, received_at"""


@dataclass(frozen=True)
class Decided:
    """What became of one thing that was to be decided: `changed` is False where it stood so already. `also` were released by it."""

    what: Row
    changed: bool
    also: tuple[str, ...] = ()


@contextmanager
def deciding(settings: Settings, campaign_id: str) -> Any:
    """Nobody collects this campaign or decides about it meanwhile; raises LockedError."""
    with only_one(settings.scratch / f"collect-{campaign_id}.lock", f"the collection of {campaign_id}"):
        yield


def release(
    settings: Settings, campaign_id: str, said: Iterable[str], reason: str | None, author: str | None, source: str = ""
) -> list[Decided]:
    """Let the held figures of holds stand: they are accepted from now on, and the report is valid from its arrival.

    `said`: ids or their beginnings. A hold that is released already stays as it is. Raises NotFoundError (no such hold) and
    ActError (no author, no reason, or a newer version has taken its place) and then changes nothing.
    """
    return _decide(settings, campaign_id, said, "release", reason, author, source)


def discard(
    settings: Settings, campaign_id: str, said: Iterable[str], reason: str | None, author: str | None, source: str = ""
) -> list[Decided]:
    """Close holds whose figures are wrong: nothing of them will stand, and the unit counts as silent on that day. Raises as release."""
    return _decide(settings, campaign_id, said, "discard", reason, author, source)


def _decide(
    settings: Settings, campaign_id: str, said: Iterable[str], kind: str, reason: str | None, author: str | None, source: str
) -> list[Decided]:
    campaign = load_rightful_campaign(settings, campaign_id)
    told = {"reason": acts.reason_of(reason), "author": acts.author_of(author), "source": source}
    with deciding(settings, campaign_id):
        with opened(settings, campaign_id) as connection:
            found = {hold["hold_id"]: hold for hold in (acts.hold_of(connection, campaign_id, one) for one in said)}
            wanted = [hold for hold in found.values() if hold["status"] != {"release": "released", "discard": "discarded"}[kind]]
            _refuse(campaign_id, kind, wanted)
            moment = _commit(settings, campaign, connection, kind, wanted, utc_now(), told)
        also = review(settings, campaign, {hold["unit_code"] for hold in wanted}, moment) if kind == "release" and wanted else []
    changed = {hold["hold_id"] for hold in wanted}
    return [Decided(hold, name in changed, tuple(also)) for name, hold in found.items()]


def _refuse(campaign_id: str, kind: str, wanted: list[Row]) -> None:
    for hold in wanted:
        if hold["status"] == "corrected":
            raise ActError(
                f"hold {hold['hold_id']} needs no decision: a newer version was accepted", where=campaign_id, way_out="Leave it out"
            )
        if kind == "discard" and hold["status"] == "released":
            raise ActError(
                f"hold {hold['hold_id']} was released by {hold['author']}: its figures stand",
                where=campaign_id,
                way_out="Take them back with an entry `set: discard` in corrections.yml",
            )


def _commit(
    settings: Settings, campaign: Campaign, connection: duckdb.DuckDBPyConnection, kind: str, wanted: list[Row], now: datetime, told: Row
) -> datetime:
    """Commit one act per hold, with its figures in the lane that they have from now on."""
    if not wanted:
        return now
    moment = acts.moment_after(connection, now, "held_figures")
    chosen = [hold["submission_id"] for hold in wanted]
    lane = {"release": "accepted", "discard": "discarded"}[kind]
    figures = _figures(connection, chosen, lane)
    counts = _counts(figures)
    valid = _valid(connection, campaign, chosen) if kind == "release" else {}
    made = [
        acts.new_act(
            campaign.id, kind, moment, hold["submission_id"], **told,
            **{name: hold[name] for name in ("hold_id", "submission_id", "file_id", "unit_code", "slot_id")},
            as_of=hold["last_as_of"], rule_id=", ".join(hold["rules"]) or None, figure_count=counts.get(hold["submission_id"], 0),
            is_valid=valid.get(hold["submission_id"], False) if kind == "release" else None,
        )
        for hold in wanted
    ]  # fmt: skip
    acts.commit(settings, campaign.id, made, figures)
    return moment


def _figures(connection: duckdb.DuckDBPyConnection, submissions: list[str], lane: str) -> pa.Table:
    """Held figures of submissions, in another lane; those in whose place a newer one stands already are not released."""
    return connection.execute(
        f"""SELECT {_COLUMNS} FROM (SELECT * REPLACE ($lane AS lane) FROM held_figures)
            WHERE submission_id IN $submissions AND (NOT is_covered OR $lane <> 'accepted')""",
        {"submissions": submissions, "lane": lane},
    ).to_arrow_table()


def _counts(figures: pa.Table) -> dict[str, int]:
    counted = figures.group_by("submission_id").aggregate([("indicator_id", "count")])
    return dict(zip(counted.column("submission_id").to_pylist(), counted.column("indicator_id_count").to_pylist(), strict=True))


def _valid(connection: duckdb.DuckDBPyConnection, campaign: Campaign, submissions: list[str]) -> dict[str, bool]:
    """Whether each submission is a valid report once its held rows stand: nothing rejected, every required indicator there."""
    from expectations.context import given_indicators

    required = {s.id: {i.id for i in campaign.indicators if i.required} & given_indicators(campaign, s) for s in campaign.sources}
    found = connection.execute(
        """SELECT s.submission_id, s.source_id, s.rows_rejected, list(DISTINCT f.indicator_id)
           FROM submissions s LEFT JOIN figures f ON f.submission_id = s.submission_id AND f.lane IN ('accepted', 'held')
           WHERE s.submission_id IN $submissions GROUP BY ALL""",
        {"submissions": submissions},
    ).fetchall()
    return {name: not rejected and required.get(source, set()) <= set(there) for name, source, rejected, there in found}


def review(settings: Settings, campaign: Campaign, unit_codes: set[str] | None, now: datetime) -> list[str]:
    """Release the open holds that no rule would hold any more, given what is known now; returns their ids.

    Only holds that rules over the history made (expectations/review.py), of `unit_codes` (None: of all units). The caller holds
    the campaign's lock. The cost follows the open holds of those units.
    """
    from expectations.review import released_by_history

    with opened(settings, campaign.id, unit_codes) as connection:
        moment = acts.moment_after(connection, now, "figures")
        cleared = released_by_history(settings, campaign, connection, units.load_units(settings, campaign), moment)
        wanted = [hold for hold in acts.rows(connection, "SELECT * FROM holds ORDER BY hold_id") if hold["submission_id"] in cleared]
        rules = sorted({rule for hold in wanted for rule in hold["rules"]})
        reason = f"No rule holds it any more: judged again against the figures now known ({', '.join(rules)})"
        _commit(settings, campaign, connection, "release", wanted, moment, {"reason": reason, "author": acts.OURSELVES, "source": "review"})
    return [hold["hold_id"] for hold in wanted]


def review_now(settings: Settings, campaign_id: str) -> list[str]:
    """Review all open holds of a campaign; returns the ids of those released."""
    campaign = load_rightful_campaign(settings, campaign_id)
    with deciding(settings, campaign_id):
        return review(settings, campaign, None, utc_now())


def follow_up(settings: Settings, campaign: Campaign, batch_id: str | None, until: datetime) -> list[str]:
    """After a collection: apply corrections.yml, then review the holds of units that got something new; returns the ids released.

    `until`: our clock, or the moment up to which is collected. A run that was killed in between is caught up by the next one,
    which then reviews all holds. The caller holds the campaign's lock.
    """
    from pipeline import corrections

    touched: set[str] | None = corrections.apply(settings, campaign, until)
    mark = _mark(settings, campaign.id)
    if mark.is_file() and batch_id is None:
        touched = None
    elif batch_id and touched is not None:
        touched |= units_with_news(settings, campaign.id, batch_id)
    released = []
    if touched is None or touched:
        released = review(settings, campaign, touched, _last_arrival(settings, campaign.id) or until)
    mark.unlink(missing_ok=True)
    return released


def expect_follow_up(settings: Settings, campaign_id: str) -> None:
    """Remember that holds are to be reviewed, until follow_up has done it."""
    mark = _mark(settings, campaign_id)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _mark(settings: Settings, campaign_id: str) -> Path:
    return settings.scratch / f"review-{campaign_id}.due"


def _last_arrival(settings: Settings, campaign_id: str) -> datetime | None:
    """The last arrival in the lake: a review is as old as the news that made it, so that a backfill is the same whenever it runs."""
    with closing(duckdb.connect()) as connection:
        acts.views(connection, settings, campaign_id)
        found = connection.execute("SELECT max(received_at) FROM batches").fetchone()
    return found[0] if found else None


def units_with_news(settings: Settings, campaign_id: str, batch_id: str) -> set[str]:
    """Units of which a batch brought accepted figures."""
    with closing(duckdb.connect()) as connection:
        acts.views(connection, settings, campaign_id)
        found = connection.execute(
            "SELECT DISTINCT unit_code FROM figures WHERE batch_id = $1 AND lane = 'accepted'", [batch_id]
        ).fetchall()
    return {row[0] for row in found}


def waive(
    settings: Settings, campaign_id: str, unit: str, rule_id: str, until: date, reason: str | None, author: str | None, source: str = ""
) -> Decided:
    """Let a rule be without effect for a unit's reports that arrive from now until the end of that day (the campaign's zone).

    Rules of the gate and of the warehouse. Raises NotFoundError where the unit or rule is not known, and ActError where the rule rejects:
    what cannot be read cannot be waived.
    """
    from expectations.catalogue import tune

    campaign = load_rightful_campaign(settings, campaign_id)
    told = {"reason": acts.reason_of(reason), "author": acts.author_of(author), "source": source}
    if unit not in set(units.load_units(settings, campaign)["unit_code"]):
        raise NotFoundError(f"no unit '{unit}'", where=campaign_id, way_out="Give the unit's code as in the register")
    editions = [rule for rule in tune(campaign).rules if rule.id == rule_id]
    if not editions:
        raise NotFoundError(f"no rule '{rule_id}'", where=campaign_id, way_out="docs/rules.md lists the rules")
    if any(rule.place == "file" or rule.lane or rule.severity == "reject" for rule in editions):
        raise ActError(
            f"rule '{rule_id}' cannot be waived",
            where=campaign_id,
            way_out="Only rules that hold or flag can be: the sender mends the rest",
        )
    moment = utc_now()
    if moment > calendar.end_of_day(campaign, until):
        raise ActError(f"{until} is over", where=campaign_id, way_out="A waiver ends today or later")
    with deciding(settings, campaign_id):
        for known in acts.waivers(settings, campaign_id):
            if (known["unit_code"], known["rule_id"], known["until"]) == (unit, rule_id, until) and not known["ended_at"]:
                return Decided(known, changed=False)
        act = acts.new_act(campaign_id, "waiver", moment, f"{unit}/{rule_id}/{until}", unit_code=unit, rule_id=rule_id, until=until, **told)
        acts.commit(settings, campaign_id, [act])
    return Decided(act, changed=True)


def end_waiver(settings: Settings, campaign_id: str, unit: str, rule_id: str, reason: str | None, author: str | None) -> list[Decided]:
    """End the waivers of a unit and rule that are in force; raises NotFoundError where there never was one."""
    told = {"reason": acts.reason_of(reason), "author": acts.author_of(author)}
    with deciding(settings, campaign_id):
        open_ones = [w for w in acts.waivers(settings, campaign_id) if (w["unit_code"], w["rule_id"]) == (unit, rule_id)]
        standing = [w for w in open_ones if not w["ended_at"]]
        if not open_ones:
            raise NotFoundError(f"no waiver of {rule_id} for {unit}", where=campaign_id, way_out=f"See `tiendo waive list {campaign_id}`")
        moment = utc_now()
        made = [
            acts.new_act(
                campaign_id, "waiver_end", moment, waiver["act_id"], unit_code=unit, rule_id=rule_id, until=waiver["until"],
                source=waiver["act_id"], **told,
            )
            for waiver in standing
        ]  # fmt: skip
        if made:
            acts.commit(settings, campaign_id, made)
    return [Decided(waiver, changed=waiver in standing) for waiver in open_ones]
