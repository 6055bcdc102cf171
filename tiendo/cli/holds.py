"""`tiendo hold` and `tiendo waive`: deciding about held figures and about rules. All of it stands in the audit for good."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from tiendo.cli.console import Context, day, number, out, table, with_places
from tiendo.settings import utc_now
from tiendo.words import word

REASON = click.option("--reason", metavar="TEXT", help="Why; it stands in the audit for good. Required.")
AUTHOR = click.option("--author", metavar="NAME", help="Who decides (TIENDO_AUTHOR). Required.")
SOURCE = click.option("--source", metavar="TEXT", default="", help="Where it is written: a letter, a call, a minute of a meeting.")
CAMPAIGN = click.option("--campaign", "campaign_id", metavar="CAMPAIGN", help="Campaign of the holds; found by their ids if left out.")


class WithDefault(click.Group):
    """A group whose command `give` may be left out."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["give", *args]
        return super().resolve_command(ctx, args)


@click.group()
def hold() -> None:
    """See and decide what is held: figures that are readable but doubted, out of the marts until somebody decides."""


@hold.command("list")
@click.argument("campaign_id", metavar="[CAMPAIGN]", required=False)
@click.option("--unit", metavar="CODE", help="Holds of this unit only.")
@click.option("--all", "everything", is_flag=True, help="Also those that are corrected, released or discarded.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_places
def list_(context: Context, campaign_id: str | None, unit: str | None, everything: bool, as_json: bool) -> None:
    """Print the holds that wait for a decision, of CAMPAIGN or of all, the oldest first."""
    from pipeline import holds

    found = [one for name in _campaigns(context, campaign_id) for one in holds.holds(context.settings, name, unit, everything=everything)]
    if as_json:
        click.echo(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=1))
        return
    names, zones = _known(context, {one["campaign_id"] for one in found})
    headings = context.say(
        "Mã|Chiến dịch|Đơn vị|Kỳ báo cáo|Nhận lúc|Số liệu|Quy tắc|Tình trạng|Số ngày treo",
        "Id|Campaign|Unit|Slot|Received|Figures|Rules|Status|Days held",
    ).split("|")
    rows = [
        [one["hold_id"], one["campaign_id"], names.get((one["campaign_id"], one["unit_code"]), one["unit_code"] or ""),
         one["slot_id"] or day(one["last_as_of"], context.lang), _moment(one["received_at"], context, zones.get(one["campaign_id"])),
         number(one["held_figures"], context.lang), ", ".join(one["rules"]), word(f"hold_status.{one['status']}", context.lang),
         number(_age(one), context.lang)]
        for one in found
    ]  # fmt: skip
    title = context.say("Báo cáo đang treo", "Holds") if not everything else context.say("Mọi báo cáo từng bị treo", "All holds")
    right = {5, 8}
    table(title, [(text, "right" if n in right else "left") for n, text in enumerate(headings)], rows)
    if rows and not everything:
        out.print(context.say("Xem một báo cáo: tiendo hold show MÃ", "Look at one: tiendo hold show ID"))
    elif not rows:
        out.print(context.say("Không có báo cáo nào đang treo", "Nothing is held"))


@hold.command()
@click.argument("hold_id", metavar="ID")
@CAMPAIGN
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_places
def show(context: Context, hold_id: str, campaign_id: str | None, as_json: bool) -> None:
    """Print one hold: its figures, what the rules say, the last good value and its age, the unit's series before it."""
    from pipeline import holds

    name = holds.campaign_of(context.settings, _campaigns(context, campaign_id), hold_id)
    found = holds.detail(context.settings, name, hold_id)
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=1))
        return
    one, lang = found["hold"], context.lang
    names, zones = _known(context, {name})
    unit, zone = names.get((name, one["unit_code"]), one["unit_code"]), zones.get(name)
    out.print(
        f"{one['hold_id']} · {name} · {unit} · {one['slot_id'] or ''} · {word('hold_status.' + one['status'], context.lang)}", markup=False
    )
    out.print(
        context.say("Nhận lúc {}, từ {}", "Received {}, from {}").format(_moment(one["received_at"], context, zone), one["sender"] or "–")
    )
    last = {(row["indicator_id"], row["held_as_of"]): row for row in found["last_good"]}
    figures = []
    for row in found["figures"]:
        good = last.get((row["indicator_id"], row["as_of"]))
        age = context.say("{} ngày trước", "{} days before").format(good["age_days"]) if good else ""
        figures.append(
            [row["indicator_id"], _time(row["as_of"], lang), _value(row["value"], lang) or row["cell"],
             _value(good["value"], lang) if good else "–", _time(good["as_of"], lang) if good else "", age]
        )  # fmt: skip
    headings = context.say(
        "Chỉ số|Số liệu ngày|Bị treo|Số tốt gần nhất|Số liệu ngày|Cách đó", "Indicator|Of|Held|Last good value|Of|Age"
    ).split("|")
    table(
        context.say("Số liệu bị treo", "Held figures"), [(h, "right" if n in (2, 3) else "left") for n, h in enumerate(headings)], figures
    )
    headings = context.say("Quy tắc|Dòng|Vì sao|Cách sửa", "Rule|Row|Why|Remedy").split("|")
    table(
        context.say("Phát hiện", "Findings"),
        [(h, "left") for h in headings],
        [[f["rule_id"], str(f["row_number"] or ""), f[f"message_{lang}"], f[f"remedy_{lang}"]] for f in found["findings"]],
    )
    headings = context.say("Chỉ số|Số liệu ngày|Giá trị|Biết lúc", "Indicator|Of|Value|Known since").split("|")
    table(
        context.say("Số liệu được chấp nhận của đơn vị", "Accepted figures of the unit"),
        [(h, "right" if n == 2 else "left") for n, h in enumerate(headings)],
        [[h["indicator_id"], _time(h["as_of"], lang), _value(h["value"], lang) or h["cell"], _moment(h["received_at"], context, zone)]
         for h in found["history"]],
    )  # fmt: skip
    for done in found["acts"]:
        out.print(f"{_moment(done['acted_at'], context, zone)} · {done['kind']} · {done['author']}: {done['reason']}", markup=False)


def _deciding(kind: str, vi: str, en: str) -> Callable[..., None]:
    def command(context: Context, hold_ids: tuple[str, ...], campaign_id: str | None, reason: str, author: str, source: str) -> None:
        from pipeline import acts, holds

        by_campaign: dict[str, list[str]] = {}
        for one in hold_ids:
            by_campaign.setdefault(holds.campaign_of(context.settings, _campaigns(context, campaign_id), one), []).append(one)
        for name, some in by_campaign.items():
            decided = getattr(acts, kind)(context.settings, name, some, reason, author, source)
            for one in decided:
                already = context.say("vẫn như cũ, đã được quyết định trước đó", "as it was: decided before")
                out.print(f"{one.what['hold_id']}: {context.say(vi, en) if one.changed else already}", markup=False)
            if also := sorted({other for one in decided for other in one.also}):
                out.print(context.say("Theo đó cũng được thả: {}", "Released by it too: {}").format(", ".join(also)), markup=False)
            _run_next(context, name, any(one.changed for one in decided))

    return command


@hold.command()
@click.argument("hold_ids", metavar="ID...", nargs=-1, required=True)
@CAMPAIGN
@REASON
@AUTHOR
@SOURCE
@with_places
def release(context: Context, **said: Any) -> None:
    """Let held figures stand: somebody has asked, and they are true. The report is valid from its arrival."""
    _deciding("release", "đã thả, số liệu được tính", "released, its figures stand")(context, **said)


@hold.command()
@click.argument("hold_ids", metavar="ID...", nargs=-1, required=True)
@CAMPAIGN
@REASON
@AUTHOR
@SOURCE
@with_places
def discard(context: Context, **said: Any) -> None:
    """Set held figures aside: they are wrong. The unit's last good value stays, and it is silent on that day."""
    _deciding("discard", "đã bỏ, số liệu không được tính", "discarded, its figures will not stand")(context, **said)


@hold.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@with_places
def review(context: Context, campaign_id: str) -> None:
    """Judge the open holds of CAMPAIGN again against the figures now known, and release those that no rule holds any more."""
    from pipeline import acts

    released = acts.review_now(context.settings, campaign_id)
    out.print(context.say("Được thả: {}", "Released: {}").format(", ".join(released) or "0"), markup=False)
    _run_next(context, campaign_id, bool(released))


@click.group(cls=WithDefault)
def waive() -> None:
    """Waivers: a rule without effect for a unit until a date, because somebody answers for it."""


@waive.command()
@click.argument("unit")
@click.argument("rule_id", metavar="RULE")
@click.option("--campaign", "campaign_id", metavar="CAMPAIGN", required=True, help="Campaign of the unit.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day, by arrival, in the campaign's zone.")
@REASON
@AUTHOR
@SOURCE
@with_places
def give(
    context: Context, unit: str, rule_id: str, campaign_id: str, until: datetime, reason: str, author: str, source: str
) -> None:  # fmt: skip
    """Let RULE be without effect for what UNIT sends from now until the end of a day; findings stay, marked as waived."""
    from pipeline import acts

    done = acts.waive(context.settings, campaign_id, unit, rule_id, until.date(), reason, author, source)
    text = context.say("Miễn trừ {} cho {} đến hết ngày {}", "{} is waived for {} until the end of {}")
    out.print(text.format(rule_id, unit, day(until, context.lang)) if done.changed else context.say("Đã có sẵn", "As it was already"))


@waive.command("list")
@click.argument("campaign_id", metavar="CAMPAIGN")
@with_places
def list_waivers(context: Context, campaign_id: str) -> None:
    """Print the waivers of CAMPAIGN, in force, ended and expired."""
    from tiendo import acts, calendar
    from tiendo.campaign_file import load_campaign

    campaign = load_campaign(context.settings, campaign_id)
    rows = []
    for one in acts.waivers(context.settings, campaign_id):
        over = utc_now() > calendar.end_of_day(campaign, one["until"])
        state = ("đã kết thúc", "ended") if one["ended_at"] else ("hết hạn", "expired") if over else ("còn hiệu lực", "in force")
        rows.append(
            [one["unit_code"], one["rule_id"], day(one["until"], context.lang), context.say(*state), one["author"], one["reason"]]
        )  # fmt: skip
    headings = context.say("Đơn vị|Quy tắc|Đến hết|Tình trạng|Ai quyết định|Lý do", "Unit|Rule|Until|State|Author|Reason").split("|")
    table(context.say("Miễn trừ", "Waivers"), [(text, "left") for text in headings], rows)


@waive.command()
@click.argument("unit")
@click.argument("rule_id", metavar="RULE")
@click.option("--campaign", "campaign_id", metavar="CAMPAIGN", required=True, help="Campaign of the unit.")
@REASON
@AUTHOR
@with_places
def end(context: Context, unit: str, rule_id: str, campaign_id: str, reason: str, author: str) -> None:
    """End the waiver of RULE for UNIT now."""
    from pipeline import acts

    ended = [one for one in acts.end_waiver(context.settings, campaign_id, unit, rule_id, reason, author) if one.changed]
    out.print(context.say("Đã kết thúc", "Ended") if ended else context.say("Đã kết thúc từ trước", "Ended before"))


def _campaigns(context: Context, campaign_id: str | None) -> list[str]:
    from pipeline import collected_campaigns

    if campaign_id:
        context.settings.campaign_folder(campaign_id)
        return [campaign_id]
    return collected_campaigns(context.settings)


def _known(context: Context, campaign_ids: set[str]) -> tuple[dict[tuple[str, str], str], dict[str, ZoneInfo]]:
    """What units are called and which clock hangs on the wall, of the campaigns whose folders are there."""
    from tiendo.campaign_file import load_campaign
    from tiendo.units import load_units

    names: dict[tuple[str, str], str] = {}
    zones: dict[str, ZoneInfo] = {}
    for name in campaign_ids & context.settings.campaign_folders().keys():
        campaign = load_campaign(context.settings, name)
        known = load_units(context.settings, campaign)
        names |= {(name, code): f"{title} ({code})" for code, title in zip(known["unit_code"], known["unit_name"], strict=True)}
        zones[name] = campaign.zone
    return names, zones


def _run_next(context: Context, campaign_id: str, changed: bool) -> None:
    if changed:
        out.print(
            context.say("Bảng công bố đổi ở lần chạy tới: tiendo run {}", "The next run publishes it: tiendo run {}").format(campaign_id),
            markup=False,
        )


def _age(one: dict[str, Any]) -> int:
    return int(((one["settled_at"] or utc_now()) - one["received_at"]).days)


def _value(value: float | None, lang: str) -> str:
    return number(value, lang, 0 if value is None or value == int(value) else 2)


def _time(moment: datetime | None, lang: str) -> str:
    if moment is None:
        return ""
    return day(moment, lang) + (f" {moment:%H:%M}" if moment.hour or moment.minute else "")


def _moment(moment: datetime, context: Context, zone: ZoneInfo | None) -> str:
    local = moment.astimezone(zone or UTC)
    return f"{day(local, context.lang)} {local:%H:%M}" + ("" if zone else " UTC")


def _plain(value: Any) -> Any:
    """As JSON has it: times in ISO 8601, and no more digits than were given."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, (date, datetime)) else value
