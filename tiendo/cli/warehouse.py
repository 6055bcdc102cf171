"""`tiendo dbt`: dbt itself, for those who keep the warehouse."""

from __future__ import annotations

import sys

import click

from tiendo.cli.console import Context, err, with_places


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", metavar="ARGUMENTS...", nargs=-1, required=True, type=click.UNPROCESSED)
@with_places
def dbt(context: Context, arguments: tuple[str, ...]) -> None:
    """Run dbt over a copy of the warehouse: `source freshness`, `ls --select +exposure:campaign_page`, `docs generate --static`.

    What is live is not touched, and whatever the command builds is gone afterwards; its exit code is dbt's.
    """
    from pipeline.look import look

    code, folder = look(context.settings, arguments)
    err.print(context.say(f"dbt ghi vào {folder}", f"dbt wrote to {folder}"), markup=False)
    sys.exit(code)
