"""The marts as they were known at a moment: built anew from what had arrived, and what campaign folders said, by then.

A home of its own gets a lake of the files that had arrived (links to the live lake's), the folders of that time, and the same models.
Live warehouse and published builds are only read, and neither locked nor touched.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from pipeline.steps import Progress, collected_campaigns
from pipeline.transform import TransformResult, transform
from tiendo import calendar, lake
from tiendo.campaign import Campaign
from tiendo.campaign_file import load_campaign
from tiendo.errors import NotFoundError
from tiendo.folders import folder_as_known
from tiendo.home import only_one, scratch_folder, write_json
from tiendo.settings import Settings

KEPT = 3  # homes of moments that were asked about; each can be made again
_SAFE = "abcdefghijklmnopqrstuvwxyz0123456789_"


def known_moment(campaign: Campaign, text: str) -> datetime:
    """`2023-06-13` is the end of that day in the campaign's zone, `2023-06-13 18:00` its wall clock unless an offset is given."""
    try:
        if len(text.strip()) == 10:
            return calendar.end_of_day(campaign, date.fromisoformat(text.strip()))
        return calendar.due_at(campaign, datetime.fromisoformat(text.strip()))
    except ValueError:
        raise NotFoundError(f"found '{text}', which is no day or time", way_out='Write 2023-06-13 or "2023-06-13 18:00"') from None


def as_known(settings: Settings, campaign_id: str, at: datetime, progress: Progress | None = None) -> Settings:
    """Settings whose `published` holds the marts of one campaign (and those it follows) as known at `at`.

    Kept in scratch, so that asking again costs nothing while nothing arrives that is said to have come before `at`.
    """
    parent = settings.scratch / "known"
    home = parent / f"{campaign_id}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with only_one(settings.scratch / "known.lock", "what was known at a moment"):
        built = _build(settings, home, dict.fromkeys(_with_those_before(settings, campaign_id), at), progress)
        if built.changed or not (home / "published").is_dir():
            _export(home, home / "published", progress)
        os.utime(home)
        for old in sorted(parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
    return Settings(home=home, campaigns=settings.campaigns)


def rebuild(settings: Settings, text: str, schema: str, campaign_id: str | None = None, progress: Progress | None = None) -> Path:
    """Write `known/SCHEMA/SCHEMA.duckdb` and `known/SCHEMA/parquet/TABLE.parquet` as known at `text`; returns the folder.

    All collected campaigns, or one; a day is the end of that day in each campaign's own zone. What was in the folder is replaced in one
    step when the new marts are whole. Raises NotFoundError where `schema` cannot name one, or nothing was collected.
    """
    if not schema or schema[0].isdigit() or set(schema) - set(_SAFE) or schema in ("marts", "main"):
        raise NotFoundError(
            f"'{schema}' cannot name a schema of what was known",
            way_out="Use small letters, digits and '_', not marts or main: friday_meeting",
        )
    wanted = _with_those_before(settings, campaign_id) if campaign_id else _with_folders(settings)
    if not wanted:
        raise NotFoundError("nothing was collected yet", where=str(settings.lake), way_out="Run `tiendo run CAMPAIGN` first")
    moments = {name: known_moment(load_campaign(settings, name), text) for name in wanted}
    target = settings.home / "known" / schema
    with (
        only_one(settings.home / "known" / f".{schema}.lock", f"the marts in {schema}"),
        scratch_folder(settings.scratch, "known-") as scratch,
    ):
        built = _build(settings, scratch, moments, progress)
        _export(scratch, scratch / "marts", progress)
        (scratch / "marts" / "marts.duckdb").rename(scratch / "marts" / f"{schema}.duckdb")
        known_at = {name: moment.astimezone(UTC).isoformat() for name, moment in moments.items()}
        write_json(scratch / "marts" / "known_at.json", {"known_at": known_at, "build_id": built.build_id})
        if target.exists():
            target.rename(scratch / "before")
        (scratch / "marts").rename(target)
    return target


def _build(settings: Settings, home: Path, moments: dict[str, datetime], progress: Progress | None) -> TransformResult:
    """Lake and campaign folders of those moments in `home`, and the warehouse over them."""
    shutil.rmtree(home / "lake", ignore_errors=True)
    arrived = False
    for campaign_id, at in moments.items():
        arrived |= _lay_out_lake(settings, home / "lake", campaign_id, at)
        for name, text in (folder_as_known(settings, campaign_id, at) or {}).items():
            file = home / "campaigns" / campaign_id / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode("utf-8"))
    if not arrived:
        raise NotFoundError("nothing had arrived by then", where=", ".join(moments), way_out="Ask about a later day")
    own = Settings(home=home, campaigns=(home / "campaigns", *settings.campaigns))
    return transform(own, moments, progress=progress)


def _lay_out_lake(settings: Settings, target: Path, campaign_id: str, at: datetime) -> bool:
    """The campaign's batches as known at `at`: links to those that had arrived whole, copies of what had arrived of others."""
    files = lake.paths(settings, lake.LAST, campaign_id)
    if not files:
        return False
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        batches = connection.execute(
            "select batch_id, bool_and(received_at <= $at), list(distinct file_id) filter (where received_at <= $at)"
            " from read_parquet($files, union_by_name = true) group by batch_id having bool_or(received_at <= $at) order by batch_id",
            {"files": files, "at": at},
        ).fetchall()
        for batch, is_whole, arrived in batches:
            for table in lake.SCHEMAS:
                source = lake.table_path(settings.lake, table, campaign_id, batch)
                if not source.is_file():
                    continue
                link = lake.table_path(target, table, campaign_id, batch)
                link.parent.mkdir(parents=True, exist_ok=True)
                if is_whole:
                    link.symlink_to(source.absolute())
                else:
                    _copy_what_arrived(connection, table, source, link, at, arrived)
    return bool(batches)


def _copy_what_arrived(
    connection: duckdb.DuckDBPyConnection, table: str, source: Path, target: Path, at: datetime, files: list[str]
) -> None:
    """Rows of the files that had arrived; units that had been seen. What is counted over the whole batch (`checks`) is left out."""
    columns = lake.SCHEMAS[table].names
    if "file_id" in columns:
        condition = "list_contains($files, file_id)" + (" and received_at <= $at" if "received_at" in columns else "")
    elif "first_seen_at" in columns:
        condition = "first_seen_at <= $at"
    else:
        condition = "false"
    given = {"files": files, "at": at}
    rows = connection.execute(
        f"select * from read_parquet('{source}') where {condition}",
        {name: value for name, value in given.items() if f"${name}" in condition},
    ).to_arrow_table()
    pq.write_table(rows, target)


def _export(home: Path, target: Path, progress: Progress | None) -> None:
    from publishers.marts_export import export_marts

    with scratch_folder(home, ".making-") as scratch:
        export_marts(home / "warehouse" / "warehouse.duckdb", scratch, progress)
        shutil.rmtree(target, ignore_errors=True)
        scratch.chmod(0o755)
        scratch.rename(target)


def _with_folders(settings: Settings) -> list[str]:
    folders = settings.campaign_folders()
    return [name for name in collected_campaigns(settings) if name in folders]


def _with_those_before(settings: Settings, campaign_id: str) -> list[str]:
    """The campaign, and the campaigns that it goes on from: their last boards are its starting point."""
    found: list[str] = []
    collected = collected_campaigns(settings)
    following: str | None = campaign_id
    while following and following not in found and (following == campaign_id or following in collected):
        found.append(following)
        following = load_campaign(settings, following).follows
    if campaign_id not in collected:
        raise NotFoundError(f"of {campaign_id} nothing was collected yet", way_out=f"Run `tiendo run {campaign_id}` first")
    return found
