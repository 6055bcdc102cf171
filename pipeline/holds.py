"""Looking at holds: which there are, and everything that one needs to know to decide about one. Read from the lake, as it is now."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, contextmanager
from typing import Any

import duckdb

from tiendo import acts
from tiendo.acts import Row
from tiendo.errors import ActError, NotFoundError
from tiendo.settings import Settings

_HISTORY = 14  # times of a unit's series that are shown before what is held


@contextmanager
def opened(settings: Settings, campaign_id: str, unit_codes: Iterable[str] | None = None) -> Any:
    """A connection with the campaign's lake as views and its holds (tiendo.acts.find_holds); of some units, or of all."""
    with closing(duckdb.connect()) as connection:
        acts.views(connection, settings, campaign_id, unit_codes)
        acts.find_holds(connection)
        yield connection


def holds(settings: Settings, campaign_id: str, unit: str | None = None, *, everything: bool = False) -> list[Row]:
    """Holds of a campaign, the oldest first: those that are open, or all."""
    which = "status = 'open'" if not everything else "true"
    with opened(settings, campaign_id) as connection:
        return acts.rows(
            connection,
            f"SELECT * FROM holds WHERE {which} AND ($unit IS NULL OR unit_code = $unit) ORDER BY received_at, unit_code, hold_id",
            {"unit": unit},
        )


def campaign_of(settings: Settings, campaign_ids: Iterable[str], said: str) -> str:
    """The campaign that has a hold whose id begins with `said`; raises NotFoundError where none has, ActError where several have."""
    found = []
    for campaign_id in campaign_ids:
        with opened(settings, campaign_id) as connection:
            which = "SELECT 1 FROM holds WHERE starts_with(hold_id, $said) OR submission_id = $said LIMIT 1"
            if connection.execute(which, {"said": said.strip().lower()}).fetchone():
                found.append(campaign_id)
    if not found:
        raise NotFoundError(f"no hold '{said}'", way_out="See `tiendo hold list --all`")
    if len(found) > 1:
        raise ActError(f"'{said}' may be a hold of {', '.join(found)}", way_out="Type more of the id, or see `tiendo hold list`")
    return found[0]


def detail(settings: Settings, campaign_id: str, said: str) -> dict[str, Any]:
    """One hold with its figures, findings, decisions, and per indicator the series of the unit up to it.

    Keys: hold, figures, findings, acts, last_good (per held figure: the newest accepted value of an earlier time and its age in
    days), history (the last accepted values up to the newest held time, with when they became known).
    """
    with opened(settings, campaign_id) as connection:
        hold = acts.hold_of(connection, campaign_id, said)
        one = {"one": hold["submission_id"]}
        connection.execute(
            """CREATE OR REPLACE TEMP TABLE series AS
               SELECT indicator_id, as_of, value, cell, received_at, is_correction FROM figures
               WHERE lane = 'accepted' AND unit_code = $unit AND submission_id <> $one AND as_of <= $last
               QUALIFY row_number() OVER (PARTITION BY indicator_id, as_of ORDER BY received_at DESC, priority DESC, file_id DESC) = 1""",
            {"unit": hold["unit_code"], "last": hold["last_as_of"], **one},
        )
        return {
            "hold": hold,
            "figures": acts.rows(
                connection,
                """SELECT indicator_id, as_of, value, cell, is_covered FROM held_figures WHERE submission_id = $one
                   ORDER BY as_of, indicator_id""",
                one,
            ),
            "findings": acts.rows(
                connection,
                """SELECT rule_id, coalesce(effect, severity) AS effect, indicator_id, as_of, sheet, row_number, column_name, raw_text,
                       message_vi, message_en, remedy_vi, remedy_en
                   FROM findings WHERE submission_id = $one ORDER BY row_number, rule_id, indicator_id""",
                one,
            ),
            "last_good": acts.rows(
                connection,
                """SELECT h.indicator_id, h.as_of AS held_as_of, s.as_of, s.value, date_diff('day', s.as_of, h.as_of) AS age_days
                   FROM (SELECT * FROM held_figures WHERE submission_id = $one) h
                   ASOF JOIN (SELECT * FROM series WHERE value IS NOT NULL) s ON s.indicator_id = h.indicator_id AND s.as_of < h.as_of
                   ORDER BY h.as_of, h.indicator_id""",
                one,
            ),
            "history": acts.rows(
                connection,
                """SELECT * FROM series
                   QUALIFY row_number() OVER (PARTITION BY indicator_id ORDER BY as_of DESC) <= $kept ORDER BY indicator_id, as_of""",
                {"kept": _HISTORY},
            ),
            "acts": acts.rows(
                connection, "SELECT acted_at, kind, author, reason, source FROM acts WHERE submission_id = $one ORDER BY ALL", one
            ),
        }  # fmt: skip
