"""Signing off a period of the emulation score: its scores go into the lake as they are published, and nothing changes them any more."""

from __future__ import annotations

from contextlib import closing

import duckdb
import pyarrow as pa

from pipeline.acts import Decided, deciding
from pipeline.steps import load_rightful_campaign
from tiendo import acts, calendar, lake
from tiendo.acts import Row
from tiendo.campaign import Campaign
from tiendo.emulation import Emulation, EmulationPeriod
from tiendo.errors import ActError, NotFoundError
from tiendo.settings import Settings, utc_now

CLOSE, REOPEN = "emulation_close", "emulation_reopen"

_SCORES = """
SELECT p.campaign_id, p.period_id, p.unit_code, s.level, p.part_id, p.position, p.measure, p.measure_count, p.zero_at, p.full_at,
    p.normalised, p.weight, p.points, p.is_assessed, s.as_of_date, s.score, s.points AS points_total, s.weight_assessed, s.class_id,
    s.class_name_vi, s.class_name_en, s.rank, s.ranked_count, s.sender, s.sender_name
FROM marts.emulation_parts p JOIN marts.emulation_scores s USING (campaign_id, period_id, unit_code)
WHERE p.campaign_id = ? AND p.period_id = ? AND NOT p.is_closed ORDER BY p.unit_code, p.position
"""


def close(settings: Settings, campaign_id: str, period_id: str, reason: str | None, author: str | None, source: str = "") -> Decided:
    """Sign off a period: the published scores of its units, part by part, become what they will always be.

    Closing a closed period changes nothing. Raises ActError (no author, no reason, the period is not over, or nothing of it is
    published) and NotFoundError (no such period).
    """
    campaign = load_rightful_campaign(settings, campaign_id)
    period, _ = _period(campaign, period_id)
    told = {"reason": acts.reason_of(reason), "author": acts.author_of(author), "source": source}
    with deciding(settings, campaign_id):
        standing = _standing(settings, campaign_id, period_id)
        if standing and standing["kind"] == CLOSE:
            return Decided(standing, changed=False)
        scores = _published(settings, campaign, period)
        moment = max(utc_now(), standing["acted_at"]) if standing else utc_now()
        act = acts.new_act(campaign_id, CLOSE, moment, period_id, entry_id=period_id, **told)
        signed = scores.append_column("act_id", pa.array([act["act_id"]] * scores.num_rows, pa.string()))
        acts.commit(settings, campaign_id, [act], signed=signed)
    return Decided(act | {"units": len(set(scores.column("unit_code").to_pylist()))}, changed=True)


def reopen(settings: Settings, campaign_id: str, period_id: str, reason: str | None, author: str | None, source: str = "") -> Decided:
    """Take a signature back: the period is scored anew, by the formula and figures of now. What was signed stays in the lake."""
    campaign = load_rightful_campaign(settings, campaign_id)
    _period(campaign, period_id)
    told = {"reason": acts.reason_of(reason), "author": acts.author_of(author), "source": source}
    with deciding(settings, campaign_id):
        standing = _standing(settings, campaign_id, period_id)
        if not standing or standing["kind"] == REOPEN:
            raise ActError(f"period {period_id} is not closed", where=campaign_id, way_out=f"See `tiendo emulation show {campaign_id}`")
        act = acts.new_act(campaign_id, REOPEN, max(utc_now(), standing["acted_at"]), period_id, entry_id=period_id, **told)
        acts.commit(settings, campaign_id, [act])
    return Decided(act, changed=True)


def _period(campaign: Campaign, period_id: str) -> tuple[EmulationPeriod, Emulation]:
    said = campaign.emulation
    found = [period for period in said.periods if period.id == period_id] if said else []
    if said is None or not found:
        names = ", ".join(period.id for period in said.periods) if said else "none: campaign.yml has no emulation"
        raise NotFoundError(f"{campaign.id} has no period '{period_id}'", way_out=f"Periods: {names}")
    return found[0], said


def _standing(settings: Settings, campaign_id: str, period_id: str) -> Row | None:
    """The last act about the period."""
    with closing(duckdb.connect()) as connection:
        acts.views(connection, settings, campaign_id)
        found = acts.rows(
            connection,
            "SELECT * FROM acts WHERE entry_id = $1 AND kind IN ($2, $3) ORDER BY acted_at DESC, act_id DESC LIMIT 1",
            [period_id, CLOSE, REOPEN],
        )
    return found[0] if found else None


def _published(settings: Settings, campaign: Campaign, period: EmulationPeriod) -> pa.Table:
    """The scores of a period as they are published; raises ActError unless the boards have come to its end."""
    marts = settings.published / "marts.duckdb"
    way_out = f"Run `tiendo run {campaign.id}` first"
    if not marts.is_file():
        raise ActError("nothing is published yet", where=str(marts), way_out=way_out)
    with closing(duckdb.connect(str(marts.resolve()), read_only=True)) as connection:
        scores = connection.execute(_SCORES, [campaign.id, period.id]).to_arrow_table()
        horizon = connection.execute("SELECT max(horizon_at) FROM marts.dim_campaign WHERE campaign_id = ?", [campaign.id]).fetchone()
    if not scores.num_rows:
        raise ActError(f"no scores of period {period.id} are published that could be signed", where=campaign.id, way_out=way_out)
    last = min(period.last_on, campaign.ends_on)
    if not horizon or horizon[0] < calendar.end_of_day(campaign, last):
        raise ActError(
            f"period {period.id} is not over: the boards have not come to the end of {last}",
            where=campaign.id,
            way_out=f"Close it when {last} is over and `tiendo run {campaign.id}` has been run",
        )
    wanted = [name for name in lake.SCHEMAS["signed_scores"].names if name not in ("batch_id", "act_id")]
    return scores.select(wanted)
