"""docs/commands.md names every command and every option of its own."""

from collections.abc import Iterator

import click
import pytest

from tiendo.cli import cli
from tiendo.settings import ROOT

TEXT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def commands(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


ALL = list(commands(cli, "tiendo"))


def test_there_are_commands() -> None:
    assert len(ALL) >= 7


@pytest.mark.parametrize(("name", "command"), ALL, ids=[name for name, _ in ALL])
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    assert f"`{name}" in TEXT, f"docs/commands.md does not name {name}: add a row"
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    missing = [option for option in options if f"`{option}" not in TEXT]
    assert not missing, f"docs/commands.md does not name {', '.join(missing)} of {name}"


@pytest.mark.parametrize(("name", "command"), ALL, ids=[name for name, _ in ALL])
def test_every_command_says_what_it_does(name: str, command: click.Command) -> None:
    assert command.help
    assert len(command.help) > 20
