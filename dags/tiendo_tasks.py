"""What the DAGs' tasks do: each calls one function of `pipeline`, imported only when the task runs, and says in one line what came of it.

Errors for people reach the task's log as one line. Only a source that cannot be reached, or a lock held by another run, is
worth a retry; everything else fails at once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from tiendo.errors import CampaignError, LockedError, ReconciliationError, SourceError, TiendoError
from tiendo.settings import Settings, load_settings

log = logging.getLogger(__name__)


@contextmanager
def errors_for_people() -> Iterator[None]:
    """Our errors as Airflow's, so that Airflow knows which ones to retry."""
    try:
        yield
    except (SourceError, LockedError) as error:
        raise AirflowException(error.line()) from None
    except TiendoError as error:
        raise AirflowFailException(error.line()) from None


def campaigns(params: dict[str, Any]) -> list[str]:
    """The ids to work on: those asked for, else every campaign folder there is."""
    return list(params["campaigns"]) or sorted(load_settings().campaign_folders())


def collect(campaign_id: str, params: dict[str, Any]) -> dict[str, Any]:
    """Land, read and judge what is new for one campaign."""
    import pipeline

    settings = load_settings()
    with errors_for_people():
        result = pipeline.collect(settings, campaign_id, until=_until(settings, campaign_id, params.get("until")))
    for problem in result.problems:
        log.warning("%s", problem)
    rows = ", ".join(f"{name.removeprefix('rows_')} {count}" for name, count in result.rows.items() if name.startswith("rows_"))
    told = f"{result.files_new} new files; rows {rows}; {result.findings} findings, {result.shadows} on trial" if rows else "no new files"
    log.info("done: collect %s: %s", campaign_id, told)
    if result.failed_sources:
        raise AirflowException(f"not reached: {', '.join(result.failed_sources)} (see above). What the other sources sent is in the lake")
    return {"batch_id": result.batch_id, "files_new": result.files_new, "rows": result.rows, "findings": result.findings}


def transform(campaign_ids: list[str], params: dict[str, Any]) -> str:
    """Bring the warehouse up to date for the campaigns that have data; returns the build's id."""
    import pipeline

    settings = load_settings()
    ready = sorted(set(campaign_ids) & set(pipeline.collected_campaigns(settings)))
    if not ready:
        raise AirflowSkipException("None of these campaigns has data yet: nothing to transform")
    horizons: dict[str, datetime] = {}
    for campaign_id in ready:
        try:
            horizons |= pipeline.horizons([campaign_id], _until(settings, campaign_id, params.get("until")))
        except CampaignError as error:
            log.warning("left out, its folder is faulty: %s", error.line())
    with errors_for_people():
        result = pipeline.transform(settings, horizons)
    for problem in result.problems:
        log.warning("%s", problem)
    log.info("done: transform: %s", f"build {result.build_id}" if result.changed else "nothing new, the warehouse stays as it is")
    return result.build_id


def publish(build_id: str) -> str:
    """Publish the build; a build that is published already stays as it is."""
    import pipeline

    with errors_for_people():
        folder = pipeline.publish(load_settings(), build_id)
    for campaign_id in pipeline.activity(load_settings()):
        log.info("%s", pipeline.activity_line(load_settings(), campaign_id))
    log.info("done: publish: %s", folder)
    return str(folder)


def reconcile() -> None:
    """Fail if the counts of any batch do not add up."""
    import pipeline

    with errors_for_people():
        batches = pipeline.reconcile(load_settings())
        problems = [problem for batch in batches for problem in batch.problems]
        if problems:
            raise ReconciliationError("; ".join(problems), way_out="See `tiendo reconcile`")
    log.info("done: reconcile: %d batches add up", len(batches))


def chase(campaign_ids: list[str]) -> int:
    """Send what is due about each campaign; what went out is marked at once, so a retry sends only the rest."""
    import tiendo_notifier

    from publishers import notify

    settings = load_settings()
    sent = 0
    with errors_for_people():
        for campaign_id in campaign_ids:
            for message in notify.due_messages(settings, campaign_id):
                channel = tiendo_notifier.send(message.text("vi"))
                notify.mark_sent(settings, [message], channel)
                sent += 1
    log.info("done: chase: %d messages", sent)
    return sent


def verdict() -> None:
    """Runs only when a task failed, so that a run whose other campaigns went well is shown as failed all the same."""
    raise AirflowFailException("A task of this run failed; its own log says what, where and the way out")


def _until(settings: Settings, campaign_id: str, day: str | None) -> datetime | None:
    if day is None:
        return None
    from tiendo.calendar import end_of_day
    from tiendo.campaign_file import load_campaign

    return end_of_day(load_campaign(settings, campaign_id), date.fromisoformat(day))
