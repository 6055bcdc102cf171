"""`tiendo silent`: who owed a report and has sent nothing valid, per level and slot."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from tiendo.cli.console import Context, day, known_campaign, number, one_of, out, query, simulated, table, with_places
from tiendo.cli.known import KNOWN_AT, as_known
from tiendo.errors import NotFoundError
from tiendo.words import group, word

# What the mart `silent` says, as it was known at a moment: only slots closed and reports arrived by then.
_AT = """
with owed as (
    select s.*, s.first_valid_at is null or s.first_valid_at > $at as is_silent, coalesce(s.first_received_at <= $at, false) as has_come
    from marts.fct_slot_status as s where s.campaign_id = $campaign and s.is_owed and s.closes_at <= $at
),
with_run as (
    select *, owed_number - row_number() over (partition by unit_code order by owed_number) as run from owed where is_silent
),
counted as (
    select *, row_number() over (partition by unit_code, run order by owed_number) as slots_silent from with_run
),
heard as (
    select unit_code, max(received_at) as last_heard_at, max(cast(as_of as date)) filter (where lane = 'accepted') as last_good_on
    from marts.fct_submissions where campaign_id = $campaign and received_at <= $at group by unit_code
),
readable as (
    select distinct unit_code from marts.fct_submissions
    where campaign_id = $campaign and slot_id = $slot and received_at <= $at and lane in ('held', 'accepted')
)
select c.unit_code, u.unit_name, u.parent_code, u.parent_name, c.slots_silent,
    case when not c.has_come then 'missing' when r.unit_code is not null then 'held' else 'invalid' end as reason,
    h.last_heard_at, h.last_good_on, c.extended_until, n.sender, n.sender_name, n.contact
from counted as c
join marts.dim_unit as u on u.campaign_id = c.campaign_id and u.unit_code = c.unit_code
left join heard as h on h.unit_code = c.unit_code
left join readable as r on r.unit_code = c.unit_code
left join (
    select unit_code, any_value(sender) as sender, any_value(sender_name) as sender_name, any_value(contact) as contact
    from marts.silent where campaign_id = $campaign group by unit_code
) as n on n.unit_code = c.unit_code
where c.slot_id = $slot and c.level = $level
order by u.parent_name, c.slots_silent desc, c.unit_code
"""
_NOW = """
select unit_code, unit_name, parent_code, parent_name, slots_silent, reason, last_heard_at, last_good_on, extended_until, sender,
    sender_name, contact
from marts.silent where campaign_id = $campaign and slot_id = $slot and level = $level
order by parent_name, slots_silent desc, unit_code
"""
_SLOTS = """
select slot_id, slot_name, level, cutoff_at from marts.dim_slot
where campaign_id = ? and is_closed and closes_at <= ? order by level, closes_at desc, slot_id desc
"""
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--slot", help="Slot such as daily/2023-06-13, or its name for the newest (default: the newest of each level).")
@click.option("--level", help="Level of the units (default: every level that owes the slot).")
@click.option("--at", type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]), help="As known then, the campaign's clock.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per slot and level.")
@KNOWN_AT
@with_places
def silent(
    context: Context, campaign_id: str, slot: str | None, level: str | None, at: datetime | None, as_json: bool, known_at: str | None
) -> None:
    """Who is silent in CAMPAIGN: units that owed a closed slot and of which nothing valid has come, per level."""
    context = as_known(context, campaign_id, known_at)
    campaign = known_campaign(context, campaign_id)
    moment = at.replace(tzinfo=ZoneInfo(campaign["time_zone"])).astimezone(UTC) if at else None
    lists = [_list(context, campaign_id, chosen, moment) for chosen in _chosen(context, campaign_id, slot, level, moment)]
    if as_json:
        click.echo(json.dumps([_plain(campaign_id, found, moment) for found in lists], ensure_ascii=False, indent=2))
        return
    if not lists:
        out.print(context.say("Chưa có kỳ báo cáo nào đóng", "No slot has closed yet"))
    for found in lists:
        _print(context, campaign, found)


def _chosen(context: Context, campaign_id: str, slot: str | None, level: str | None, moment: datetime | None) -> list[dict[str, Any]]:
    """The newest closed slot of each level, among those asked for."""
    slots = query(context, _SLOTS, [campaign_id, moment or FOREVER])
    level = one_of(level, sorted({row["level"] for row in slots}), "closed slot at level", "")
    found = [row for row in slots if slot in (None, row["slot_id"], row["slot_name"]) and level in ("", row["level"])]
    if slot and not found:
        names = ", ".join(sorted({row["slot_name"] for row in slots})) or "none has closed"
        raise NotFoundError(
            f"no closed slot '{slot}'",
            way_out=f"Slots: {names}. Give a name, or a slot such as {slots[0]['slot_id'] if slots else 'daily/2023-06-13'}",
        )
    return list({row["level"]: row for row in reversed(found)}.values())


def _list(context: Context, campaign_id: str, chosen: dict[str, Any], moment: datetime | None) -> dict[str, Any]:
    given = {"campaign": campaign_id, "slot": chosen["slot_id"], "level": chosen["level"]}
    units = query(context, _AT, given | {"at": moment}) if moment else query(context, _NOW, given)
    sql = "select count(*) as n from marts.fct_slot_status where campaign_id = $campaign and slot_id = $slot and level = $level and is_owed"
    return chosen | {"owed": query(context, sql, given)[0]["n"], "units": units}


def _plain(campaign_id: str, found: dict[str, Any], moment: datetime | None) -> dict[str, Any]:
    texts = [{name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in unit.items()} for unit in found["units"]]
    return {
        "campaign_id": campaign_id, "slot_id": found["slot_id"], "level": found["level"], "at": moment.isoformat() if moment else None,
        "slots_owed": found["owed"], "silent": len(texts), "units": texts,
    }  # fmt: skip


def _print(context: Context, campaign: dict[str, Any], found: dict[str, Any]) -> None:
    lang, zone = context.lang, ZoneInfo(campaign["time_zone"])
    names = query(context, "select * from marts.dim_level where campaign_id = ? and level = ?", [campaign["campaign_id"], found["level"]])
    level = names[0][f"name_{lang}"]
    reasons = group("silent", lang)
    counts = {reason: sum(unit["reason"] == reason for unit in found["units"]) for reason in reasons}
    parts = ", ".join(f"{number(n, lang)} {reasons[reason]}" for reason, n in counts.items() if n)
    silent_count, owed = number(len(found["units"]), lang), number(found["owed"], lang)
    cutoff = found["cutoff_at"].astimezone(zone)
    title = f"{level} · {found['slot_name']} · " + context.say(
        f"hạn nộp {cutoff:%H:%M} ngày {cutoff:%d/%m/%Y} · {silent_count}/{owed} đơn vị chưa có báo cáo hợp lệ",
        f"cutoff {cutoff:%Y-%m-%d %H:%M} · {silent_count} of {owed} units without a valid report",
    )
    marked = simulated(context, campaign)
    if not found["units"]:
        out.print(title + marked)
        return
    headings = context.say(
        "Đơn vị|Cấp trên|Số kỳ liền|Nhận lần cuối|Số liệu tốt cuối|Lý do|Liên hệ",
        "Unit|Parent|Slots running|Last heard|Last good|Why|Contact",
    ).split("|")
    sides = ["left", "left", "right", "left", "left", "left", "left"]
    rows = [_row(context, zone, unit) for unit in found["units"]]
    table(title + (f" ({parts})" if parts else "") + marked, list(zip(headings, sides, strict=True)), rows)


def _row(context: Context, zone: ZoneInfo, unit: dict[str, Any]) -> list[str]:
    lang = context.lang
    reason = word(f"silent.{unit['reason']}", lang)
    if unit["extended_until"]:
        until = unit["extended_until"].astimezone(zone)
        reason += context.say(f", gia hạn tới {until:%H:%M %d/%m}", f", extended until {until:%m-%d %H:%M}")
    heard = unit["last_heard_at"].astimezone(zone) if unit["last_heard_at"] else None
    return [
        f"{unit['unit_name']} ({unit['unit_code']})", unit["parent_name"] or "", number(unit["slots_silent"], lang),
        f"{heard:%H:%M} {day(heard, lang)}" if heard else context.say("chưa bao giờ", "never"),
        day(unit["last_good_on"], lang) or context.say("chưa có", "none"), reason,
        " ".join(text for text in (unit["sender_name"] or unit["sender"], unit["contact"]) if text),
    ]  # fmt: skip
