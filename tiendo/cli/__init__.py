"""The command line: the door at the top of the house. It imports every room, and no room imports it."""

from __future__ import annotations

import sys

import click

from tiendo import __version__
from tiendo.cli.boards import findings, leaderboard, milestones
from tiendo.cli.briefing import briefing
from tiendo.cli.campaigns import campaign
from tiendo.cli.console import SPOKEN, Context, fail
from tiendo.cli.emulation import emulation
from tiendo.cli.holds import hold, waive
from tiendo.cli.known import rebuild
from tiendo.cli.recounts import recounts
from tiendo.cli.reinforce import reinforce
from tiendo.cli.restatements import restatements
from tiendo.cli.rules import rules
from tiendo.cli.runs import reconcile, run
from tiendo.cli.senders import check, receipt, template
from tiendo.cli.silent import silent
from tiendo.cli.units import units
from tiendo.cli.warehouse import dbt
from tiendo.errors import TiendoError
from tiendo.settings import language_by_default, load_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--home", metavar="FOLDER", help="Where all data live (TIENDO_HOME, default ./var).")
@click.option(
    "--campaigns", metavar="FOLDERS", help="Folders of campaigns, joined by ':' (TIENDO_CAMPAIGNS); the bundled ones are always there."
)
@click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of what is printed (TIENDO_LANG, default vi).")
@click.version_option(__version__, prog_name="tiendo")
@click.pass_context
def cli(context: click.Context, home: str | None, campaigns: str | None, lang: str | None) -> None:
    """tiendo (tiến độ): collect unit reports, validate them, rank the units, publish, chase.

    Exit codes are listed in docs/operation.md.
    """
    SPOKEN.set(lang or language_by_default())
    context.obj = Context(load_settings(home, campaigns), SPOKEN.get())


for command in (
    run, rebuild, restatements, briefing,
    leaderboard, milestones, findings, silent, hold, waive, reconcile, recounts, check, receipt, template, rules, campaign,
    units, emulation, reinforce, dbt,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command line; an error for people is one line on stderr and its exit code, never a traceback."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except KeyboardInterrupt:
        sys.exit(130)
    except TiendoError as error:
        fail(error)
    except BrokenPipeError:
        sys.exit(141)
    except OSError as error:
        what, where = error.strerror or str(error), str(error.filename or "")
        fail(TiendoError(what, where=where, way_out="Look at the path, its permissions and the space on the disk, then run again"))
    except Exception as error:
        if "duckdb" not in type(error).__module__:
            raise
        way_out = "Restore the file it names from the backup; what lies in warehouse/ and builds/ may be deleted and is made again"
        fail(TiendoError(f"data that cannot be read: {' '.join(str(error).split())[:400]}", where="home", way_out=way_out))
