"""`tiendo reinforce`: where more people bring most before the next milestone, with the reasoning."""

from __future__ import annotations

import csv
import json
import sys
from datetime import date, datetime
from typing import Any

import click

from tiendo.cli.console import Context, day, known_campaign, number, one_of, out, query, simulated, table, with_places

# Each further person goes where it brings most by the due day. Within a unit the gain of the next one is never larger than that of the
# one before, so the best N steps of all units together are what sending one after the other would choose.
_ALLOCATED = """
with units as (
    select * from marts.reinforcement where campaign_id = $campaign and level = $level and as_of_date = $day
),
steps as (
    select unit_code, position, person_no,
        least(productivity * days_left, shortfall - (person_no - 1) * productivity * days_left) as gain
    from (
        select *, unnest(range(1, least(people_needed, $people) + 1)) as person_no from units where shortfall > 0 and productivity > 0
    )
),
chosen as (
    select * from steps where gain > 1e-9 order by round(gain, 9) desc, position, unit_code, person_no limit $people
),
sent as (
    select unit_code, count(*) as people, sum(gain order by person_no) as expected_gain from chosen group by unit_code
)
select units.* exclude (campaign_id), coalesce(sent.people, 0) as people, coalesce(sent.expected_gain, 0) as expected_gain
from units left join sent using (unit_code)
order by people desc, position nulls last, unit_code
"""


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--people", type=click.IntRange(min=1), required=True, help="How many people there are to send.")
@click.option("--level", help="Level of the units (default: the campaign's).")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="As of this day (default: the newest).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@with_places
def reinforce(context: Context, campaign_id: str, people: int, level: str | None, at: datetime | None, as_json: bool, as_csv: bool) -> None:
    """Where PEOPLE more people bring most in CAMPAIGN before the next milestone; a table with the reasoning, no verdict."""
    campaign = known_campaign(context, campaign_id)
    found = query(
        context,
        """select level, max(as_of_date) as day from marts.reinforcement
           where campaign_id = ? and as_of_date <= coalesce(?::date, date '9999-12-31') group by level order by level""",
        [campaign_id, at.date() if at else None],
    )
    days: dict[str, date] = {row["level"]: row["day"] for row in found}
    chosen = one_of(level, sorted(days), "milestone ahead at level", campaign["board_level"])
    of_day = days.get(chosen)
    asked = {"campaign": campaign_id, "level": chosen, "day": of_day, "people": people}
    rows = query(context, _ALLOCATED, asked) if of_day and (not at or of_day == at.date()) else []
    sent, gain = sum(row["people"] for row in rows), sum(row["expected_gain"] for row in rows)
    if as_json:
        told = {"campaign_id": campaign_id, "level": chosen, "as_of_date": of_day if rows else None, "people": people, "people_sent": sent}
        told |= {"expected_gain": gain, "is_simulated": campaign["is_simulated"], "units": rows}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1, default=_plain))
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else ["unit_code", "people"], lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    elif not rows:
        out.print(context.say("Vào ngày này không có mốc nào phía trước", "No milestone lies ahead on that day"))
    else:
        _print(context, campaign, rows, people, sent, gain)


def _print(context: Context, campaign: dict[str, Any], rows: list[dict[str, Any]], people: int, sent: int, gain: float) -> None:
    lang, first = context.lang, rows[0]
    names = query(
        context,
        f"""select m.name_{lang} as milestone, i.name_{lang} as indicator from marts.dim_milestone m
            join marts.dim_indicator i using (campaign_id, indicator_id)
            where m.campaign_id = ? and m.milestone_id = ? and m.level = ?""",
        [campaign["campaign_id"], first["milestone_id"], first["level"]],
    )[0]
    title = f"{campaign[f'name_{lang}']} · {names['indicator']} · {day(first['as_of_date'], lang)}\n"
    title += context.say(
        f"Mốc tới: {names['milestone']}, hạn {day(first['due_date'], lang)}, còn {first['days_left']} ngày báo cáo",
        f"Next milestone: {names['milestone']}, due {day(first['due_date'], lang)}, {first['days_left']} reporting days left",
    )
    title += simulated(context, campaign)
    headings = context.say(
        "Thêm người|Đơn vị|Thêm được|Còn thiếu|Thiếu đến hạn|Ngày công|Năng suất|Theo|Một người thêm|Cần thêm|Vướng mắc",
        "Send|Unit|Gain|Gap|Short at due|People-days|Productivity|From|Per person|Needed|Stuck on",
    ).split("|")
    sides = ["right", "left", "right", "right", "right", "right", "right", "left", "right", "right", "left"]
    basis = {"own": ("đơn vị", "own"), "level": ("cả cấp", "level"), "norm": ("định mức", "norm"), None: ("chưa rõ", "unknown")}
    lines = [
        [
            number(row["people"], lang) if row["people"] else "", row["unit_name"],
            number(row["expected_gain"], lang) if row["people"] else "", number(row["gap"], lang), number(row["shortfall"], lang),
            number(row["people_days"], lang, 1), number(row["productivity"], lang, 1), basis[row["productivity_basis"]][lang == "en"],
            number(row["gain_per_person"], lang), number(row["people_needed"], lang), row["bottlenecks"] or "",
        ]
        for row in rows if row["gap"] is None or row["gap"] > 0
    ]  # fmt: skip
    note = context.say(
        f"Bố trí {number(sent, lang)} trong {number(people, lang)} người, dự kiến thêm {number(gain, lang)}. Mỗi người tiếp theo đến nơi"
        " thêm được nhiều nhất trước hạn; năng suất lấy của 7 ngày gần nhất, không quá định mức.",
        f"{number(sent, lang)} of {number(people, lang)} people sent, {number(gain, lang)} more expected. Each further person goes where"
        " it brings most by the due day; productivity is that of the last 7 days, at most the norm.",
    )
    if any(row["people"] and row["productivity_basis"] == "norm" for row in rows):
        note += context.say(
            " Nơi chưa có 7 ngày số liệu được tính theo định mức: số dự kiến là mức cao nhất có thể, không phải dự báo.",
            " Units without 7 days of figures are reckoned at the norm: what is expected there is the most that can be, no forecast.",
        )
    table(title, list(zip(headings, sides, strict=True)), lines, note)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _safe(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t" else value
