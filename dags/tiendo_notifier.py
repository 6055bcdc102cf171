"""Where messages leave the house: to the log, or through the Airflow connection `tiendo_notify` when there is one.

A channel is a function of one text; its name is the connection's type. `log` is the one there is so far.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from airflow.sdk import BaseHook, BaseNotifier
from airflow.sdk.exceptions import AirflowNotFoundException

from tiendo.settings import load_settings, utc_now

log = logging.getLogger(__name__)

CONNECTION = "tiendo_notify"


def to_log(text: str) -> None:
    """Append to log/notifications.log in the home folder, and to the log of whatever runs."""
    log.warning("notification: %s", text)
    file = load_settings().home / "log" / "notifications.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as handle:
        handle.write(f"{utc_now().isoformat()}\n{text}\n\n")


CHANNELS: dict[str, Callable[[str], None]] = {"log": to_log}


def send(text: str) -> str:
    """Send `text` and return the name of the channel that it went through.

    A connection of a type without a channel goes to the log with a warning: a message is never lost for want of a channel.
    """
    try:
        channel = BaseHook.get_connection(CONNECTION).conn_type
    except AirflowNotFoundException:
        channel = "log"
    if channel not in CHANNELS:
        log.warning("connection %s: no channel for type '%s' (there are: %s); to the log", CONNECTION, channel, ", ".join(CHANNELS))
        channel = "log"
    CHANNELS[channel](text)
    return channel


class TiendoNotifier(BaseNotifier):
    """Tells the person on call that a run `failed`, or is `late`."""

    def __init__(self, event: str = "failed") -> None:
        super().__init__()
        self.event = event

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Nothing here is a template, and Airflow 3.3 has no environment for one where `airflow dags test` calls back."""

    def notify(self, context: Any) -> None:
        run = context.get("dag_run") or {}
        read = run.get if isinstance(run, dict) else lambda name: getattr(run, name, None)
        what = "has failed" if self.event == "failed" else "is late: it should have ended by now"
        reason = context.get("reason")
        why = f" ({reason})" if reason else ""
        send(f"{read('dag_id')}: run {read('run_id')} {what}{why}. The page of the DAG says what to do.")
