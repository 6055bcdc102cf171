"""collect, transform, publish, reconcile: what the DAGs' tasks and the command line call."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tiendo import lake, mentions, units
from tiendo.campaign import Campaign
from tiendo.campaign_file import load_campaign
from tiendo.corrections import load_corrections
from tiendo.errors import CampaignError
from tiendo.home import only_one, scratch_folder
from tiendo.settings import Settings, utc_now

Progress = Callable[[str, int, int], None]  # what, done, of


@dataclass
class CollectResult:
    """What one collect run did: files by fate, rows by lane, problems as lines, seconds by step (gx is a part of judge)."""

    campaign_id: str
    batch_id: str | None = None
    files_new: int = 0
    files_seen: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    findings: int = 0
    shadows: int = 0  # findings of rules on trial: recorded, without effect
    released: list[str] = field(default_factory=list)  # holds that nothing holds any more
    receipts: int = 0  # answers to senders that were written
    receipts_folder: Path | None = None
    problems: list[str] = field(default_factory=list)
    failed_sources: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


@contextmanager
def timed(seconds: dict[str, float], step: str) -> Any:
    """Add the block's wall time to `seconds[step]`."""
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds[step] = round(seconds.get(step, 0.0) + time.perf_counter() - started, 3)


def collect(
    settings: Settings,
    campaign_id: str,
    *,
    first: datetime | None = None,
    until: datetime | None = None,
    progress: Progress | None = None,
) -> CollectResult:
    """Pull a campaign's sources, read what is new and judge it; one batch enters the lake, or none.

    A file that repeats an earlier one after something else came is judged in a batch after that one's (loaders/returns.py).

    `first` and `until` bound the arrivals that are processed (inclusive). Landing keeps everything all the same.
    Every file taken in gets its receipt. A second call without new files does nothing; a killed one is caught up by the next.
    """
    from loaders.landing import land, pending
    from loaders.returns import sort_out
    from pipeline import acts
    from publishers.receipts.store import receipts_folder, write_missing

    campaign = load_rightful_campaign(settings, campaign_id)
    result = CollectResult(campaign_id, receipts_folder=receipts_folder(settings, campaign_id))
    now = utc_now()
    with only_one(settings.scratch / f"collect-{campaign_id}.lock", f"the collection of {campaign_id}"):
        with timed(result.seconds, "land"):
            landed = land(settings, campaign, now, progress)
        result.problems += landed.problems
        result.failed_sources = sorted(landed.failed_sources)
        _sweep(settings, campaign_id)
        is_done = False
        while not is_done:
            with timed(result.seconds, "land"):
                receipts, waiting = sort_out(settings, campaign, pending(settings, campaign, until or now, first))
            is_done = not waiting
            result.files_new += sum(receipt["status"] == "new" for receipt in receipts)
            result.files_seen += sum(receipt["status"] == "seen" for receipt in receipts)
            if receipts:
                acts.expect_follow_up(settings, campaign_id)
                _take_in(settings, campaign, receipts, until, result, progress)
            with timed(result.seconds, "acts"):
                result.released += acts.follow_up(settings, campaign, result.batch_id, until or now)
        with timed(result.seconds, "receipts"):
            result.receipts = write_missing(settings, campaign, progress)
    return result


def _take_in(
    settings: Settings, campaign: Campaign, receipts: list[dict[str, Any]], until: datetime | None, result: CollectResult,
    progress: Progress | None,
) -> None:  # fmt: skip
    """Read and judge what is pending: one batch into the lake."""
    from expectations.gate import judge
    from loaders.reading import read_batch
    from loaders.restricted import set_apart

    register_units = units.load_units(settings, campaign)
    with scratch_folder(settings.scratch, f"batch-{campaign.id}-") as parsed:
        with timed(result.seconds, "read"):
            read_batch(settings, campaign, receipts, parsed, register_units, progress)
            set_apart(settings, receipts, parsed)
        with timed(result.seconds, "judge"):
            judged = judge(settings, campaign, parsed, register_units, until, progress)
    gx = sum(judged.seconds[step] for step in ("rules", "rules over series"))
    result.seconds["gx"] = round(result.seconds.get("gx", 0) + gx, 3)
    result.batch_id, result.findings = judged.batch_id, result.findings + judged.findings
    result.rows = {name: result.rows.get(name, 0) + count for name, count in judged.counts.items()}
    result.problems += judged.problems
    result.shadows += sum(judged.shadows.values())


def _sweep(settings: Settings, campaign_id: str) -> None:
    """Remove what killed collections of this campaign left; the caller holds its lock, so nobody uses it."""
    for kind in ("batch", "gate", "receipts"):
        for leftover in settings.scratch.glob(f"{kind}-{campaign_id}-*"):
            shutil.rmtree(leftover, ignore_errors=True)


def load_rightful_campaign(settings: Settings, campaign_id: str) -> Campaign:
    """The campaign, its rules known to the catalogue; raises CampaignError with every fault."""
    from expectations.catalogue import check_rules

    campaign = load_campaign(settings, campaign_id)
    register = units.load_units(settings, campaign)
    if faults := check_rules(campaign) + mentions.unit_faults(campaign, register) + mentions.follow_faults(settings, campaign):
        raise CampaignError(faults)
    load_corrections(campaign, register)
    return campaign


def collected_campaigns(settings: Settings) -> list[str]:
    """Campaigns with at least one batch in the lake."""
    folder = settings.lake / lake.LAST
    return sorted(path.name.removeprefix("campaign_id=") for path in folder.glob("campaign_id=*")) if folder.is_dir() else []


def publish(settings: Settings, build_id: str, progress: Progress | None = None) -> Path:
    """Marts, Parquet and pages of the finished warehouse as a build; readers are switched to it in one step."""
    from publishers.build import publish as publish_build

    with only_one(settings.scratch / "publish.lock", "the publication"):
        return publish_build(settings, build_id, progress)


def horizons(campaign_ids: Iterable[str], until: datetime | None) -> dict[str, datetime]:
    """Up to when each campaign's boards shall look: `until`, else our clock."""
    moment = until or utc_now()
    return dict.fromkeys(campaign_ids, moment)
