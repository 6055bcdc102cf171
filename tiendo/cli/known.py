"""`--known-at` of the commands that read marts, and `tiendo rebuild`: the marts as they were known at a moment."""

from __future__ import annotations

import click

from tiendo.cli.console import Context, err, out, progress_bars, with_places

KNOWN_AT = click.option(
    "--known-at", metavar="T", help="From what was known then: a day (its end) or a time, by the campaign's clock. Built from the lake."
)


def as_known(context: Context, campaign_id: str, known_at: str | None) -> Context:
    """The context to read from: the published marts, or those of what was known at `known_at`."""
    if known_at is None:
        return context
    from pipeline.as_known import as_known as build
    from pipeline.as_known import known_moment
    from tiendo.campaign_file import load_campaign

    moment = known_moment(load_campaign(context.settings, campaign_id), known_at)
    with progress_bars() as progress:
        settings = build(context.settings, campaign_id, moment, progress)
    err.print(context.say(f"Theo những gì đã biết đến {known_at}", f"As known at {known_at}"), markup=False, style="yellow")
    return Context(settings, context.lang)


@click.command()
@click.option("--known-at", metavar="T", required=True, help="A day (its end, in each campaign's zone) or a time by the campaigns' clocks.")
@click.option("--into", "schema", metavar="SCHEMA", required=True, help="Name of the schema: known/SCHEMA/SCHEMA.duckdb in the home.")
@click.option("--campaign", "campaign_id", help="Only this campaign (default: all that were collected).")
@with_places
def rebuild(context: Context, known_at: str, schema: str, campaign_id: str | None) -> None:
    """Rebuild all marts exactly as they were known at a moment, beside what is published.

    Live warehouse and published builds are not touched. Attached to DuckDB, the file answers to SCHEMA.leaderboard.
    """
    from pipeline.as_known import rebuild as build

    with progress_bars() as progress:
        folder = build(context.settings, known_at, schema, campaign_id, progress)
    said = context.say("Các bảng theo những gì đã biết đến {}: {}", "The marts as known at {}: {}")
    out.print(said.format(known_at, folder / f"{schema}.duckdb"), soft_wrap=True, markup=False)
