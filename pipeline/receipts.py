"""Receipts made again: what collect writes for every file that it takes in."""

from __future__ import annotations

from collections.abc import Callable

from tiendo.campaign_file import load_campaign
from tiendo.home import only_one
from tiendo.settings import Settings

Progress = Callable[[str, int, int], None]  # what, done, of


def rebuild_receipts(settings: Settings, campaign_id: str, progress: Progress | None = None) -> int:
    """Make all receipts of a campaign again from lake and landing; returns how many. Raises LockedError while it is being collected."""
    from publishers.receipts.store import rebuild

    campaign = load_campaign(settings, campaign_id)
    with only_one(settings.scratch / f"collect-{campaign_id}.lock", f"the collection of {campaign_id}"):
        return rebuild(settings, campaign, progress)
