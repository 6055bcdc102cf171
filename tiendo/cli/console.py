"""What the commands share: settings, language, progress bars, tables, reading the published marts."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tiendo.errors import NotFoundError, TiendoError
from tiendo.settings import Settings, load_settings

out = Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 160)
err = Console(stderr=True, highlight=False, soft_wrap=True)
SPOKEN: ContextVar[str] = ContextVar("SPOKEN", default="vi")  # the language of the command that runs: errors are told after it ended


@dataclass
class Context:
    """Where to work and in which language to speak."""

    settings: Settings
    lang: str

    def say(self, vi: str, en: str) -> str:
        return vi if self.lang == "vi" else en


def with_places(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take --home, --campaigns and --lang after its own name as well as before it."""

    @click.option("--home", metavar="FOLDER", help="Where all data live (TIENDO_HOME, default ./var).")
    @click.option("--campaigns", metavar="FOLDERS", help="Folders of campaigns, joined by ':' (TIENDO_CAMPAIGNS).")
    @click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of what is printed (default vi).")
    @click.pass_context
    @wraps(command)
    def wrapped(context: click.Context, *args: Any, home: str | None, campaigns: str | None, lang: str | None, **kwargs: Any) -> Any:
        outer: Context = context.obj
        settings = outer.settings
        if home or campaigns:
            listed = campaigns or os.pathsep.join(str(folder) for folder in settings.campaigns)
            settings = load_settings(home or settings.home, listed)
        SPOKEN.set(lang or outer.lang)
        return command(Context(settings, lang or outer.lang), *args, **kwargs)

    return wrapped


def fail(error: TiendoError) -> None:
    """Print an error for people, in the language that the command was told, and leave with its exit code."""
    for line in error.line(SPOKEN.get()).splitlines():
        err.print(line, markup=False, style="red")
    sys.exit(error.exit_code)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """A function (what, done, of) that draws one bar per step on stderr; silent where stderr is no terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def advance(what: str, done: int = 0, of: int = 1) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=of)
            bars.update(tasks[what], completed=done, total=of)

        yield advance


def query(context: Context, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
    """Rows of the published marts as dictionaries; raises NotFoundError when nothing is published yet."""
    import duckdb

    marts = context.settings.published / "marts.duckdb"
    if not marts.is_file():
        raise NotFoundError("nothing is published yet", where=str(marts), way_out="Run `tiendo run CAMPAIGN` first")
    with duckdb.connect(str(marts.resolve()), read_only=True) as connection:
        cursor = connection.execute(sql, parameters if isinstance(parameters, dict) else list(parameters))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def known_campaign(context: Context, campaign_id: str) -> dict[str, Any]:
    """The published campaign's row; raises NotFoundError naming those that are published."""
    rows = query(context, "select * from marts.dim_campaign order by campaign_id")
    for row in rows:
        if row["campaign_id"] == campaign_id:
            return row
    listed = ", ".join(row["campaign_id"] for row in rows)
    raise NotFoundError(f"campaign '{campaign_id}' is not published", way_out=f"Published: {listed}. Run `tiendo run {campaign_id}`")


def simulated(context: Context, campaign: dict[str, Any]) -> str:
    """What stands behind the title of everything that shows figures of a simulated campaign; '' for others."""
    return context.say(" · SỐ LIỆU MÔ PHỎNG", " · SIMULATED FIGURES") if campaign["is_simulated"] else ""


def one_of(value: str | None, allowed: Sequence[str], what: str, default: str) -> str:
    """`value` if it is allowed, `default` if it is not given; raises NotFoundError with what is allowed."""
    if value is None:
        return default
    if value not in allowed:
        raise NotFoundError(f"no {what} '{value}'", way_out=f"Allowed: {', '.join(allowed)}")
    return value


def table(title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], caption: str = "") -> None:
    """Print a table; a column is (heading, 'left' or 'right')."""
    drawn = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, caption=caption or None)
    drawn.caption_justify = "left"
    for heading, side in columns:
        drawn.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*[str(cell).replace("[", "\\[") for cell in row])
    out.print(drawn)


def number(value: float | None, lang: str, digits: int = 0) -> str:
    """A number as people of that language write it: 1.167.685 and 38,49 in vi; '' for none."""
    if value is None:
        return ""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text


def day(value: date | datetime | None, lang: str) -> str:
    """A day as people of that language write it; '' for none."""
    if value is None:
        return ""
    return value.strftime("%d/%m/%Y") if lang == "vi" else value.strftime("%Y-%m-%d")
