"""`tiendo check`, `tiendo receipt` and `tiendo template`: what senders get and may ask for."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tiendo.cli.console import Context, err, out, progress_bars, with_places
from tiendo.errors import NotFoundError, TiendoError
from tiendo.home import written_whole

if TYPE_CHECKING:
    from tiendo.campaign import Campaign

NOT_ACCEPTED = 11  # exit code of a check: something in the file would be held or rejected
_MOMENT = click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"])
_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=_PATH)
@click.option("--campaign", "campaign_id", required=True, metavar="C", help="The campaign that the file is for.")
@click.option("--source", metavar="S", help="The source that it would be sent to, where the file's name does not tell.")
@click.option("--sender", metavar="X", help="Who would send it.")
@click.option("--at", type=_MOMENT, help="As if it arrived then (the campaign's clock); default now.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipts as a JSON list (docs/receipt.schema.json).")
@click.option("--xlsx", type=_PATH, metavar="OUT.xlsx", help="Also write the workbook with the wrong cells marked.")
@with_places
def check(
    context: Context, file: Path, campaign_id: str, source: str | None, sender: str | None, at: datetime | None, as_json: bool,
    xlsx: Path | None,
) -> None:  # fmt: skip
    """Judge FILE as if it were sent, without sending it: same readers, same rules, same words, same history.

    Nothing is kept. Exit code 0 when all of it would be accepted (maybe with remarks), else 11 (some of it held or rejected, or all known).
    """
    from pipeline.check import check as checked
    from publishers.receipts.text import render
    from tiendo.campaign_file import load_campaign

    campaign = load_campaign(context.settings, campaign_id)
    with checked(context.settings, campaign, file, source_id=source, sender=sender, at=_moment(campaign, at)) as found:
        if xlsx:
            _write_marked(context, found, xlsx)
        documents = [each.document for each in found]
        for each in found:
            if each.unread:
                _tell_unread(context, each.document, each.unread)
        if as_json:
            click.echo(json.dumps(documents, ensure_ascii=False, indent=1, sort_keys=True))
        else:
            click.echo("\n".join(render(document, context.lang, limit=None) for document in documents), nl=False)
    if any(document["verdict"] != "accepted" for document in documents):
        sys.exit(NOT_ACCEPTED)


def _write_marked(context: Context, found: list[Any], target: Path) -> None:
    from publishers.receipts.workbook import mark

    marked = [(each, *mark(each.document, each.bytes_path, context.lang)) for each in found]
    written = [(each, content) for each, content, _ in marked if content is not None]
    if len(written) == 1:
        each, content = written[0]
        with written_whole(target) as scratch:
            scratch.write_bytes(content)
        each.document["workbook"]["name"] = target.name
        return
    reasons = {reason for _, _, reason in marked if reason} or {
        "no workbook" if not written else "more than one workbook: check them one by one"
    }
    err.print(f"{target}: {context.say('không ghi', 'not written')}: {'; '.join(sorted(reasons))}", markup=False, style="yellow")


_READ_FROM_NAME = {
    "as_of": ("ngày của số liệu", "the day of the figures"),
    "unit": ("đơn vị", "the unit"),
    "slot": ("kỳ báo cáo", "the slot"),
    "sender": ("người gửi", "the sender"),
    "received": ("thời điểm nhận (sẽ lấy giờ của hệ thống)", "the time of arrival (our clock will be taken)"),
}


def _tell_unread(context: Context, document: dict[str, Any], unread: tuple[str, ...]) -> None:
    """What a collection would do with a name that does not say what the source reads from names."""
    said = context.say(
        "{}: tên tệp không theo mẫu của nguồn '{}'. Khi thu thập, tệp vẫn được lấy vào nhưng không biết: {}. Xin đổi tên rồi thử lại.",
        "{}: the name is not as source '{}' wants it. A collection would take the file in without knowing: {}. Rename it and check again.",
    )
    missing = ", ".join(context.say(*_READ_FROM_NAME[name]) for name in unread)
    err.print(said.format(document["file"]["file_name"], document["source_id"], missing), markup=False, style="yellow")


@click.command()
@click.argument("named", metavar="FILE_OR_ID", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print receipt.json instead of the text.")
@click.option("--xlsx", type=_PATH, metavar="OUT.xlsx", help="Copy the marked workbook there.")
@click.option("--rebuild", metavar="CAMPAIGN", help="Make all receipts of a campaign again, from lake and landing.")
@with_places
def receipt(context: Context, named: str | None, as_json: bool, xlsx: Path | None, rebuild: str | None) -> None:
    """Show the receipt of a file that was received: by its name (the last one) or by the receipt's id."""
    from publishers.receipts import store

    if rebuild:
        from pipeline.receipts import rebuild_receipts

        with progress_bars() as progress:
            count = rebuild_receipts(context.settings, rebuild, progress)
        out.print(context.say("{} biên nhận: {}", "{} receipts: {}").format(count, store.receipts_folder(context.settings, rebuild)))
        return
    if not named:
        raise click.UsageError("give the file's name or the receipt's id, or --rebuild CAMPAIGN")
    folder = store.find(context.settings, named)
    click.echo((folder / ("receipt.json" if as_json else f"receipt.{context.lang}.txt")).read_text(encoding="utf-8"), nl=False)
    if xlsx:
        marked = next(iter(sorted(folder.glob("marked.*"))), None)
        if marked is None:
            raise NotFoundError("this receipt has no marked workbook", where=folder.name, way_out="--json says why, under workbook")
        with written_whole(xlsx) as scratch:
            shutil.copyfile(marked, scratch)


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--unit", required=True, metavar="U", help="Code of the unit that fills it in, for itself or for the units below it.")
@click.option("--source", metavar="S", help="The source that it will be sent to; default: the first that takes workbooks.")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="Day of the figures; default: that of the next open slot.")
@click.option("-o", "--output", type=_PATH, metavar="FILE.xlsx", help="Where to write it; default: the name that the source wants, here.")
@with_places
def template(context: Context, campaign_id: str, unit: str, source: str | None, at: datetime | None, output: Path | None) -> None:
    """Write a workbook to fill in: the unit's rows, the source's headings, checks, last accepted values and the cutoff.

    Filled in as meant, it passes `tiendo check` without a finding.
    """
    from publishers.receipts.form import form_for
    from publishers.receipts.template import write_template
    from tiendo.campaign_file import load_campaign
    from tiendo.settings import utc_now
    from tiendo.units import load_units

    campaign = load_campaign(context.settings, campaign_id)
    units = load_units(context.settings, campaign)
    form = form_for(
        context.settings, campaign, units, unit, source, at.date() if at else None, utc_now(), named=output.name if output else ""
    )
    target = output or Path(form.file_name)
    if target.suffix.lower() != ".xlsx":
        raise TiendoError("the form is a workbook", where=str(target), way_out="Let the name end in .xlsx")
    with written_whole(target) as scratch:
        scratch.write_bytes(write_template(form, context.lang))
    out.print(f"{target}", soft_wrap=True, markup=False)
    if target.name != form.file_name:
        said = context.say("Khi gửi, tên tệp phải theo mẫu của nguồn", "When it is sent its name must be as the source wants it")
        such = context.say(f", ví dụ {form.file_name}", f", such as {form.file_name}") if form.file_name else ""
        err.print(f"{said}{such}", markup=False, style="yellow")


def _moment(campaign: Campaign, at: datetime | None) -> datetime | None:
    if at is None:
        return None
    return at if at.tzinfo else at.replace(tzinfo=campaign.zone)
