"""`tiendo briefing`: what a meeting has to know, sentence by sentence, each with the query that gives its numbers."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tiendo.cli.console import Context, day, known_campaign, out, query, with_places
from tiendo.cli.known import KNOWN_AT, as_known
from tiendo.errors import NotFoundError
from tiendo.home import written_whole
from tiendo.words import group

_MEETINGS = """
select meetings.*, cast(meetings.held_at at time zone campaigns.time_zone as varchar) as held_local
from marts.dim_meeting as meetings
inner join marts.dim_campaign as campaigns using (campaign_id)
where campaign_id = ? and meeting_id in (select meeting_id from marts.briefing where campaign_id = ?)
order by held_at, meeting_id
"""
_STATEMENTS = "select * from marts.briefing where campaign_id = ? and meeting_id = ? order by section, position"


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--meeting", type=click.DateTime(["%Y-%m-%d"]), help="The meeting of this day or the last before it (default: the newest).")
@click.option("--queries", is_flag=True, help="Below each sentence the query that gives its numbers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, queries included.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it to this file.")
@KNOWN_AT
@with_places
def briefing(
    context: Context, campaign_id: str, meeting: datetime | None, queries: bool, as_json: bool, output: Path | None, known_at: str | None
) -> None:
    """The briefing of a meeting of CAMPAIGN: headlines, movers, milestones, who explains, who shows, silent, recounts, changes."""
    context = as_known(context, campaign_id, known_at)
    campaign = known_campaign(context, campaign_id)
    held = _meeting(context, campaign_id, meeting)
    rows = query(context, _STATEMENTS, [campaign_id, held["meeting_id"]])
    if as_json:
        sections = list(group("briefing", context.lang))
        rows.sort(key=lambda row: sections.index(row["section"]))
        told = {name: held[name] for name in ("campaign_id", "meeting_id", "meeting_date", "held_at", "board_date")}
        text = json.dumps(told | {"is_simulated": campaign["is_simulated"], "statements": rows}, ensure_ascii=False, indent=1, default=str)
    else:
        text = _text(context, campaign, held, rows, queries)
    if output:
        with written_whole(output) as scratch:
            scratch.write_text(text + "\n", encoding="utf-8")
        out.print(context.say(f"Đã ghi {output}", f"Written: {output}"), markup=False, soft_wrap=True)
    else:
        click.echo(text)


def _meeting(context: Context, campaign_id: str, wanted: datetime | None) -> dict[str, Any]:
    """The meeting of a day, or the last one before it; raises NotFoundError where there is none with a briefing."""
    meetings = query(context, _MEETINGS, [campaign_id, campaign_id])
    chosen = [row for row in meetings if wanted is None or row["meeting_date"] <= wanted.date()]
    if not chosen:
        days = ", ".join(str(row["meeting_date"]) for row in meetings)
        way_out = f"Meetings with a briefing: {days}" if days else "Say when the meetings are, under `meetings` in campaign.yml"
        asked = f" up to {wanted.date()}" if wanted else ""
        raise NotFoundError(f"campaign '{campaign_id}' has no meeting with a complete board{asked}", way_out=way_out)
    return chosen[-1]


def _text(context: Context, campaign: dict[str, Any], held: dict[str, Any], rows: list[dict[str, Any]], queries: bool) -> str:
    lang = context.lang
    lines = [campaign[f"name_{lang}"]]
    if campaign["is_simulated"]:
        lines.append(context.say("SỐ LIỆU MÔ PHỎNG", "SIMULATED FIGURES"))
    said = context.say("{} {}, {} · bảng ngày {}", "{} {}, {} · board of {}")
    meeting_day, board_day = day(held["meeting_date"], lang), day(held["board_date"], lang)
    lines.append(said.format(held[f"name_{lang}"], held["held_local"][11:16], meeting_day, board_day))
    for section, heading in group("briefing", lang).items():
        statements = [row for row in rows if row["section"] == section]
        lines += ["", heading[:1].upper() + heading[1:]]
        for row in statements:
            lines.append(f"- {row[f'text_{lang}']}")
            if queries:
                lines.append(f"    {row['query']}")
        if not statements:
            lines.append(context.say("- không có", "- none"))
    return "\n".join(lines)
