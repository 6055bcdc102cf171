"""What a campaign may say of where its units come from."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from tiendo.model import Code, Id, Model


class Placeholders(Model):
    """Units that stand for 'not yet assigned': exact codes, or name patterns with `*`."""

    codes: list[Code] = []
    names: list[str] = []


class Root(Model):
    """The unit on top of all, where the sources do not name it."""

    code: Code
    name: str
    level: Id | None = None  # default: the top level


class Units(Model):
    """Where the units come from: a CSV beside campaign.yml, or discovered from the sources' own columns."""

    file: str | None = None
    discover: bool = False
    aliases: str | None = None
    crosswalk: str | None = None  # CSV beside campaign.yml: which unit became which, from when, with which weight
    unweighted_splits: Literal["refuse", "equal", "largest"] = "refuse"  # where the crosswalk gives a split no weights
    placeholders: Placeholders = Placeholders()
    root: Root | None = None  # the unit on top of the discovered ones

    @model_validator(mode="after")
    def _one_origin(self) -> Units:
        if not self.file and not self.discover:
            raise ValueError("say where the units come from: file: units.csv, or discover: true")
        if self.crosswalk and not self.file:
            raise ValueError("a crosswalk needs file: units.csv, which says from when to when each unit is open")
        return self
