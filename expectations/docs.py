"""docs/rules.md, made from the catalogue: `python -m expectations.docs > docs/rules.md`. A test keeps it fresh."""

from __future__ import annotations

import sys

from expectations.catalogue import Rule, load_catalogue

DIMENSIONS = {
    "correct": "đúng: does it agree with the world and with itself?",
    "sufficient": "đủ: is everything that is owed there?",
    "clean": "sạch: can it be used as it is?",
    "live": "sống: is it fresh and really reported?",
}
HEAD = """\
# The rules

Made from `expectations/rules/*.yml` by `python -m expectations.docs`; edit those. A campaign switches and tunes them by id:

```yaml
rules:
  cumulative_fall: {severity: flag}        # reject | hold | flag
  after_cutoff: {on: false}
```

**reject**: cannot be read as a report; **hold**: readable but severely wrong, out of the marts until corrected;
**flag**: accepted and shown. A row stands or falls together (docs/data.md). *Where*: when a file is opened, at the gate before
a batch enters the lake, or in the warehouse when a slot has closed.
"""


def rules_page() -> str:
    """The whole page as Markdown."""
    parts = [HEAD]
    for dimension, question in DIMENSIONS.items():
        parts.append(f"\n## {dimension} ({question.split(':')[0]})\n{question.split(': ')[1].capitalize()}\n")
        parts += [_entry(rule) for rule in load_catalogue() if rule.dimension == dimension]
    return "\n".join(parts)


def _entry(rule: Rule) -> str:
    facts = [
        f"{rule.severity}",
        f"at the {rule.place}" if rule.place != "file" else "when a file is opened",
        f"to be mended by: {rule.responsibility}",
    ]
    if rule.lane:
        facts.insert(1, f"lane {rule.lane}")
    if rule.params:
        facts.append("params: " + ", ".join(f"{name} = {value}" for name, value in rule.params.items()))
    lines = [f"### {rule.id}", f"{'; '.join(facts)}.", "", rule.explanation.en, ""]
    lines += [f"> {rule.message.vi} {rule.remedy.vi}", ">", f"> {rule.message.en} {rule.remedy.en}", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(rules_page())
