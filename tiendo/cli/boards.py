"""`tiendo leaderboard`, `tiendo milestones`, `tiendo findings`: the published marts in the terminal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from tiendo.cli.console import Context, day, known_campaign, number, one_of, out, query, simulated, table, with_places
from tiendo.cli.known import KNOWN_AT, as_known
from tiendo.errors import NotFoundError
from tiendo.words import group, word


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--level", help="Level of the units (default: the campaign's).")
@click.option("--indicator", help="Indicator (default: the campaign's).")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="Board of this day (default: the newest).")
@KNOWN_AT
@with_places
def leaderboard(
    context: Context, campaign_id: str, level: str | None, indicator: str | None, at: datetime | None, known_at: str | None
) -> None:
    """The leaderboard of CAMPAIGN: ranks, values, targets, tiers; unranked units with the reason."""
    context = as_known(context, campaign_id, known_at)
    campaign = known_campaign(context, campaign_id)
    boards = query(
        context,
        "select distinct level, indicator_id from marts.leaderboard where campaign_id = ? order by all",
        [campaign_id],
    )
    levels, indicators = sorted({b["level"] for b in boards}), sorted({b["indicator_id"] for b in boards})
    if not boards:
        out.print(context.say("Chưa có số liệu nào được chấp nhận", "No figure has been accepted yet"))
        return
    level = one_of(level, levels, "board at level", campaign["board_level"] if campaign["board_level"] in levels else levels[0])
    indicator = one_of(indicator, indicators, "board of indicator", campaign["board_indicator_id"])
    rows = query(
        context,
        """
        select * from marts.leaderboard
        where campaign_id = ? and level = ? and indicator_id = ? and as_of_date = (
            select max(as_of_date) from marts.leaderboard
            where campaign_id = ? and level = ? and indicator_id = ? and as_of_date <= coalesce(?::date, date '9999-12-31')
        )
        order by peer_group, position
        """,
        [campaign_id, level, indicator, campaign_id, level, indicator, at.date() if at else None],
    )
    if not rows:
        out.print(context.say("Không có bảng xếp hạng nào tới ngày này", "No board up to that day"))
        return
    names = query(
        context, "select name_vi, name_en from marts.dim_indicator where campaign_id = ? and indicator_id = ?", [campaign_id, indicator]
    )[0]
    title = f"{campaign[f'name_{context.lang}']} · {names[f'name_{context.lang}']} · {day(rows[0]['as_of_date'], context.lang)}"
    title += simulated(context, campaign)
    headings = context.say("Hạng|Đơn vị|Thực hiện|Chỉ tiêu|%|Xếp loại|+/-|Ghi chú", "Rank|Unit|Value|Target|%|Tier|+/-|Note").split("|")
    sides = ["right", "left", "right", "right", "right", "left", "right", "left"]
    met = rows[0]["last_meeting_date"]
    if met:
        headings.insert(7, context.say("+/- họp", "+/- mtg"))
        sides.insert(7, "right")
    body = [_board_row(context, row, bool(met)) for row in rows]
    before = max((row["previous_board_date"] for row in rows if row["previous_board_date"]), default=None)
    table(title, list(zip(headings, sides, strict=True)), body, _notes(context, before, met))


def _notes(context: Context, before: date | None, met: date | None) -> str:
    notes = [
        context.say(
            "Hạng = 1 + số đơn vị tốt hơn; đồng hạng xếp theo mã đơn vị.", "Rank = 1 + number of better units; ties are shown by unit code."
        )
    ]
    if before:
        shown = day(before, context.lang)
        notes.append(context.say(f"+/-: so với bảng ngày {shown}.", f"+/-: against the board of {shown}."))
    if met:
        shown = day(met, context.lang)
        notes.append(
            context.say(
                f"+/- họp: so với bảng ngày {shown} của cuộc họp trước.",
                f"+/- mtg: against the board of {shown}, that of the last meeting.",
            )
        )
    return " ".join(notes)


def _board_row(context: Context, row: dict[str, Any], has_met: bool) -> list[str]:
    lang = context.lang
    note = []
    if row["unranked_reason"]:
        note.append(group("unranked", lang).get(row["unranked_reason"], row["unranked_reason"]))
    if row["is_provisional"]:
        note.append(
            context.say(f"tạm tính, số liệu ngày {day(row['last_as_of_date'], lang)}", f"provisional, figure of {row['last_as_of_date']}")
        )
    changes = [row["rank_change"], *([row["meeting_rank_change"]] if has_met else [])]
    return [
        str(row["rank"] or "–"), row["unit_name"], number(row["value"], lang), number(row["target"], lang),
        number(row["attained_pct"], lang, 2), row[f"tier_name_{lang}"] or "",
        *[f"{change:+d}" if change else "" for change in changes], "; ".join(note),
    ]  # fmt: skip


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--level", help="Level of the units (default: every level that has milestones).")
@KNOWN_AT
@with_places
def milestones(context: Context, campaign_id: str, level: str | None, known_at: str | None) -> None:
    """The milestones of CAMPAIGN: how many units reached them, who is at risk, who missed."""
    context = as_known(context, campaign_id, known_at)
    campaign = known_campaign(context, campaign_id)
    levels = [
        r["level"] for r in query(context, "select distinct level from marts.milestones where campaign_id = ? order by 1", [campaign_id])
    ]
    wanted = [one_of(level, levels, "milestones at level", "")] if level else levels
    counts = query(
        context,
        """
        select m.level, any_value(l.name_vi) as level_vi, any_value(l.name_en) as level_en, m.milestone_id,
            any_value(d.name_vi) as name_vi, any_value(d.name_en) as name_en,
            any_value(m.due_at at time zone c.time_zone) as due, m.status, count(*) as units,
            min(m.reached_on) as first_on, list(u.unit_name order by u.unit_code) as who
        from marts.milestones as m
        join marts.dim_milestone as d using (campaign_id, milestone_id, level)
        join marts.dim_unit as u using (campaign_id, unit_code)
        join marts.dim_level as l on l.campaign_id = m.campaign_id and l.level = m.level
        join marts.dim_campaign as c using (campaign_id)
        where m.campaign_id = ? and list_contains(?, m.level)
        group by m.level, m.milestone_id, m.status
        order by any_value(l.depth), due nulls last, m.milestone_id, units desc
        """,
        [campaign_id, wanted],
    )
    if not counts:
        out.print(context.say("Chiến dịch này không có mốc nào", "This campaign has no milestones"))
        return
    headings = context.say("Cấp|Mốc|Hạn|Trạng thái|Đơn vị|Đầu tiên|Ai", "Level|Milestone|Due|Status|Units|First|Who").split("|")
    sides = ["left", "left", "left", "left", "right", "left", "left"]
    rows = [
        [
            r[f"level_{context.lang}"], r[f"name_{context.lang}"], day(r["due"], context.lang),
            word(f"status.{r['status']}", context.lang),
            str(r["units"]), day(r["first_on"], context.lang), _names(r["who"]),
        ]
        for r in counts
    ]  # fmt: skip
    title = f"{campaign[f'name_{context.lang}']} · " + context.say("các mốc", "milestones") + simulated(context, campaign)
    table(title, list(zip(headings, sides, strict=True)), rows)


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} … +{len(names) - 6}"


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--unit", help="Only of this unit code.")
@click.option("--rule", help="Only of this rule.")
@click.option("--severity", type=click.Choice(["reject", "hold", "flag"]), help="Only of this severity.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most this many, newest first.")
@KNOWN_AT
@with_places
def findings(
    context: Context, campaign_id: str, unit: str | None, rule: str | None, severity: str | None, limit: int, known_at: str | None
) -> None:
    """What the rules found in CAMPAIGN: counts by rule, then the newest findings with place and remedy."""
    context = as_known(context, campaign_id, known_at)
    campaign = known_campaign(context, campaign_id)
    _known(context, "dim_rule", "rule_id", campaign_id, rule, "rule", "docs/rules.md lists the rules")
    _known(context, "dim_unit", "unit_code", campaign_id, unit, "unit with code", "Give the code, as in units.csv")
    where = """
        campaign_id = ? and unit_code is not distinct from coalesce(?, unit_code) and rule_id = coalesce(?, rule_id)
        and severity = coalesce(?, severity)
    """
    parameters = [campaign_id, unit, rule, severity]
    counts = query(
        context,
        f"""
        select rule_id, dimension, severity, count(*) as n,
            coalesce(effect_reason, case when hold_status <> 'open' then 'settled' end, '') as without_effect
        from marts.fct_findings where {where}
        group by all order by without_effect, n desc, rule_id
        """,
        parameters,
    )  # fmt: skip
    said = context.say("phát hiện theo quy tắc", "findings by rule")
    title = f"{campaign[f'name_{context.lang}']} · {said}{simulated(context, campaign)}"
    headings = context.say("Quy tắc|Chiều|Mức|Số lượng", "Rule|Dimension|Severity|Count").split("|")
    apart = group("without_effect", context.lang)
    for reason in dict.fromkeys(c["without_effect"] for c in counts):
        idle = context.say(": không có tác dụng", ": without effect") if reason in ("shadow", "waiver") else ""
        which = f" ({apart[reason]}{idle})" if reason else ""
        table(title + which, list(zip(headings, ["left", "left", "left", "right"], strict=True)),
              [[c["rule_id"], c["dimension"], c["severity"], number(c["n"], context.lang)]
               for c in counts if c["without_effect"] == reason])  # fmt: skip
    rows = query(
        context,
        f"""
        select *, found_at at time zone (select time_zone from marts.dim_campaign where campaign_id = f.campaign_id) as found_local
        from marts.fct_findings as f where {where} order by effect is not distinct from 'none', found_at desc, finding_id limit ?
        """,
        [*parameters, limit],
    )
    headings = context.say("Lúc|Đơn vị|Quy tắc|Ở đâu|Vì sao|Cách sửa", "At|Unit|Rule|Where|Why|Remedy").split("|")
    table("", [(h, "left") for h in headings], [_finding_row(context, row) for row in rows])


def _known(context: Context, table_name: str, column: str, campaign_id: str, value: str | None, what: str, way_out: str) -> None:
    sql = f"select count(*) as n from marts.{table_name} where campaign_id = ? and {column} = ?"
    if value is not None and not query(context, sql, [campaign_id, value])[0]["n"]:
        raise NotFoundError(f"{campaign_id} has no {what} '{value}'", way_out=way_out)


def _finding_row(context: Context, row: dict[str, Any]) -> list[str]:
    place = ":".join(str(part) for part in (row["file_name"], row["sheet"], row["row_number"], row["column_name"]) if part)
    moment = row["found_local"].strftime("%d/%m %H:%M" if context.lang == "vi" else "%m-%d %H:%M") if row["found_local"] else ""
    unit = row["unit_name"] or row["unit_code"] or ""
    state = group("without_effect", context.lang).get(row["effect_reason"]) or group("hold_status", context.lang).get(row["hold_status"])
    rule = row["rule_id"] + (f"\n({state})" if state else "")
    return [moment, unit, rule, place or row["slot_id"] or "", row[f"message_{context.lang}"], row[f"remedy_{context.lang}"]]
