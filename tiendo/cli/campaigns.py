"""`tiendo campaign check` and `tiendo campaign new`."""

from __future__ import annotations

import re
import sys
from functools import partial
from pathlib import Path

import click

from tiendo.cli.console import Context, err, out, with_places
from tiendo.errors import CampaignError, NotFoundError
from tiendo.errors_vi import vietnamese


@click.group()
def campaign() -> None:
    """Check a campaign folder, or start a new one."""


@campaign.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_places
def check(context: Context, folder: Path) -> None:
    """Print every fault of the campaign in FOLDER with file, line, what was found and what is allowed; exit 2 if there is one."""
    from expectations.catalogue import check_rules
    from loaders.simulation_plan import read_plan
    from tiendo.campaign_file import read_campaign
    from tiendo.corrections import load_corrections
    from tiendo.mentions import follow_faults, unit_faults
    from tiendo.recounts import load_recounts
    from tiendo.senders import load_senders
    from tiendo.targets import load_targets
    from tiendo.units import load_aliases, load_units

    if not folder.is_dir():
        raise NotFoundError(f"no folder '{folder}'", way_out="Give the folder that holds campaign.yml")
    faults: list[str] = []
    try:
        found = read_campaign(folder.absolute())
        faults += check_rules(found)
        for source in found.sources:
            if source.kind == "simulation":
                read_plan(found, source)
        units = load_units(context.settings, found)
        faults += unit_faults(found, units) + follow_faults(context.settings, found)
        for load in (load_aliases, load_senders, load_recounts, load_corrections, partial(load_targets, context.settings)):
            try:
                load(found, units)
            except CampaignError as error:
                faults += error.faults
    except CampaignError as error:
        faults += error.faults
    for fault in faults:
        err.print(vietnamese(fault) if context.lang == "vi" else fault, markup=False)
    if faults:
        err.print(context.say(f"{len(faults)} lỗi", f"{len(faults)} faults"), style="red")
        sys.exit(CampaignError.exit_code)
    out.print(context.say(f"{folder}: hợp lệ", f"{folder}: valid"))


@campaign.command()
@click.argument("campaign_id", metavar="ID")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), default=Path("campaigns"), show_default=True, help="Parent folder."
)
@with_places
def new(context: Context, campaign_id: str, into: Path) -> None:
    """Write a commented starter folder for campaign ID that passes `check`."""
    from tiendo.cli.starter import write_starter

    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", campaign_id):
        raise NotFoundError(f"'{campaign_id}' is no campaign id", way_out="Use small letters, digits and _, a letter first: hai_phong_2026")
    folder = into / campaign_id
    if folder.exists():
        raise NotFoundError(f"{folder} is there already", way_out="Choose another id, or remove the folder")
    write_starter(folder, campaign_id)
    out.print(context.say(f"Đã tạo {folder}. Sửa các tệp rồi chạy:", f"Written: {folder}. Edit its files, then run:"))
    out.print(f"  tiendo campaign check {folder}\n  tiendo run {campaign_id} --campaigns {into}", markup=False)
