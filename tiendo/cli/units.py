"""`tiendo units`: lists of units taken over, compared and checked; where a unit went and came from."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import click

from tiendo.cli.console import Context, err, out, with_places
from tiendo.errors import CampaignError, NotFoundError

_DAY = click.DateTime(["%Y-%m-%d"])
BASIS = {
    "whole": ("toàn bộ", "whole"), "given": ("tỷ lệ đã cho", "given"), "equal": ("chia đều", "equal"),
    "largest": ("về đơn vị lớn nhất", "largest"), "goes_on": ("giữ mã", "goes_on"),
}  # fmt: skip


@click.group()
def units() -> None:
    """Take over a list of units, compare two lists, check a campaign's units, follow a unit through reorganisations."""


@units.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-of", type=_DAY, metavar="DATE", help="The list is of that day: what is in units.csv already is carried on.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER", help="Campaign folder; default: print units.csv."
)
@with_places
def import_(context: Context, files: tuple[Path, ...], as_of: datetime | None, into: Path | None) -> None:
    """Make units.csv of a published list, CSV or JSON: codes as text, names, levels, parents. Several files are one list."""
    from tiendo.home import written_whole
    from tiendo.unit_lists import Listed, carried_on, read_lines, read_list, write_lines

    levels, file = _levels(into), into / "units.csv" if into else None
    listed: dict[str, Listed] = {}
    lines = read_lines(file) if file and file.is_file() else []
    for given in files:
        listed |= read_list(given, levels, {line.unit_code: line.level for line in lines})
    if lines and not as_of:
        raise CampaignError([f"{file}: is there already. Say --as-of DATE, the day of the list, to carry it on; or remove it"])
    result = carried_on(lines, listed, as_of.date() if as_of else None)
    if file is None:
        text = StringIO()
        write_lines(text, result)
        click.echo(text.getvalue(), nl=False)
        return
    with written_whole(file) as scratch, Path(scratch).open("w", encoding="utf-8", newline="") as handle:
        write_lines(handle, result)
    per_level = Counter(unit.level for unit in listed.values())
    counts = ", ".join(f"{level} {per_level[level]}" for level in (levels or sorted(per_level)) if per_level[level])
    out.print(context.say(f"{file}: {len(result)} dòng ({counts})", f"{file}: {len(result)} lines ({counts})"), markup=False)


@units.command()
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Lines of each kind; counts are of all.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, without limit.")
@with_places
def diff(context: Context, old: Path, new: Path, limit: int, as_json: bool) -> None:
    """What differs between two lists (any that `import` reads, or units.csv): opened, closed, renamed, moved."""
    from tiendo.unit_lists import differences, read_list

    before, after = read_list(old), read_list(new)
    found = differences(before, after)
    lines: dict[str, list[dict[str, str]]] = {
        "opened": [_listed(unit) for unit in found.opened],
        "closed": [_listed(unit) for unit in found.closed],
        "renamed": [{"unit_code": code, "from": was, "to": now} for code, was, now in found.renamed],
        "moved": [{"unit_code": code, "from": was, "to": now} for code, was, now in found.moved],
    }  # fmt: skip
    counts = {"old": len(before), "new": len(after)} | {kind: len(changed) for kind, changed in lines.items()}
    if as_json:
        click.echo(json.dumps({"counts": counts, **lines}, ensure_ascii=False, indent=1))
        return
    words = context.say("mở|đóng|đổi tên|chuyển cấp trên", "opened|closed|renamed|moved").split("|")
    out.print(
        context.say(f"{old}: {len(before)} đơn vị; {new}: {len(after)}", f"{old}: {len(before)} units; {new}: {len(after)}"), markup=False
    )
    for (kind, changed), word in zip(lines.items(), words, strict=True):
        out.print(f"{word}: {len(changed)}", style="bold")
        for line in changed[:limit]:
            what = f"{line['from']} → {line['to']}" if kind in ("renamed", "moved") else f"{line['unit_name']} ({line['parent_code']})"
            out.print(f"  {line['unit_code']}  {what}", markup=False)
        if len(changed) > limit:
            out.print(context.say(f"  … và {len(changed) - limit} đơn vị nữa (--limit)", f"  … and {len(changed) - limit} more (--limit)"))


@units.command("check")
@click.argument("campaign", metavar="CAMPAIGN")
@with_places
def check_units(context: Context, campaign: str) -> None:
    """Every fault of a campaign's units.csv and crosswalk with file and line (exit 2), then what is legal and should be looked at."""
    from tiendo.units import homonyms, load_reorganisation, load_units

    found = _campaign(context, campaign)
    try:
        known, changes = load_units(context.settings, found), load_reorganisation(found)
    except CampaignError as error:
        for fault in error.faults:
            err.print(fault, markup=False)
        err.print(context.say(f"{len(error.faults)} lỗi", f"{len(error.faults)} faults"), style="red")
        sys.exit(CampaignError.exit_code)
    remarks = changes.crosswalk.remarks + homonyms(found)
    for remark in remarks:
        out.print(remark, markup=False)
    counts = ", ".join(f"{level} {int((known['level'] == level).sum())}" for level in found.level_ids)
    out.print(
        context.say(
            f"{found.id}: hợp lệ, {len(remarks)} điều cần xem; {counts}; bảng chuyển đổi {len(changes.crosswalk.rows)} dòng",
            f"{found.id}: valid, {len(remarks)} to look at; {counts}; crosswalk {len(changes.crosswalk.rows)} lines",
        ),
        markup=False,
    )


@units.command()
@click.argument("campaign", metavar="CAMPAIGN")
@click.argument("unit", metavar="UNIT")
@click.option("--at", type=_DAY, metavar="DATE", help="The unit as it was on that day; default: its last day, or as it is in the end.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_places
def crosswalk(context: Context, campaign: str, unit: str, at: datetime | None, as_json: bool) -> None:
    """Where a unit went and what it came from, through every change, with weights."""
    from tiendo.crosswalk import parts
    from tiendo.units import load_reorganisation, load_units

    found = _campaign(context, campaign)
    known = load_units(context.settings, found).set_index("unit_code")
    if unit not in known.index:
        raise NotFoundError(f"no unit '{unit}' in {found.id}", way_out="Give a unit_code of units.csv, zeros at the front included")
    changes = load_reorganisation(found)
    rows, periods = changes.crosswalk.rows, changes.periods
    last: Any = known.loc[unit, "closed_on"]
    day: date = at.date() if at else last or date.max

    def named(code: str, on: date) -> str:
        then = periods[(periods["unit_code"] == code) & (periods["valid_from"] <= on) & (periods["valid_to"] >= on)]
        return str(then["unit_name"].iloc[0] if len(then) else known.loc[code, "unit_name"])

    answer: dict[str, Any] = {"unit_code": unit, "unit_name": named(unit, day), "at": None if day == date.max else str(day)}
    for key, forward in (("came_from", False), ("went_to", True)):
        answer[key] = [
            {**end, "unit_name": named(end["unit_code"], end["day"]), "day": str(end["day"])}
            for end in parts(rows, unit, day, forward=forward)
        ]
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    out.print(f"{unit} {answer['unit_name']}" + (f" · {answer['at']}" if answer["at"] else ""), style="bold", markup=False)
    for key, word, until in (
        ("came_from", context.say("Từ", "Came from"), context.say("đến hết", "until")),
        ("went_to", context.say("Thành", "Went to"), context.say("từ", "from")),
    ):
        for end in answer[key]:
            share = f"{_weight(context, end['weight'])} ({context.say(*BASIS[end['weight_basis']])})"
            out.print(f"  {word} {end['unit_code']} {end['unit_name']}: {share}, {until} {end['day']}", markup=False)
    if not answer["came_from"] and not answer["went_to"]:
        out.print(context.say("  Chưa từng thay đổi", "  It never changed"))


def _weight(context: Context, weight: float) -> str:
    shown = f"{weight:.6g}"
    return shown.replace(".", ",") if context.lang == "vi" else shown


def _listed(unit: Any) -> dict[str, str]:
    return {name: getattr(unit, name) for name in ("unit_code", "unit_name", "level", "parent_code")}


def _campaign(context: Context, campaign: str) -> Any:
    """A campaign by its id or its folder."""
    from tiendo.campaign_file import load_campaign, read_campaign

    folder = Path(campaign)
    return read_campaign(folder.absolute()) if (folder / "campaign.yml").is_file() else load_campaign(context.settings, campaign)


def _levels(folder: Path | None) -> list[str] | None:
    """Levels of the campaign in `folder`, where it has a campaign.yml already; read without checking the rest of it."""
    from tiendo import plain_yaml

    file = folder / "campaign.yml" if folder else None
    if folder and not folder.is_dir():
        raise NotFoundError(f"no folder '{folder}'", way_out="Start one with `tiendo campaign new`")
    if not file or not file.is_file():
        return None
    listed = (plain_yaml.load(file.read_text(encoding="utf-8-sig")) or {}).get("levels") or []
    return [str(level["id"]) for level in listed if isinstance(level, dict) and "id" in level] or None
