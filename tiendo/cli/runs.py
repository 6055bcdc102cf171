"""`tiendo run` and `tiendo reconcile`."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tiendo.cli.console import Context, err, number, out, progress_bars, table, with_places
from tiendo.home import write_json

if TYPE_CHECKING:
    from pipeline import CollectResult

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--from", "first", type=DAY, help="Only what arrived on this day or later.")
@click.option("--to", "last", type=DAY, help="Only what arrived by the end of this day; boards look no further.")
@click.option("--full-refresh", is_flag=True, help="Build the warehouse anew from the lake.")
@with_places
def run(context: Context, campaign_id: str, first: datetime | None, last: datetime | None, full_refresh: bool) -> None:
    """Pull, validate, transform and publish CAMPAIGN, without a scheduler.

    Days are those of the campaign's time zone. A second run without news changes nothing. Seconds per step are written to
    timings.json in the home folder.
    """
    import pipeline
    from tiendo import calendar
    from tiendo.campaign_file import load_campaign

    if first and last and first > last:
        raise click.UsageError("--from is after --to: nothing can have arrived between them")
    settings = context.settings
    campaign = load_campaign(settings, campaign_id)
    since = datetime.combine(first.date(), datetime.min.time(), tzinfo=campaign.zone) if first else None
    until = calendar.end_of_day(campaign, last.date()) if last else None
    with progress_bars() as progress:
        collected = pipeline.collect(settings, campaign_id, first=since, until=until, progress=progress)
        transformed = pipeline.transform(settings, pipeline.horizons([campaign_id], until), full_refresh=full_refresh, progress=progress)
        seconds = collected.seconds | transformed.seconds
        with pipeline.timed(seconds, "publish"):
            build = pipeline.publish(settings, transformed.build_id, progress)
    write_json(settings.home / "timings.json", seconds)
    for problem in collected.problems + transformed.problems:
        err.print(problem, markup=False, style="yellow")
    _tell(context, collected, transformed.changed, str(build))
    if line := pipeline.activity_line(settings, campaign_id, context.lang):
        out.print(line, markup=False, soft_wrap=True)
    problems = [text for batch in pipeline.reconcile(settings) for text in batch.problems]
    if problems:
        from tiendo.errors import ReconciliationError

        raise ReconciliationError("; ".join(problems), way_out="See `tiendo reconcile`")
    if collected.failed_sources:
        from tiendo.errors import SourceError

        raise SourceError(
            f"could not be reached: {', '.join(collected.failed_sources)}",
            where=campaign_id,
            way_out="What did come is published. Mend the source and run again; nothing is taken in twice",
        )


def _tell(context: Context, collected: CollectResult, changed: bool, build: str) -> None:
    rows = collected.rows
    new, seen = collected.files_new, collected.files_seen
    if new or seen:
        counted = [number(rows.get(f"rows_{lane}", 0), context.lang) for lane in ("received", "accepted", "held", "rejected", "duplicate")]
        out.print(
            context.say(
                "{} tệp mới, {} tệp đã có · {} dòng = {} được chấp nhận + {} bị treo + {} bị loại + {} trùng · {} phát hiện",
                "{} new files, {} seen before · {} rows = {} accepted + {} held + {} rejected + {} duplicate · {} findings",
            ).format(new, seen, *counted, collected.findings)
        )
        if collected.shadows:
            said = context.say("{} phát hiện của quy tắc chạy thử, không có tác dụng", "{} findings of rules on trial, without effect")
            out.print(said.format(number(collected.shadows, context.lang)))
    else:
        out.print(context.say("Không có tệp mới", "No new files"))
    if collected.receipts:
        count = number(collected.receipts, context.lang)
        out.print(context.say("{} biên nhận mới: {}", "{} new receipts: {}").format(count, collected.receipts_folder), soft_wrap=True)
    if collected.released:
        text = context.say("{} báo cáo treo không còn quy tắc nào giữ, được thả", "{} holds that no rule holds any more were released")
        out.print(text.format(number(len(collected.released), context.lang)))
    published = context.say("Đã công bố", "Published") if changed else context.say("Không có gì thay đổi", "Nothing changed")
    out.print(f"{published}: {build}", soft_wrap=True)


@click.command()
@with_places
def reconcile(context: Context) -> None:
    """Check that received = accepted + held + rejected + duplicate for every batch; exit 1 otherwise."""
    import pipeline

    batches = pipeline.reconcile(context.settings)
    headings = context.say(
        "Chiến dịch|Lô|Tệp|Đã nhận|Được chấp nhận|Bị treo|Bị loại|Trùng|Khớp",
        "Campaign|Batch|Files|Received|Accepted|Held|Rejected|Duplicate|Balanced",
    ).split("|")
    rows = [
        [b.campaign_id, b.batch_id, *[number(n, context.lang) for n in (b.files, b.received, b.accepted, b.held, b.rejected, b.duplicate)],
         "✗" if b.problems else "✓"]
        for b in batches
    ]  # fmt: skip
    table(context.say("Đối chiếu số dòng", "Reconciliation"), [(h, "left" if n < 2 else "right") for n, h in enumerate(headings)], rows)
    if decided := pipeline.acts_by_kind(context.settings):
        headings = context.say("Chiến dịch|Quyết định|Số lượng|Số liệu", "Campaign|Act|Count|Figures").split("|")
        table(
            context.say("Quyết định (ngoài số dòng nhận được)", "Acts (apart from the rows received)"),
            [(h, "left" if n < 2 else "right") for n, h in enumerate(headings)],
            [[campaign_id, kind, *[number(n, context.lang) for n in counts]] for campaign_id, kind, *counts in decided],
        )
    problems = [text for batch in batches for text in batch.problems]
    for problem in problems:
        err.print(problem, markup=False, style="red")
    if problems:
        sys.exit(1)
