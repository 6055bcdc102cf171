"""`tiendo recounts`: where a re-verification team should go first, and why."""

from __future__ import annotations

from typing import Any

import click

from tiendo.cli.console import Context, day, known_campaign, number, out, query, simulated, table, with_places


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="This many units of the queue.")
@with_places
def recounts(context: Context, campaign_id: str, top: int) -> None:
    """Where to count again first in CAMPAIGN, and why; then what earlier recounts found."""
    campaign = known_campaign(context, campaign_id)
    queue = query(context, "select * from marts.recount_queue where campaign_id = ? order by position limit ?", [campaign_id, top])
    if not queue:
        out.print(context.say("Chưa có đơn vị nào tự báo cáo chỉ số của bảng", "No unit reports the board's indicator itself yet"))
        return
    title = f"{campaign[f'name_{context.lang}']} · {day(queue[0]['as_of_date'], context.lang)}"
    title += simulated(context, campaign)
    headings = context.say("Thứ tự|Đơn vị|Điểm|Số liệu|Cần kiểm đếm lại vì", "Place|Unit|Score|Value|Count again because of").split("|")
    lang = context.lang
    rows = [
        [str(r["position"]), r["unit_name"], number(r["score"], lang, 1), number(r["value"], lang), r[f"reasons_{lang}"] or ""]
        for r in queue
    ]
    table(title, list(zip(headings, ["right", "left", "right", "right", "left"], strict=True)), rows, _note(context))
    _found(context, campaign_id)


def _note(context: Context) -> str:
    return context.say(
        "Chỗ đứng không nói lên lỗi của ai. Nếu mọi đơn vị cùng khai tăng như nhau thì chỉ kiểm đếm lại mới tìm ra.",
        "A place says nothing about anybody's honesty. Inflation by everybody alike is found by recounts only.",
    )


def _found(context: Context, campaign_id: str) -> None:
    factors: list[dict[str, Any]] = query(
        context,
        f"""
        select v.*, u.unit_name, i.name_{context.lang} as indicator
        from marts.verification_factors as v
        join marts.dim_unit as u using (campaign_id, unit_code)
        join marts.dim_indicator as i using (campaign_id, indicator_id)
        where v.campaign_id = ?
        order by u.depth, v.unit_code, i.position
        """,
        [campaign_id],
    )
    if not factors:
        return
    headings = context.say(
        "Đơn vị|Chỉ số|Đơn vị đã đếm|Báo cáo|Đếm được|Hệ số|Lần gần nhất", "Unit|Indicator|Units counted|Reported|Found|Factor|Last on"
    ).split("|")
    sides = ["left", "left", "right", "right", "right", "right", "left"]
    lang = context.lang
    rows = [
        [f["unit_name"], f["indicator"], str(f["units_recounted"]), number(f["reported_value"], lang), number(f["recounted_value"], lang),
         number(f["verification_factor"], lang, 2) or "–", day(f["last_recounted_on"], lang)]
        for f in factors
    ]  # fmt: skip
    table(context.say("Kết quả kiểm đếm lại", "What recounts found"), list(zip(headings, sides, strict=True)), rows)
