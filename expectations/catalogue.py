"""The rule catalogue: data in rules/*.yml, checked here; suites, receipts, marts and docs all come from it."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from expectations.messages import placeholders_in
from tiendo import plain_yaml
from tiendo.campaign import Campaign, Id, Model, Names, Severity
from tiendo.errors import CampaignError, RuleError
from tiendo.home import written_whole
from tiendo.settings import Settings

FOLDER = Path(__file__).resolve().parent / "rules"
_PARAM = re.compile(r"\$([a-z_]+)")

Param = float | int | str


class Rule(Model):
    """One check. `fails` is SQL over the relation `over`, true for what fails; `$name` in it stands for a param."""

    id: Id
    dimension: Literal["correct", "sufficient", "clean", "live"]
    severity: Severity
    lane: Literal["duplicate"] | None = None  # a lane of its own instead of the one that severity gives
    effect: Literal["row", "submission"] = "row"  # whom the severity hits: the row found, or all rows of its submission
    responsibility: Literal["sender", "register", "us"]
    place: Literal["gate", "warehouse", "file"]
    over: Literal["rows", "cells", "series"] | None = None  # series: figures beside what was accepted before
    needs: Sequence[str] = ()  # columns that the predicate reads
    fails: str = ""
    missing_value: Literal["skip", "fail"]  # what a predicate that meets a missing value (null) means
    effective_from: date | None = None  # by the day of arrival: a past period is never judged by a newer rule
    effective_to: date | None = None
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
        if self.place == "gate" and not (self.over and self.fails and self.needs):
            raise ValueError("a rule of the gate says over, needs and fails")
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
        return self.lane or {"reject": "rejected", "hold": "held"}.get(self.severity)

    @property
    def version(self) -> str:
        """A digest of what the rule judges by, as tuned: two findings of one version were judged alike."""
        return hashlib.sha256(f"{self.over} {self.severity} {self.effect} {self.condition()}".encode()).hexdigest()[:12]

    def condition(self) -> str:
        """The whole SQL condition, with params, effective dates and the missing-value strategy."""
        predicate = _PARAM.sub(lambda found: _literal(self.params[found[1]]), self.fails)
        condition = f"coalesce(({predicate}), {'true' if self.missing_value == 'fail' else 'false'})"
        if self.effective_from:
            condition += f" AND received_on >= DATE '{self.effective_from}'"
        if self.effective_to:
            condition += f" AND received_on <= DATE '{self.effective_to}'"
        return condition


@dataclass(frozen=True)
class Tuned:
    """The catalogue as one campaign has it."""

    rules: list[Rule]  # tuned; those switched off are in it too
    off: set[str] = field(default_factory=set)

    def on(self, place: str, over: str | None = None) -> list[Rule]:
        return [r for r in self.rules if r.id not in self.off and r.place == place and (over is None or r.over == over)]

    def __getitem__(self, rule_id: str) -> Rule:
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise RuleError(f"no rule '{rule_id}' in the catalogue", where=str(FOLDER.name), way_out="Add it to expectations/rules")


_FILE_DEFAULTS = {"dimension": "clean", "severity": "reject", "responsibility": "sender", "place": "file", "missing_value": "fail"}


@cache
def _catalogue() -> tuple[Rule, ...]:
    return tuple(rule for path in sorted(FOLDER.glob("*.yml")) for rule in read_rules(path))


def load_catalogue() -> list[Rule]:
    """All rules, by file and in the order written; raises RuleError with file and rule where an entry is faulty."""
    rules = list(_catalogue())
    twice = {rule.id for rule in rules if sum(other.id == rule.id for other in rules) > 1}
    if twice:
        raise RuleError(f"rules given twice: {', '.join(sorted(twice))}", where="expectations/rules", way_out="Keep one of each")
    return rules


def read_rules(path: Path) -> list[Rule]:
    """The rules of one file."""
    rules = []
    for entry in plain_yaml.load(path.read_text(encoding="utf-8")) or []:
        try:
            rules.append(Rule.model_validate((_FILE_DEFAULTS if path.stem == "file" else {}) | entry))
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise RuleError(f"rule '{entry.get('id')}': {key} {first['msg']}", where=path.name, way_out="Mend the entry") from None
    return rules


def check_rules(campaign: Campaign) -> list[str]:
    """What is wrong with `rules:` of a campaign, one line each; empty when nothing is."""
    known = {rule.id: rule for rule in load_catalogue()}
    where = f"{campaign.folder / 'campaign.yml'}"
    faults = []
    for rule_id, switch in campaign.rules.items():
        line = f"{where}{_line_of(campaign, rule_id)}: rules.{rule_id}"
        if rule_id not in known:
            near = difflib.get_close_matches(rule_id, known, n=1, cutoff=0.0)
            faults.append(f"{line}: there is no such rule. Did you mean '{near[0]}'?")
            continue
        rule = known[rule_id]
        if rule.place == "file" and (not switch.on or switch.severity):
            faults.append(f"{line}: an unreadable file cannot be let through. Remove the entry")
        for name, value in switch.params.items():
            if name not in rule.params:
                faults.append(f"{line}.params: found '{name}'. Allowed: {', '.join(rule.params) or 'none for this rule'}")
            elif isinstance(value, str) and not isinstance(rule.params[name], str):
                faults.append(f"{line}.params.{name}: found '{value}', expected a number")
    return faults


def tune(campaign: Campaign) -> Tuned:
    """The catalogue with the campaign's switches, severities and params; raises CampaignError on faults in them."""
    faults = check_rules(campaign)
    if faults:
        raise CampaignError(faults)
    rules, off = [], set()
    for rule in load_catalogue():
        switch = campaign.rules.get(rule.id)
        if switch:
            changes: dict[str, Any] = {"params": rule.params | switch.params}
            if switch.severity:
                changes["severity"] = switch.severity
            rule = rule.model_copy(update=changes)
            if not switch.on:
                off.add(rule.id)
        rules.append(rule)
    return Tuned(rules, off)


def write_rules(settings: Settings, campaign: Campaign) -> Path:
    """`register/rules/campaign_id=C.parquet`: one row per rule, on or off; not touched when unchanged."""
    tuned = tune(campaign)
    rows = [
        {
            "campaign_id": campaign.id, "rule_id": rule.id, "dimension": rule.dimension, "severity": rule.severity,
            "responsibility": rule.responsibility, "place": "warehouse" if rule.place == "warehouse" else "gate",
            "rule_version": rule.version, "is_on": rule.id not in tuned.off,
            "message_vi": rule.message.vi, "message_en": rule.message.en,
            "remedy_vi": rule.remedy.vi, "remedy_en": rule.remedy.en, "params": json.dumps(rule.params, sort_keys=True),
        }
        for rule in sorted(tuned.rules, key=lambda rule: rule.id)
    ]  # fmt: skip
    content = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), content, compression="zstd")
    target = settings.register / "rules" / f"campaign_id={campaign.id}.parquet"
    written = content.getvalue().to_pybytes()
    if not target.is_file() or target.read_bytes() != written:
        with written_whole(target) as scratch:
            scratch.write_bytes(written)
    return target


def _line_of(campaign: Campaign, rule_id: str) -> str:
    """`:line` of a rule's key in campaign.yml, or nothing where there is no file."""
    path = campaign.folder / "campaign.yml"
    if not path.is_file():
        return ""
    node = plain_yaml.compose(path.read_text(encoding="utf-8-sig"))
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "rules" and isinstance(value, yaml.MappingNode):
            for name, _ in value.value:
                if name.value == rule_id:
                    return f":{name.start_mark.line + 1}"
    return ""


def _literal(value: Param) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
