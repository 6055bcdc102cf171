"""docs/rules.md, made from the catalogue: `python -m expectations.docs > docs/rules.md`. A test keeps it fresh."""

from __future__ import annotations

import sys

from expectations.catalogue import load_catalogue
from expectations.rule import Rule
from expectations.samples import sample_message

DIMENSIONS = {
    "correct": ("đúng", "does it agree with the world and with itself?"),
    "sufficient": ("đủ", "is everything that is owed there?"),
    "clean": ("sạch", "can it be used as it is?"),
    "live": ("sống", "is it fresh and really reported?"),
}
PLACES = {"gate": "at the gate", "warehouse": "in the warehouse", "file": "when a file is opened"}
HEAD = """\
# The rules

Made from `expectations/rules/*.yml` by `python -m expectations.docs`; edit those. {count} rules, {versions}.

**reject**: cannot be read as a report; **hold**: readable but severely wrong, out of the marts until corrected or released;
**flag**: accepted and shown. A row stands or falls together (docs/data.md). *Where*: when a file is opened, at the gate before
a batch enters the lake, or in the warehouse when a slot has closed. *Mended by*: the sender, the keeper of the register of units, or us.
Sample messages show made-up values.

A campaign switches and tunes rules by id, from a day on if it likes (docs/campaigns.md):

```yaml
rules:
  cumulative_fall: {{severity: flag}}        # reject | hold | flag
  after_cutoff: {{on: false}}
  future_date: {{shadow: true}}              # on trial: recorded, without effect
  parent_sum:
    - {{params: {{tolerance: 5}}}}
    - {{from: 2023-06-16, params: {{tolerance: 0}}}}
```

`tiendo rules explain RULE` says the same as this page, `--campaign C` as that campaign has it.

## Adding or changing a rule
1. An entry in `expectations/rules/*.yml`: its keys are explained in `expectations/rule.py`. `fails` is SQL over one relation
   (docs/data.md, "Relations of rules").
2. `tests/rules/fixtures/RULE/pass.yml` and `fail.yml`.
3. `tiendo rules lint`, `tiendo rules coverage`, `python -m expectations.docs > docs/rules.md`.
4. `tiendo rules replay --base HEAD`: who would newly fail in what is archived. In doubt, begin with `shadow: true`.

A change of what a rule judges is a **version**: close the old entry with `effective_to`, and add one of the same id with
`effective_from`. Periods before that day stay as they were judged, also when the warehouse is built anew.
"""


def rules_page() -> str:
    """The whole page as Markdown."""
    rules = load_catalogue()
    ids = {rule.id for rule in rules}
    versions = "each in one version" if len(ids) == len(rules) else f"{len(rules)} versions"
    parts = [HEAD.format(count=len(ids), versions=versions), _contents(rules)]
    for dimension, (vietnamese, question) in DIMENSIONS.items():
        parts.append(f"## {dimension} ({vietnamese})\n{question.capitalize()}\n")
        parts += [_entry(rule) for rule in _of(rules, dimension)]
    return "\n".join(parts)


def _of(rules: list[Rule], dimension: str) -> list[Rule]:
    return sorted((rule for rule in rules if rule.dimension == dimension), key=lambda rule: rule.edition)


def _contents(rules: list[Rule]) -> str:
    lines = ["## Contents", "| rule | name | severity | where | mended by |", "|---|---|---|---|---|"]
    for dimension, (vietnamese, _) in DIMENSIONS.items():
        lines.append(f"| **[{dimension}](#{dimension}-{vietnamese})** | | | | |")
        lines += [
            f"| [{rule.edition}](#{_anchor(rule.edition)}) | {_name(rule)} | {_severity(rule)} | {rule.place} | {rule.responsibility} |"
            for rule in _of(rules, dimension)
        ]
    return "\n".join([*lines, ""])


def _entry(rule: Rule) -> str:
    facts = [f"**{_severity(rule)}**" + (" of the whole submission" if rule.effect == "submission" else ""), PLACES[rule.place]]
    if rule.over:
        facts.append(f"over `{rule.over}`")
    facts.append(f"mended by: {rule.responsibility}")
    if not rule.on:
        facts.append("off unless a campaign names it")
    if rule.shadow:
        facts.append("on trial (shadow)")
    if rule.effective_from or rule.effective_to:
        facts.append(f"in effect {rule.effective_from or 'from the beginning'} to {rule.effective_to or 'further notice'}")
    lines = [
        f"### {rule.edition}",
        f"*{_name(rule)}*",
        "",
        f"{'; '.join(facts)}.",
        "",
        f"{rule.explanation.vi}",
        "",
        f"{rule.explanation.en}",
        "",
    ]
    if rule.fails:
        missing = "" if rule.missing_value == "skip" else " (a missing value fails)"
        lines += [f"Fails where{missing}: `{' '.join(rule.fails.split())}`", ""]
    if rule.params:
        lines += ["| param | default |", "|---|---|", *(f"| `{name}` | {value} |" for name, value in rule.params.items()), ""]
    lines += [f"Example: {rule.example}", ""]
    lines += [f"> {sample_message(rule, 'vi')}", ">", f"> {sample_message(rule, 'en')}", ""]
    return "\n".join(lines)


def _name(rule: Rule) -> str:
    return f"{rule.name.vi} · {rule.name.en}" if rule.name else rule.id


def _severity(rule: Rule) -> str:
    return f"{rule.severity}, lane {rule.lane}" if rule.lane else rule.severity


def _anchor(heading: str) -> str:
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


if __name__ == "__main__":
    sys.stdout.write(rules_page())
