"""One rule of the catalogue: the model of an entry in rules/*.yml, and the SQL condition that it judges by."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from expectations.messages import placeholders_in
from tiendo.campaign import Id, Model, Names, Severity

_PARAM = re.compile(r"\$([a-z_]+)")

Param = float | int | str


class Rule(Model):
    """One check. `fails` is SQL over the relation `over`, true for what fails; `$name` in it stands for a param.

    An id may stand several times, with effective dates that do not overlap: those are its versions.
    """

    id: Id
    name: Names | None = None
    dimension: Literal["correct", "sufficient", "clean", "live"]
    severity: Severity
    lane: Literal["duplicate"] | None = None  # a lane of its own instead of the one that severity gives
    effect: Literal["row", "submission"] = "row"  # whom the severity hits: the row found, or all rows of its submission
    responsibility: Literal["sender", "register", "us"]
    place: Literal["gate", "warehouse", "file"]
    over: Id | None = None  # gate: rows, cells, series (figures beside what was accepted before); warehouse: X of a model int_checked_X
    needs: Sequence[str] = ()  # columns that the predicate reads
    fails: str = ""
    missing_value: Literal["skip", "fail"]  # what a predicate that meets a missing value (null) means
    on: bool = True  # false: only in campaigns that name the rule
    shadow: bool = False  # recorded with effect none: no lane, no receipt, no score
    effective_from: date | None = None
    effective_to: date | None = None
    effective_by: Literal["period", "arrival"] = "period"  # the day the figures are about (docs/decisions.md), or that of arrival
    params: dict[str, Param] = Field(default_factory=dict)
    shows: dict[str, str] = Field(default_factory=dict)  # placeholder -> SQL over the relation, where it is not the cell's own
    message: Names
    remedy: Names
    explanation: Names
    example: Any = Field(...)

    @field_validator("message", "remedy")
    @classmethod
    def _known_placeholders(cls, names: Names) -> Names:
        for text in (names.vi, names.en):
            placeholders_in(text)
        return names

    @model_validator(mode="after")
    def _complete(self) -> Rule:
        if self.place != "file" and not (self.over and self.fails and self.needs):
            raise ValueError(f"a rule of the {self.place} says over, needs and fails")
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise ValueError(f"effective_to {self.effective_to} is before effective_from {self.effective_from}")
        for column in self.needs if self.fails else ():
            if not re.search(rf"\b{column}\b", self.fails):
                raise ValueError(f"needs '{column}', but fails does not read it")
        used = set(_PARAM.findall(self.fails))
        if used != set(self.params):
            raise ValueError(f"fails uses the params {sorted(used)}, params gives {sorted(self.params)}")
        if re.search(r"[{}:%]", self.fails):
            raise ValueError("fails may not contain any of { } : %, which the libraries between here and DuckDB read as theirs")
        if set(placeholders_in(self.message.vi)) != set(placeholders_in(self.message.en)):
            raise ValueError("the Vietnamese and the English message must show the same placeholders")
        return self

    @property
    def lane_effect(self) -> str | None:
        """The lane that a finding of this rule puts a row into, if any."""
        return None if self.shadow else self.lane or {"reject": "rejected", "hold": "held"}.get(self.severity)

    @property
    def edition(self) -> str:
        """The id and, where the rule came into effect later than at the beginning, that day: a name for each of its versions."""
        return f"{self.id}@{self.effective_from}" if self.effective_from else self.id

    @property
    def version(self) -> str:
        """A digest of what the rule judges by, as tuned: two findings of one version were judged alike."""
        judged_by = f"{self.over} {self.severity} {self.lane} {self.effect} {self.predicate()}"
        return hashlib.sha256(judged_by.encode()).hexdigest()[:12]

    def predicate(self) -> str:
        """The SQL condition with params and the missing-value strategy, whatever the day."""
        text = _PARAM.sub(lambda found: _literal(self.params[found[1]]), self.fails)
        return f"coalesce(({text}), {'true' if self.missing_value == 'fail' else 'false'})"

    def condition(self) -> str:
        """The whole SQL condition: the predicate, on the days on which this version is in effect."""
        day = "received_on" if self.effective_by == "arrival" else "judged_on"
        condition = self.predicate()
        if self.effective_from:
            condition += f" AND {day} >= DATE '{self.effective_from}'"
        if self.effective_to:
            condition += f" AND {day} <= DATE '{self.effective_to}'"
        return condition


def _literal(value: Param) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
