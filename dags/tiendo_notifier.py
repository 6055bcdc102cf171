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
    """Tells the person on call that a run has failed, or that it was stopped because it was late (`dagrun_timeout`)."""

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Nothing here is a template, and Airflow 3.3 has no environment for one where `airflow dags test` calls back."""

    def notify(self, context: Any) -> None:
        run = context["dag_run"]
        late = context.get("reason") == "timed_out"
        what = "is late and was stopped" if late else "has failed"
        send(f"{run.dag_id}: run {run.run_id} {what}. The page of the DAG in Airflow says what to do.")
