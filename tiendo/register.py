"""The register: campaign folders as Parquet tables that the warehouse reads (docs/data.md lists the columns).

A table is written only when its content changed, so an unchanged campaign changes no file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tiendo import calendar, obligations
from tiendo.campaign import Campaign
from tiendo.comparisons import comparisons
from tiendo.emulation import emulation_tables
from tiendo.home import written_whole
from tiendo.meetings import meetings
from tiendo.recounts import load_recounts, recount_weights
from tiendo.reinforcement import load_people
from tiendo.remarks import remark_codes
from tiendo.senders import load_senders
from tiendo.settings import Settings
from tiendo.targets import load_targets
from tiendo.units import load_reorganisation, load_units

_text, _int, _float, _bool, _day = pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32()
_moment = pa.timestamp("us", tz="UTC")


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([("campaign_id", _text), *columns.items()])


SCHEMAS: dict[str, pa.Schema] = {
    "campaigns": _schema(
        name_vi=_text, name_en=_text, about_vi=_text, about_en=_text, time_zone=_text, starts_on=_day, ends_on=_day,
        board_indicator_id=_text, board_level=_text, rank_by=_text, peer_group_by=_text, is_simulated=_bool,
        horizon_at=_moment, horizon_date=_day, boards_from=_day, follows=_text,
    ),
    "levels": _schema(level=_text, depth=_int, name_vi=_text, name_en=_text),
    "units": _schema(
        unit_code=_text, unit_name=_text, level=_text, depth=_int, parent_code=_text, kind=_text, opened_on=_day,
        closed_on=_day, peer_group=_text, is_discovered=_bool,
    ),
    "unit_periods": _schema(
        unit_code=_text, valid_from=_day, valid_to=_day, unit_name=_text, level=_text, depth=_int, parent_code=_text,
    ),
    "crosswalk": _schema(old_code=_text, new_code=_text, weight=_float, valid_from=_day, weight_basis=_text),
    "indicators": _schema(
        indicator_id=_text, name_vi=_text, name_en=_text, kind=_text, is_required=_bool, is_fractional=_bool,
        part_of=_text, position=_int, devices_id=_text, device_norm=_float, person_norm=_float, is_reinforced=_bool,
        is_reinforced_daily=_bool,
    ),
    "targets": _schema(indicator_id=_text, unit_code=_text, target=_float, valid_from=_day),
    "milestones": _schema(
        milestone_id=_text, name_vi=_text, name_en=_text, indicator_id=_text, level=_text, threshold_pct=_float,
        threshold_value=_float, due_at=_moment, due_date=_day, consequence_vi=_text, consequence_en=_text,
    ),
    "meetings": _schema(
        meeting_id=_text, meeting_name=_text, name_vi=_text, name_en=_text, meeting_date=_day, held_at=_moment, board_date=_day,
    ),
    "comparisons": _schema(comparison_id=_text, name_vi=_text, name_en=_text, since=_day, before_from=_day),
    "tiers": _schema(tier_id=_text, name_vi=_text, name_en=_text, min_pct=_float, position=_int),
    "slots": _schema(slot_id=_text, slot_name=_text, slot_date=_day, cutoff_at=_moment, closes_at=_moment, level=_text),
    "obligations": _schema(unit_code=_text, slot_name=_text, first_on=_day, last_on=_day),
    "exemptions": _schema(unit_code=_text, slot_name=_text, first_on=_day, last_on=_day, reason=_text, author=_text),
    "extensions": _schema(
        unit_code=_text, slot_name=_text, first_on=_day, last_on=_day, until_at=_moment, reason=_text, author=_text
    ),
    "recounts": _schema(
        recount_id=_text, indicator_id=_text, unit_code=_text, as_of_date=_day, recounted_value=_float, recounted_on=_day,
        recounted_by=_text, note=_text, known_until=_moment,
    ),
    "recount_weights": _schema(kind=_text, name=_text, weight=_float),
    "people": _schema(unit_code=_text, people=_int, first_on=_day, last_on=_day),
    "remark_codes": _schema(
        remark_id=_text, kind=_text, name_vi=_text, name_en=_text, code=_text, code_name_vi=_text, code_name_en=_text, position=_int,
    ),
    "emulation_periods": _schema(
        period_id=_text, name_vi=_text, name_en=_text, first_on=_day, last_on=_day, indicator_id=_text, level=_text,
    ),
    "emulation_parts": _schema(part_id=_text, weight=_float, zero_at=_float, full_at=_float, position=_int),
    "emulation_classes": _schema(class_id=_text, name_vi=_text, name_en=_text, min_score=_float),
    "senders": _schema(
        sender=_text, unit_code=_text, role=_text, name=_text, language=_text, contact=_text, position=_int
    ),
}  # fmt: skip


@dataclass(frozen=True)
class RegisterState:
    """`digest` is of everything but the horizon: when it changes, the warehouse is built anew."""

    digest: str
    horizon_at: datetime


def write_register(settings: Settings, campaign: Campaign, now: datetime) -> RegisterState:
    """Write the campaign's register tables. `now` moves the horizon forward, never back."""
    slots = calendar.slots(campaign)
    horizon_at = _horizon(settings, campaign, slots, now)
    tables = _tables(settings, campaign, slots, horizon_at)
    digests = []
    for name, frame in tables.items():
        table = pa.Table.from_pandas(frame, schema=SCHEMAS[name], preserve_index=False)
        write_table(settings, name, campaign.id, table)
        if name == "campaigns":
            table = table.drop_columns(["horizon_at", "horizon_date"])
        digests.append(hashlib.sha256(repr((name, table.to_pylist())).encode()).hexdigest())
    return RegisterState(hashlib.sha256("".join(digests).encode()).hexdigest(), horizon_at)


def write_table(settings: Settings, name: str, campaign_id: str, table: pa.Table) -> Path:
    """`register/NAME/campaign_id=C.parquet`, whole, and only if it differs from what is there."""
    target = settings.register / name / f"campaign_id={campaign_id}.parquet"
    if target.is_file() and pq.read_table(target, partitioning=None).equals(table):
        return target
    with written_whole(target) as scratch:
        pq.write_table(table, scratch, compression="zstd")
    return target


def _horizon(settings: Settings, campaign: Campaign, slots: pd.DataFrame, now: datetime) -> datetime:
    """Up to when boards look: the last end of a day or closing of a slot at or before `now`, within the campaign.

    It moves in these steps and not with the clock, so that a second run within a step finds nothing new to do.
    """
    days = (campaign.ends_on - campaign.starts_on).days + 1
    first_day = campaign.starts_on - timedelta(days=1)
    moments = [calendar.end_of_day(campaign, first_day + timedelta(days=n)) for n in range(days + 1)]
    moments += [moment.to_pydatetime() for moment in slots["closes_at"]]
    moments += [calendar.due_at(campaign, m.due) for m in campaign.milestones if m.due]
    horizon = max((moment for moment in moments if moment <= now), default=min(moments))
    previous = settings.register / "campaigns" / f"campaign_id={campaign.id}.parquet"
    if previous.is_file():
        known = pq.read_table(previous, partitioning=None).column("horizon_at")[0].as_py()
        horizon = max(horizon, min(known, max(moments)))
    return horizon.astimezone(UTC)


def _tables(settings: Settings, campaign: Campaign, slots: pd.DataFrame, horizon_at: datetime) -> dict[str, pd.DataFrame]:
    units = load_units(settings, campaign)
    horizon_date = horizon_at.astimezone(campaign.zone).date()
    rows: dict[str, list[dict[str, Any]]] = {
        "campaigns": [
            {
                **_names(campaign.name), **_names(campaign.about, "about"), "time_zone": campaign.time_zone,
                "starts_on": campaign.starts_on, "ends_on": campaign.ends_on,
                "board_indicator_id": campaign.board_indicator, "board_level": campaign.board_level,
                "rank_by": campaign.leaderboard.rank_by, "peer_group_by": campaign.leaderboard.peer_group,
                "is_simulated": campaign.is_simulated, "horizon_at": horizon_at, "horizon_date": horizon_date,
                "boards_from": campaign.leaderboard.boards_from, "follows": campaign.follows,
            }
        ],
        "levels": [{"level": level.id, "depth": n, **_names(level.name)} for n, level in enumerate(campaign.levels, 1)],
        "indicators": [
            {
                "indicator_id": i.id, **_names(i.name), "kind": i.kind, "is_required": i.required,
                "is_fractional": i.fractional, "part_of": i.part_of, "position": n, "devices_id": i.devices,
                "device_norm": i.device_norm, "person_norm": campaign.reinforcement.norm or i.device_norm,
                "is_reinforced": i.id == (campaign.reinforcement.indicator or campaign.board_indicator),
                "is_reinforced_daily": bool(campaign.reinforcement.model_fields_set),
            }
            for n, i in enumerate(campaign.indicators, 1)
        ],
        "milestones": [
            {
                "milestone_id": m.id, **_names(m.name), "indicator_id": m.indicator, "level": level,
                "threshold_pct": m.threshold_pct, "threshold_value": m.threshold_value,
                "due_at": calendar.due_at(campaign, m.due) if m.due else None, "due_date": _date(m.due),
                **_names(m.consequence, "consequence"),
            }
            for m in campaign.milestones
            for level in m.levels
        ],
        "tiers": [
            {"tier_id": t.id, **_names(t.name), "min_pct": t.min_pct, "position": n} for n, t in enumerate(campaign.tiers, 1)
        ],
        "comparisons": comparisons(campaign),
        "remark_codes": remark_codes(campaign),
        **emulation_tables(campaign),
        "exemptions": obligations.exemptions(campaign, units),
        "extensions": obligations.extensions(campaign, units),
    }  # fmt: skip
    frames = {name: pd.DataFrame(found, columns=SCHEMAS[name].names) for name, found in rows.items()}
    frames |= {"units": units, "targets": load_targets(settings, campaign, units), "slots": slots}
    frames |= {"obligations": obligations.obligations(campaign, units), "senders": load_senders(campaign, units)}
    frames["meetings"] = meetings(campaign, slots)
    changes = load_reorganisation(campaign)
    frames |= {"unit_periods": changes.periods, "crosswalk": changes.crosswalk.rows}
    frames |= {"recounts": load_recounts(campaign, units), "recount_weights": recount_weights(campaign)}
    frames["people"] = load_people(campaign, units)
    return {name: frame.assign(campaign_id=campaign.id)[SCHEMAS[name].names] for name, frame in frames.items()}


def _names(names: Any, prefix: str = "name") -> dict[str, str | None]:
    return {f"{prefix}_vi": names.vi if names else None, f"{prefix}_en": names.en if names else None}


def _date(due: date | datetime | None) -> date | None:
    return due.date() if isinstance(due, datetime) else due
