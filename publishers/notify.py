"""Messages about the newest closed slot, and the ledger of those sent. Sending itself is done by whoever calls this.

Three kinds that are never mixed: late (came after the cutoff), missing (did not come), invalid (came and cannot be used).
One digest per kind, with one key per (campaign, slot, kind): a re-run finds the key in the ledger and sends nothing twice.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from publishers.page.language import Words, words
from tiendo.home import write_json
from tiendo.lake import digest
from tiendo.settings import Settings, utc_now

KINDS = ("missing", "invalid", "late")
LIMIT = 2000  # characters; a chat takes no more
REASON_LIMIT = 160


@dataclass(frozen=True)
class Message:
    """One digest. `body_vi` and `body_en` are plain text of at most LIMIT characters; `unit_codes` are all it is about."""

    key: str
    campaign_id: str
    slot_id: str
    kind: str
    subject_vi: str
    subject_en: str
    body_vi: str
    body_en: str
    unit_codes: tuple[str, ...]

    def text(self, language: str = "vi") -> str:
        """Subject and body in one, ready to paste into a chat."""
        return self.body_vi if language == "vi" else self.body_en


def due_messages(settings: Settings, campaign_id: str, channel: str | None = None, contact: str = "") -> list[Message]:
    """Messages of the newest closed slot that were not sent yet (on `channel`, or on any). Empty before the first publication."""
    marts = settings.published.resolve() / "marts.duckdb"
    if not marts.is_file():
        return []
    return unsent(settings, slot_messages(marts, campaign_id, contact), channel)


def mark_sent(settings: Settings, messages: list[Message], channel: str) -> None:
    """Note that `messages` went out on `channel`; call it after the channel took them."""
    record_sent(settings, messages, channel)


def slot_messages(marts: Path, campaign_id: str, contact: str = "") -> list[Message]:
    """One digest for each kind that has units in the newest closed slot of a campaign; the same marts give the same messages.

    `contact` is the line of whom to answer to; without it the message names the campaign's coordinator.
    """
    with duckdb.connect(str(marts), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        slot = _newest_slot(con, campaign_id)
        if slot is None:
            return []
        units = _units(con, campaign_id, slot["slot_id"])
    groups = {kind: [unit for unit in units if unit["status"] == kind] for kind in KINDS}
    return [_message(slot, kind, found, contact) for kind, found in groups.items() if found]


def unsent(settings: Settings, messages: list[Message], channel: str | None = None) -> list[Message]:
    """Those of `messages` whose key is not in the ledger for `channel` (None: for any channel)."""
    return [message for message in messages if not any(_sent_on(settings, message, channel))]


def record_sent(settings: Settings, messages: list[Message], channel: str) -> None:
    """Append to the ledger: one file for each (key, channel), written whole; what is there already stays as it is."""
    for message in messages:
        target = _ledger(settings, message.campaign_id) / f"{digest(message.key)}-{digest(channel)}.json"
        if not target.exists():
            record = {**asdict(message), "channel": channel, "sent_at": utc_now().isoformat()}
            write_json(target, record)


def sent(settings: Settings, campaign_id: str) -> list[dict[str, Any]]:
    """The ledger of a campaign, oldest first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in _ledger(settings, campaign_id).glob("*.json")]
    return sorted(found, key=lambda record: (record["sent_at"], record["key"], record["channel"]))


def _sent_on(settings: Settings, message: Message, channel: str | None) -> list[Path]:
    suffix = digest(channel) if channel else "*"
    return list(_ledger(settings, message.campaign_id).glob(f"{digest(message.key)}-{suffix}.json"))


def _ledger(settings: Settings, campaign_id: str) -> Path:
    return settings.lake / "notifications" / f"campaign_id={campaign_id}"


def _newest_slot(con: duckdb.DuckDBPyConnection, campaign_id: str) -> dict[str, Any] | None:
    cursor = con.execute(
        """select c.campaign_id, c.name_vi, c.name_en, c.is_simulated, s.slot_id, s.slot_date, max(epoch_us(s.closes_at)) as closes,
            max(s.cutoff_at at time zone c.time_zone) as cutoff_local
        from dim_slot s join dim_campaign c using (campaign_id) where s.campaign_id = $1 and s.is_closed
        group by all order by closes desc, s.slot_id desc limit 1""",
        [campaign_id],
    )
    return _first(cursor)


def _units(con: duckdb.DuckDBPyConnection, campaign_id: str, slot_id: str) -> list[dict[str, Any]]:
    """Late, missing and invalid units of a slot that owed it, each with the worst finding on its report where there is one."""
    cursor = con.execute(
        """with reasons as (
            select unit_code, arg_min(message_vi, place) as reason_vi, arg_min(message_en, place) as reason_en from (
                select unit_code, message_vi, message_en,
                    case severity when 'reject' then '0' when 'hold' then '1' else '2' end || finding_id as place
                from fct_findings where campaign_id = $1 and slot_id = $2 and severity in ('reject', 'hold')
                    and effect is distinct from 'none')
            group by unit_code)
        select s.unit_code, u.unit_name, u.parent_name, s.status, s.minutes_late, r.reason_vi, r.reason_en
        from fct_slot_status s join dim_unit u on u.campaign_id = s.campaign_id and u.unit_code = s.unit_code
        left join reasons r on r.unit_code = s.unit_code
        where s.campaign_id = $1 and s.slot_id = $2 and s.is_owed and s.status in ('late', 'missing', 'invalid')
        order by s.status, s.minutes_late desc nulls last, u.parent_name nulls first, s.unit_code""",
        [campaign_id, slot_id],
    )
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]


def _first(cursor: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    columns = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    return dict(zip(columns, row, strict=True)) if row else None


def _message(slot: dict[str, Any], kind: str, units: list[dict[str, Any]], contact: str) -> Message:
    texts = {language: _texts(words(language), slot, kind, units, contact) for language in ("vi", "en")}
    return Message(
        key=f"{slot['campaign_id']}|{slot['slot_id']}|{kind}",
        campaign_id=slot["campaign_id"],
        slot_id=slot["slot_id"],
        kind=kind,
        subject_vi=texts["vi"][0],
        subject_en=texts["en"][0],
        body_vi=texts["vi"][1],
        body_en=texts["en"][1],
        unit_codes=tuple(unit["unit_code"] for unit in units),
    )


def _texts(say: Words, slot: dict[str, Any], kind: str, units: list[dict[str, Any]], contact: str) -> tuple[str, str]:
    """Subject and body. Units that do not fit are counted on the last line, so that the body never grows beyond LIMIT."""
    name = _plain(say.name(slot))[:200]
    subject = say(f"notice.{kind}", n=say.number(len(units)), slot=say.moment(slot["cutoff_local"]))
    head = [f"{name}: {subject}"]
    if slot["is_simulated"]:
        head.append(f"({say('simulated')})")
    foot = [say(f"notice.todo.{kind}"), say("notice.contact", contact=_plain(contact)[:200] or say("notice.coordinator"))]
    lines = [f"- {_unit_line(say, kind, unit)}" for unit in units]
    room = LIMIT - sum(len(line) + 1 for line in head + foot) - 80  # 80 for the line that counts the rest
    kept = 0
    while kept < len(lines) and (room := room - len(lines[kept]) - 1) >= 0:
        kept += 1
    rest = [say("notice.more", n=say.number(len(lines) - kept))] if kept < len(lines) else []
    return f"{name}: {subject}", "\n".join(head + lines[:kept] + rest + foot)


def _unit_line(say: Words, kind: str, unit: dict[str, Any]) -> str:
    name = _plain(unit["unit_name"] or unit["unit_code"])[:120]
    if kind == "late" and unit["minutes_late"] is not None:
        return f"{name}: {say('minutes_late', n=say.number(round(unit['minutes_late'])))}"
    reason = _plain(say.name(unit, "reason"))
    if kind == "invalid" and reason:
        return f"{name}: {reason if len(reason) <= REASON_LIMIT else reason[: REASON_LIMIT - 1] + '…'}"
    return name


def _plain(text: str) -> str:
    """One line of harmless text: no control characters or line ends, and no '@' or '<' that a chat would act upon."""
    clean = "".join(" " if not c.isprintable() else {"@": "＠", "<": "‹", ">": "›"}.get(c, c) for c in text)
    return " ".join(clean.split())
