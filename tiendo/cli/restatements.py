"""`tiendo restatements`: what of an earlier board changed since it was shown, and who moved."""

from __future__ import annotations

from datetime import datetime

import click

from tiendo.cli.console import Context, day, known_campaign, number, one_of, out, query, simulated, table, with_places
from tiendo.cli.known import KNOWN_AT, as_known

REASON = {
    "late_report": ("báo cáo đến sau", "came late"),
    "new_version": ("bản mới", "new version"),
    "correction": ("đính chính", "correction"),
    "release": ("báo cáo treo được thả", "hold released"),
    "others_moved": ("đơn vị khác thay đổi", "others moved"),
}
_ROWS = """
select board_restatements.*, dim_level.name_vi as level_vi, dim_level.name_en as level_en
from marts.board_restatements inner join marts.dim_level using (campaign_id, level)
where campaign_id = ? and since = ? and indicator_id = ? and as_of_date = (
    select max(as_of_date) from marts.board_restatements
    where campaign_id = ? and since = ? and indicator_id = ? and as_of_date <= coalesce(?::date, date '9999-12-31')
)
order by depth, new_rank nulls last, unit_code
"""


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--since", type=click.Choice(["meeting", "board"]), default="meeting", show_default=True, help="Against which earlier board.")
@click.option("--indicator", help="Indicator (default: the campaign's).")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="For the board of this day, a meeting's (default: the newest with any).")
@KNOWN_AT
@with_places
def restatements(context: Context, campaign_id: str, since: str, indicator: str | None, at: datetime | None, known_at: str | None) -> None:
    """What of the board of the last meeting (or the last board) of CAMPAIGN changed since it was shown, and whose rank moved."""
    context = as_known(context, campaign_id, known_at)
    campaign = known_campaign(context, campaign_id)
    known = query(context, "select indicator_id from marts.dim_indicator where campaign_id = ? order by position", [campaign_id])
    indicator = one_of(indicator, [row["indicator_id"] for row in known], "indicator", campaign["board_indicator_id"])
    asked = [campaign_id, since, indicator]
    rows = query(context, _ROWS, [*asked, *asked, at.date() if at else None])
    if not rows:
        out.print(context.say("Không có số liệu nào của bảng trước thay đổi", "Nothing of an earlier board has changed"))
        return
    older, newer = (day(rows[0][name], context.lang) for name in ("since_date", "as_of_date"))
    said = context.say("bảng ngày {}: khi công bố, và theo bảng ngày {}", "board of {}: as shown, and as known at that of {}")
    title = f"{campaign[f'name_{context.lang}']} · {said.format(older, newer)}" + simulated(context, campaign)
    headings = context.say("Cấp|Đơn vị|Khi đó|Nay|+/-|Hạng khi đó|Hạng nay|Vì sao", "Level|Unit|Then|Now|+/-|Rank then|Rank now|Why").split(
        "|"
    )
    sides = ["left", "left", "right", "right", "right", "right", "right", "left"]
    body = [
        [
            row[f"level_{context.lang}"], row["unit_name"], number(row["old_value"], context.lang), number(row["new_value"], context.lang),
            number(row["change"], context.lang), str(row["old_rank"] or "–"), str(row["new_rank"] or "–"),
            ", ".join(context.say(*REASON[reason]) for reason in row["reasons"].split(", ")),
        ]
        for row in rows
    ]  # fmt: skip
    table(title, list(zip(headings, sides, strict=True)), body)
