"""`tiendo emulation`: the emulation score with its parts, and signing a period off."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import click

from tiendo.cli.console import Context, day, known_campaign, number, one_of, out, query, simulated, table, with_places
from tiendo.cli.holds import AUTHOR, REASON, SOURCE

PARTS = {
    "attainment": ("Kết quả", "Attainment"), "milestones": ("Mốc", "Milestones"), "timeliness": ("Đúng hạn", "Timeliness"),
    "quality": ("Chất lượng", "Quality"), "recounts": ("Kiểm đếm lại", "Recounts"),
}  # fmt: skip


class WithShow(click.Group):
    """A group whose command `show` may be left out."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=WithShow)
def emulation() -> None:
    """The emulation score (thi đua): points by the campaign's formula, each part shown, periods signed off."""


@emulation.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--period", help="Period (default: the newest that has begun).")
@click.option("--unit", metavar="CODE", help="One unit: how each part of its score came about.")
@click.option("--persons", is_flag=True, help="The persons who answer for units, with the mean of their scores.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: scores with their parts.")
@with_places
def show(context: Context, campaign_id: str, period: str | None, unit: str | None, persons: bool, as_json: bool) -> None:
    """Print the scores of CAMPAIGN in a period: points per part, score, class, place. (`show` may be left out.)"""
    campaign = known_campaign(context, campaign_id)
    periods = query(
        context, "select distinct period_id, as_of_date from marts.emulation_scores where campaign_id = ? order by 2, 1", [campaign_id]
    )
    if not periods:
        out.print(context.say("Chiến dịch này chưa có điểm thi đua", "This campaign has no emulation score yet"))
        return
    chosen = one_of(period, [row["period_id"] for row in periods], "period", periods[-1]["period_id"])
    given = {"campaign": campaign_id, "period": chosen}
    where = "campaign_id = $campaign and period_id = $period"
    scores = query(context, f"select * from marts.emulation_scores where {where} order by rank nulls last, unit_code", given)
    parts = query(context, f"select * from marts.emulation_parts where {where} order by unit_code, position", given)
    if unit:
        known = one_of(unit, [row["unit_code"] for row in scores], "unit scored with code", "")
        scores, parts = ([row for row in rows if row["unit_code"] == known] for rows in (scores, parts))
    if as_json:
        told = [score | {"parts": [p for p in parts if p["unit_code"] == score["unit_code"]]} for score in scores]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1, default=_plain))
    elif unit:
        _print_parts(context, f"{scores[0]['unit_name']} · {_title(context, campaign, scores[0])}", scores[0], parts)
    elif persons:
        _print_persons(context, _title(context, campaign, scores[0]), given)
    else:
        _print_scores(context, _title(context, campaign, scores[0]), scores, parts)


def _title(context: Context, campaign: dict[str, Any], score: dict[str, Any]) -> str:
    lang = context.lang
    closed = score["closed_at"] and score["closed_at"].astimezone(ZoneInfo(campaign["time_zone"]))
    on = day(closed or score["as_of_date"], lang)
    if score["is_closed"]:
        state = context.say(f"đã chốt {on}, {score['closed_by']}", f"signed off on {on} by {score['closed_by']}")
    else:
        state = context.say(f"tạm tính đến {on}", f"as it stands on {on}")
    title = f"{campaign[f'name_{lang}']} · {score['period_id']} · {state}"
    return title + simulated(context, campaign)


def _print_scores(context: Context, title: str, scores: list[dict[str, Any]], parts: list[dict[str, Any]]) -> None:
    lang = context.lang
    ids = list(dict.fromkeys(part["part_id"] for part in sorted(parts, key=lambda p: p["position"])))
    points = {(part["unit_code"], part["part_id"]): part for part in parts}
    weights = {part["part_id"]: part["weight"] for part in parts}
    columns = [(context.say("Hạng", "Rank"), "right"), (context.say("Đơn vị", "Unit"), "left")]
    columns += [(f"{PARTS[name][lang == 'en']} /{number(weights[name], lang)}", "right") for name in ids]
    columns += [(context.say("Điểm", "Score"), "right"), (context.say("Xếp loại", "Class"), "left")]
    rows = [
        [
            str(score["rank"] or "–"), score["unit_name"],
            *[_points(points.get((score["unit_code"], name)), lang) for name in ids],
            number(score["score"], lang, 2) or "–", score[f"class_name_{lang}"] or "",
        ]
        for score in scores
    ]  # fmt: skip
    note = context.say(
        "Điểm = 100 × điểm các phần / tổng trọng số của các phần đánh giá được; “–”: không có gì để đánh giá.",
        "Score = 100 × points / weights of the parts assessed; “–”: there was nothing to assess.",
    )
    table(title, columns, rows, note)


def _points(part: dict[str, Any] | None, lang: str) -> str:
    return number(part["points"], lang, 2) if part and part["is_assessed"] else "–"


def _print_parts(context: Context, title: str, score: dict[str, Any], parts: list[dict[str, Any]]) -> None:
    lang = context.lang
    headings = context.say(
        "Phần|Số đo|Đo trên|0 điểm ở|Đủ điểm ở|Tỷ lệ|Trọng số|Điểm", "Part|Measure|Measured on|Zero at|Full at|Share|Weight|Points"
    ).split("|")
    rows = [
        [
            PARTS[part["part_id"]][lang == "en"], number(part["measure"], lang, 2) or "–", number(part["measure_count"], lang),
            number(part["zero_at"], lang, 1), number(part["full_at"], lang, 1), number(part["normalised"], lang, 4) or "–",
            number(part["weight"], lang, 1), number(part["points"], lang, 2) or "–",
        ]
        for part in parts
    ]  # fmt: skip
    of_points = [number(score[name], lang, 2) or "–" for name in ("score", "points", "weight_assessed")]
    sums = context.say("Điểm = {} = 100 × {} / {}; {}, hạng {}/{}.", "Score = {} = 100 × {} / {}; {}, place {} of {}.")
    note = sums.format(*of_points, score[f"class_name_{lang}"] or "–", score["rank"] or "–", score["ranked_count"])
    table(title, [(text, "left" if n == 0 else "right") for n, text in enumerate(headings)], rows, note)


def _print_persons(context: Context, title: str, given: dict[str, Any]) -> None:
    lang = context.lang
    found = query(
        context,
        "select * from marts.emulation_persons where campaign_id = $campaign and period_id = $period order by rank nulls last, sender",
        given,
    )
    headings = context.say("Hạng|Người phụ trách|Đơn vị|Điểm trung bình|Thấp nhất", "Rank|Person|Units|Mean score|Lowest").split("|")
    rows = [
        [str(row["rank"] or "–"), row["sender_name"] or row["sender"], number(row["units"], lang), number(row["score"], lang, 2),
         number(row["lowest_score"], lang, 2)]
        for row in found
    ]  # fmt: skip
    note = "" if rows else context.say("Chiến dịch không có senders.csv", "The campaign has no senders.csv")
    table(title, list(zip(headings, ["right", "left", "right", "right", "right"], strict=True)), rows, note)


@emulation.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.argument("period")
@REASON
@AUTHOR
@SOURCE
@with_places
def close(context: Context, campaign_id: str, period: str, reason: str | None, author: str | None, source: str) -> None:
    """Sign off PERIOD of CAMPAIGN as it is published: later weights and later figures do not change it."""
    from pipeline import emulation as signing

    done = signing.close(context.settings, campaign_id, period, reason, author, source)
    if done.changed:
        out.print(context.say("Đã chốt điểm của {} đơn vị", "Signed off the scores of {} units").format(done.what["units"]))
    else:
        out.print(context.say("Đã chốt từ trước, không có gì thay đổi", "Signed off before, nothing changed"))


@emulation.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.argument("period")
@REASON
@AUTHOR
@SOURCE
@with_places
def reopen(context: Context, campaign_id: str, period: str, reason: str | None, author: str | None, source: str) -> None:
    """Take back the signature under PERIOD: it is scored anew until it is closed again. What was signed stays in the audit."""
    from pipeline import emulation as signing

    signing.reopen(context.settings, campaign_id, period, reason, author, source)
    out.print(context.say("Đã mở lại kỳ thi đua", "The period is open again"))


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
