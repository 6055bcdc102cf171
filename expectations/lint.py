"""What is wrong with the catalogue itself, before any data: `tiendo rules lint` and `tiendo rules coverage`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import duckdb
import yaml

from expectations import catalogue
from expectations.engine import failing_query
from expectations.findings import worded
from expectations.messages import placeholders_in
from expectations.rule import Rule
from expectations.samples import sample
from expectations.signs import relation_of
from tiendo import plain_yaml
from tiendo.campaign import Campaign
from tiendo.errors import RuleError

LONGEST_NAME = 60
# What the warehouse can fill in (macros/wording.sql).
OF_WAREHOUSE = frozenset({"unit", "slot", "cutoff", "indicator", "value", "expected", "previous", "score", "minutes", "raw"})
OF_FILES = frozenset({"file", "raw", "reason"})


def entries(folder: Path) -> tuple[list[tuple[str, Rule]], list[str]]:
    """(place in file, rule) of every entry that can be read, and the faults of the files and of those that cannot."""
    found: list[tuple[str, Rule]] = []
    faults: list[str] = []
    for path in sorted(folder.glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        faults += [
            f"{path.name}:{number}: not NFC: write accented letters as one character each"
            for number, line in enumerate(text.splitlines(), 1)
            if not unicodedata.is_normalized("NFC", line)
        ]
        try:
            node = plain_yaml.compose(text)
        except yaml.YAMLError as error:
            faults.append(f"{path.name}: not YAML: {' '.join(str(error).split())}")
            continue
        lines = [item.start_mark.line + 1 for item in node.value] if isinstance(node, yaml.SequenceNode) else []
        for line, entry in zip(lines, plain_yaml.load(text) or [], strict=True):
            try:
                found.append((f"{path.name}:{line}", catalogue.read_rule(entry, path)))
            except RuleError as error:
                faults.append(f"{path.name}:{line}: {error.what}")
    try:
        catalogue.check_versions([rule for _, rule in found])
    except RuleError as error:
        faults.append(error.line())
    return found, faults


def text_faults(rule: Rule) -> Iterator[str]:
    """What is missing or wrong in the words of a rule."""
    if rule.name is None:
        yield "name is missing: a short name in both languages"
    for what, names in (("name", rule.name), ("message", rule.message), ("remedy", rule.remedy), ("explanation", rule.explanation)):
        for language in ("vi", "en") if names else ():
            if not getattr(names, language).strip():
                yield f"{what}.{language} is empty"
    if rule.name and max(len(rule.name.vi), len(rule.name.en)) > LONGEST_NAME:
        yield f"name is longer than {LONGEST_NAME} characters"
    if str(rule.example or "").strip() == "":
        yield "example is empty"
    if set(placeholders_in(rule.remedy.vi)) != set(placeholders_in(rule.remedy.en)):
        yield "the Vietnamese and the English remedy must show the same placeholders"
    fillable = {"warehouse": OF_WAREHOUSE, "file": OF_FILES}.get(rule.place)
    for what, names in (("message", rule.message), ("remedy", rule.remedy)):
        for language in ("vi", "en"):
            template = getattr(names, language)
            unfilled = sorted(set(placeholders_in(template)) - fillable) if fillable else []
            if unfilled:
                yield f"{what}.{language} shows {', '.join(unfilled)}, which a rule of the {rule.place} cannot fill"
            try:
                text = sample(template, language)
            except (duckdb.Error, ValueError) as error:
                yield f"{what}.{language} cannot be rendered: {str(error).splitlines()[0]}"
                continue
            if "{" in text or "}" in text or "–" in text:
                yield f"{what}.{language} renders as “{text}”: a placeholder stays empty"


def shape_faults(rule: Rule) -> Iterator[str]:
    """What the model cannot see of place, dates and severity."""
    if rule.place == "file" and (rule.shadow or not rule.on or rule.effective_from or rule.effective_to):
        yield "a file that cannot be read cannot be let through: no shadow, on or effective dates"
    if rule.place == "warehouse" and (rule.severity != "flag" or rule.lane):
        yield "a rule of the warehouse comes after the lanes: its severity is flag"
    if rule.place == "warehouse" and rule.effective_by == "arrival":
        yield "a rule of the warehouse judges slots and figures: effective_by is period"
    if rule.lane and rule.severity == "hold":
        yield "lane duplicate goes with severity reject or flag"


def gate_faults(connection: duckdb.DuckDBPyConnection, campaign: Campaign, rule: Rule) -> Iterator[str]:
    """What DuckDB says against a rule of the gate over real relations (one tiny batch put into context)."""
    relation = relation_of(rule)
    present = {row[0] for row in connection.execute(f"SELECT name FROM pragma_table_info('{relation}')").fetchall()} if _has(
        connection, relation
    ) else set()  # fmt: skip
    if not present:
        yield f"over: there is no relation '{rule.over}' at the gate"
        return
    missing = [column for column in rule.needs if column not in present]
    if missing:
        yield f"needs {', '.join(missing)}, which {rule.over} does not have"
        return
    for what, statement in (("fails", failing_query(relation, rule.condition())), ("shows", worded(campaign, rule))):
        try:
            connection.execute(statement).fetchall()
        except duckdb.Error as error:
            yield f"{what}: {str(error).splitlines()[0]}"
            return


def warehouse_faults(relations: dict[str, set[str]], rule: Rule) -> Iterator[str]:
    """`relations`: columns of every relation that the warehouse runs rules over."""
    if rule.over not in relations:
        yield f"over: there is no relation '{rule.over}' in the warehouse. Allowed: {', '.join(sorted(relations))}"
        return
    missing = [column for column in rule.needs if column not in relations[rule.over]]
    if missing:
        yield f"needs {', '.join(missing)}, which int_checked_{rule.over} does not have"


def coverage_faults(rules: list[Rule], fixtures: Path) -> list[str]:
    """Rules without a passing or a failing fixture, and fixtures without a rule."""
    ids = {rule.id for rule in rules}
    faults = [
        f"{rule_id}: no fixture {name}.yml. Add {fixtures / rule_id / name}.yml"
        for rule_id in sorted(ids)
        for name in ("pass", "fail")
        if not (fixtures / rule_id / f"{name}.yml").is_file()
    ]
    for path in sorted(fixtures.iterdir()):
        if path.is_dir() and path.name not in ids:
            faults.append(f"{path.name}: fixtures of a rule that is not in the catalogue. Remove {path}")
    for rule_id in sorted(ids):
        path = fixtures / rule_id / "fail.yml"
        if path.is_file() and not (plain_yaml.load(path.read_text(encoding="utf-8")) or {}).get("expect"):
            faults.append(f"{rule_id}: its failing fixture expects nothing. Give {path} an expect:")
    return faults


def _has(connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
    found = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [relation]).fetchone()
    return bool(found and found[0])
