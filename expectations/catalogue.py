"""The rule catalogue: data in rules/*.yml, checked here; suites, receipts, marts and docs all come from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from expectations.rule import Rule
from tiendo import plain_yaml
from tiendo.campaign import Campaign, RuleSwitch
from tiendo.campaign_file import did_you_mean, key_lines, nearest_line
from tiendo.errors import CampaignError, RuleError

FOLDER = Path(__file__).resolve().parent / "rules"
_FILE_DEFAULTS = {"dimension": "clean", "severity": "reject", "responsibility": "sender", "place": "file", "missing_value": "fail"}


@dataclass(frozen=True)
class Tuned:
    """The catalogue as one campaign has it: every version of every rule, those that are off too."""

    rules: list[Rule]

    def on(self, place: str, over: str | None = None) -> list[Rule]:
        return [r for r in self.rules if r.on and r.place == place and (over is None or r.over == over)]

    def editions(self, rule_id: str) -> list[Rule]:
        """Versions of a rule, the newest last."""
        return sorted((rule for rule in self.rules if rule.id == rule_id), key=lambda rule: rule.effective_from or date.min)

    def __getitem__(self, rule_id: str) -> Rule:
        """The newest version of a rule; raises RuleError."""
        if editions := self.editions(rule_id):
            return editions[-1]
        raise RuleError(f"no rule '{rule_id}' in the catalogue", where=str(FOLDER.name), way_out="Add it to expectations/rules")


@cache
def _catalogue(folder: Path) -> tuple[Rule, ...]:
    return tuple(rule for path in sorted(folder.glob("*.yml")) for rule in read_rules(path))


def load_catalogue(folder: Path | None = None) -> list[Rule]:
    """All versions of all rules, by file and in the order written; raises RuleError with file and rule where an entry is faulty."""
    rules = list(_catalogue(folder or FOLDER))
    check_versions(rules)
    return rules


def check_versions(rules: Sequence[Rule]) -> None:
    """Raises RuleError where two versions of a rule are in effect on the same days."""
    if twice := sorted({rule.id for n, rule in enumerate(rules) for other in rules[:n] if rule.id == other.id and _overlap(rule, other)}):
        raise RuleError(
            f"rules given twice for the same days: {', '.join(twice)}",
            where=FOLDER.name,
            way_out="Keep one of each, or give the versions effective_from and effective_to that do not overlap",
        )


def read_rules(path: Path) -> list[Rule]:
    """The rules of one file."""
    text = path.read_text(encoding="utf-8")
    try:
        entries = plain_yaml.load(text) or []
    except yaml.YAMLError as error:
        raise RuleError(f"not YAML: {' '.join(str(error).split())}", where=path.name, way_out="Mend the line") from None
    return [read_rule(entry, path) for entry in entries]


def read_rule(entry: dict[str, Any], path: Path) -> Rule:
    """One entry of the file `path`."""
    try:
        return Rule.model_validate((_FILE_DEFAULTS if path.stem == "file" else {}) | entry)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise RuleError(f"rule '{entry.get('id')}': {key} {first['msg']}", where=path.name, way_out="Mend the entry") from None


def lenient_entries(folder: Path) -> tuple[list[Rule], list[str]]:
    """The rules of an older catalogue, and a line for each entry that today's model cannot read."""
    rules, left_out = [], []
    for path in sorted(folder.glob("*.yml")):
        for entry in plain_yaml.load(path.read_text(encoding="utf-8")) or []:
            try:
                rules.append(read_rule(entry, path))
            except RuleError as error:
                left_out.append(f"left out of the old catalogue: {error.what}")
    if not rules:
        raise RuleError("there is no rule in it", where=str(folder), way_out="Name a folder that holds the *.yml of a catalogue")
    return rules, left_out


def check_rules(campaign: Campaign) -> list[str]:
    """What is wrong with `rules:` of a campaign, also those of its recounts, one line each; empty when nothing is."""
    known: dict[str, list[Rule]] = {}
    for rule in load_catalogue():
        known.setdefault(rule.id, []).append(rule)
    file = campaign.folder / "campaign.yml"
    lines = key_lines(file) if file.is_file() else {}
    faults = []
    for rule_id, switches in campaign.rules.items():
        place = ("rules", rule_id)
        if rule_id not in known:
            near = did_you_mean(rule_id, list(known))
            faults.append(f"{_at(file, lines, place)}: there is no such rule (docs/rules.md lists them){near}")
            continue
        for n, switch in enumerate(switches):
            inner = (*place, n) if (*place, n) in lines else place
            faults += [f"{_at(file, lines, (*inner, *keys))}: {what}" for keys, what in _faults(known[rule_id], switches, n, switch)]
    for rule_id in campaign.recounts.rules:
        if rule_id not in known:
            where = _at(file, lines, ("recounts", "rules", rule_id))
            faults.append(f"{where}: there is no such rule (docs/rules.md lists them){did_you_mean(rule_id, list(known))}")
    return faults


def _faults(rules: list[Rule], switches: Sequence[RuleSwitch], n: int, switch: RuleSwitch) -> list[tuple[tuple[str, ...], str]]:
    """What is wrong with the n-th tuning of a rule: (keys below it, what)."""
    found: list[tuple[tuple[str, ...], str]] = []
    if rules[0].place == "file" and (not switch.on or switch.severity or switch.shadow or switch.since):
        found.append(((), "an unreadable file cannot be let through. Remove the entry"))
    earlier = switches[n - 1].since or date.min if n else None
    if n and not switch.since:
        found.append(((), "a later tuning says from which day it holds. Add from:"))
    elif earlier and switch.since and switch.since <= earlier:
        found.append((("from",), f"found {switch.since}, which is not after {earlier}. Put the tunings in the order of their days"))
    params = {name: value for rule in rules for name, value in rule.params.items()}
    for name, value in switch.params.items():
        if name not in params:
            found.append((("params", name), f"there is no such param. Allowed: {', '.join(params) or 'none for this rule'}"))
        elif isinstance(value, str) != isinstance(params[name], str):
            expected = f"a text such as '{params[name]}'" if isinstance(params[name], str) else f"a number such as {params[name]}"
            found.append((("params", name), f"found '{value}', expected {expected}"))
    return found


def _at(file: Path, lines: dict[tuple[str | int, ...], int], path: tuple[str | int, ...]) -> str:
    line = f":{nearest_line(lines, path)}" if lines else ""
    return f"{file}{line}: {'.'.join(str(part) for part in path)}"


def tune(campaign: Campaign, catalogue: Iterable[Rule] | None = None) -> Tuned:
    """The catalogue with the campaign's tunings, each on the days on which it holds; raises CampaignError on faults in them.

    `catalogue`: another one than ours (tiendo rules replay); what a campaign says of rules that it lacks is then passed over.
    """
    if catalogue is None:
        if faults := check_rules(campaign):
            raise CampaignError(faults)
        catalogue = load_catalogue()
    return Tuned([edition for rule in catalogue for edition in _editions(rule, campaign.rules.get(rule.id, []))])


def _editions(rule: Rule, switches: Sequence[RuleSwitch]) -> list[Rule]:
    """A version of a rule cut at the days on which the campaign's tunings change."""
    steps: list[tuple[date | None, RuleSwitch | None]] = [(switch.since, switch) for switch in switches]
    if not steps or steps[0][0]:
        steps.insert(0, (None, None))
    ends = [since - timedelta(days=1) if since else None for since, _ in steps[1:]] + [None]
    cut = []
    for (since, switch), until in zip(steps, ends, strict=True):
        first = max(filter(None, (rule.effective_from, since)), default=None)
        last = min(filter(None, (rule.effective_to, until)), default=None)
        if first and last and last < first:
            continue
        cut.append(rule.model_copy(update={"effective_from": first, "effective_to": last} | (_changes(rule, switch) if switch else {})))
    return cut


def _changes(rule: Rule, switch: RuleSwitch) -> dict[str, Any]:
    given = {name: value for name, value in switch.params.items() if name in rule.params}
    changes: dict[str, Any] = {"params": rule.params | given, "on": switch.on}
    if switch.severity:
        changes["severity"] = switch.severity
    if switch.shadow is not None:
        changes["shadow"] = switch.shadow
    return changes


def _overlap(rule: Rule, other: Rule) -> bool:
    return (rule.effective_from or date.min) <= (other.effective_to or date.max) and (other.effective_from or date.min) <= (
        rule.effective_to or date.max
    )
