"""Pages from the marts. The same marts give the same bytes: every time shown comes from the data."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from publishers.page.figures import Figures, Row, campaign_figures, campaigns
from publishers.page.language import LANGUAGES, Words, words
from publishers.page.quality import add_quality

HERE = Path(__file__).parent
FILE_NAMES = {"vi": "index.html", "en": "index.en.html"}
SYMBOLS = {"on_time": "✓", "late": "◐", "invalid": "!", "missing": "×", "exempt": "–", "unsolicited": "+", "pending": "·"}
UNFOLDED = 25  # units of the grid that are seen at once, the worst
SCORES = ("correct", "sufficient", "clean", "live")
GROUPS = ("reached", "reached_late", "on_track", "at_risk", "missed", "no_target")
DEFINED = (
    "value", "target", "attained_pct", "gap", "required_pace", "actual_pace", "rank", "rank_change", "rank_interval", "tier", "provisional",
    "quality_grade", "correct", "sufficient", "clean", "live", "worst", "recount_queue", "verification_factor",
    "milestone", "reached_on", "first_known_at", "rate_pct", "reconciliation",
)  # fmt: skip

Progress = Callable[[str, int, int], None]  # what, done, of


def render_pages(
    marts: Path, folder: Path, progress: Progress | None = None, documented: Collection[str] = (), tables: Path | None = None
) -> list[Path]:
    """Write `folder`/index.html, `folder`/CAMPAIGN/index.html and their English twins (index.en.html); returns their paths.

    `documented`: campaigns that have Data Docs in `folder`/CAMPAIGN/data_docs; `tables`: the page in `folder` that describes all
    tables, where there is one.
    """
    templates = _templates()
    written = []
    with duckdb.connect(str(marts), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        pages = [campaign_figures(con, campaign) for campaign in campaigns(con)]
        for page in pages:
            add_quality(con, page)
            page.has_data_docs = page.campaign["campaign_id"] in documented
    files = (len(pages) + 1) * len(LANGUAGES)
    for language in LANGUAGES:
        say = words(language)
        for page in pages:
            target = folder / page.campaign["campaign_id"] / FILE_NAMES[language]
            written.append(_write(target, templates.get_template("campaign.html").render(**campaign_view(page, say))))
        index = templates.get_template("index.html").render(
            w=say, pages=pages, other_file=_other(language), language=language, files=FILE_NAMES, tables=tables and tables.name
        )
        written.append(_write(folder / FILE_NAMES[language], index))
        if progress:
            progress("pages", len(written), files)
    return written


def campaign_view(page: Figures, say: Words) -> dict[str, Any]:
    """Everything the template of a campaign needs, in the language of `say`."""
    from publishers.charts import has_due_dates, progress_chart

    heat = _heat(page, say)
    return {
        "w": say,
        "p": page,
        "c": page.campaign,
        "language": say.language,
        "other_file": _other(say.language),
        "charts": {size: Markup(svg) for size in ("wide", "narrow") if (svg := progress_chart(page, say, size))},
        "has_dues": has_due_dates(page),
        "tones": _tones(page.tiers),
        "bars": _bars(page),
        "heat": heat[:UNFOLDED] if len(heat) > UNFOLDED + 5 else heat,
        "heat_folded": heat[UNFOLDED:] if len(heat) > UNFOLDED + 5 else [],
        "symbols": SYMBOLS,
        "scores": SCORES,
        "groups": GROUPS,
        "defined": DEFINED,
        "slot_groups": _by_status(page.slot_units),
        "units_of": _by_milestone(page.milestone_units),
        "queries": _queries(page),
        "has_groups": len({row["peer_group"] for row in page.board}) > 1,
        "has_parents": len({row["parent_code"] for row in page.board}) > 1,
        "has_targets": any(row["target"] is not None for row in page.board),
        "has_tiers": any(row["tier"] for row in page.board),
    }


def _templates() -> Environment:
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    css, js = ((HERE / "templates" / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    digest = base64.b64encode(hashlib.sha256(js.encode()).digest()).decode()
    # The policy names our one script by its digest: whatever a unit is called, nothing else runs and no host is asked.
    allowed = f"style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    env.globals.update(css=Markup(css), js=Markup(js), policy=policy)
    return env


def _write(target: Path, text: str) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    return target


def _other(language: str) -> str:
    return FILE_NAMES["en" if language == "vi" else "vi"]


def _tones(tiers: list[Row]) -> dict[str, str]:
    """Tier -> tone: the best is good, the last is bad, those between are fair."""
    ids = [tier["tier_id"] for tier in tiers]
    return {tier: "good" if n == 0 else "bad" if n == len(ids) - 1 else "fair" for n, tier in enumerate(ids)}


def _bars(page: Figures) -> dict[str, float]:
    """Unit -> length of its bar in percent: of the target, or of the largest value where values are what is ranked."""
    if page.campaign["rank_by"] == "value":
        most = max((row["value"] for row in page.board if row["value"] is not None), default=0) or 1
        return {row["unit_code"]: max(0.0, round(100 * row["value"] / most, 1)) for row in page.board if row["value"] is not None}
    return {row["unit_code"]: min(100.0, max(0.0, round(row["attained_pct"], 1))) for row in page.board if row["attained_pct"] is not None}


def _heat(page: Figures, say: Words) -> list[Row]:
    """One row per unit, one cell per day: the status shown and its words."""
    from publishers.page.figures import SLOT_ORDER

    found: dict[tuple[str, Any], list[Row]] = {}
    for cell in page.heat:
        found.setdefault((cell["unit_code"], cell["slot_date"]), []).append(cell)
    lines = []
    for unit in page.reporting:
        cells = []
        for day in page.heat_days:
            here = sorted(found.get((unit["unit_code"], day), []), key=lambda cell: SLOT_ORDER.index(cell["status"]))
            cells.append({"status": here[0]["status"] if here else None, "title": _cell_title(here, day, say)})
        lines.append({"unit": unit, "cells": cells})
    return lines


def _cell_title(cells: list[Row], day: Any, say: Words) -> str:
    parts = []
    for cell in cells:
        text = say(f"slot.{cell['status']}")
        if cell["minutes_late"] and cell["status"] == "late":
            text = say("minutes_late", n=say.number(round(cell["minutes_late"])))
        if cell["status"] == "exempt" and cell["exempt_reason"]:
            text += f" ({cell['exempt_reason']})"
        parts.append(f"{text} × {cell['slots']}" if cell["slots"] > 1 else text)
    return f"{say.day(day)}: {', '.join(parts)}" if parts else ""


def _by_status(units: list[Row]) -> dict[str, list[Row]]:
    return {status: [row for row in units if row["status"] == status] for status in SYMBOLS}


def _by_milestone(units: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in units:
        found.setdefault(row["milestone_id"], []).append(row)
    return found


def _queries(page: Figures) -> list[str]:
    """SQL that gives the headline and the leaderboard of this page from marts.duckdb."""
    campaign, top = page.campaign, page.headline
    where = f"where campaign_id = {_sql(campaign['campaign_id'])} and indicator_id = {_sql(campaign['board_indicator_id'])}"
    queries = []
    if top:
        only = f"= {_sql(top['unit_code'])}" if top["roots"] == 1 else "in (select unit_code from marts.dim_unit where depth = 1)"
        queries.append(
            "select unit_code, value, target, attained_pct, gap, required_pace\nfrom marts.progress\n"
            f"{where}\n  and unit_code {only} and as_of_date = date '{top['as_of_date']}';"
        )
    if page.board:
        queries.append(
            "select position, rank, unit_name, value, target, attained_pct, tier\nfrom marts.leaderboard\n"
            f"{where}\n  and level = {_sql(campaign['board_level'])} and as_of_date = date '{page.board[0]['as_of_date']}'\n"
            "order by position;"
        )
    return queries


def _sql(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
