"""The catalogue held against the real relations: a tiny batch goes through landing and readers, then every rule is tried on it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations import lint
from expectations.catalogue import FOLDER, Tuned
from expectations.rule import Rule
from tiendo import plain_yaml, units
from tiendo.campaign import Campaign
from tiendo.errors import NotFoundError, RuleError
from tiendo.home import scratch_folder
from tiendo.settings import ROOT, Settings

DBT_MODELS = ROOT / "dbt_project" / "models" / "intermediate"
FIXTURES = ROOT / "tests" / "rules" / "fixtures"


def lint_catalogue(folder: Path = FOLDER) -> tuple[int, list[str]]:
    """How many entries there are, and everything that is wrong with them: `file:line: rule 'id': what`."""
    found, faults = lint.entries(folder)
    relations = warehouse_relations()
    with scratch_folder(Path(tempfile.gettempdir()), "tiendo-lint-") as scratch, _context(scratch, [rule for _, rule in found]) as tried:
        connection, campaign, said = tried
        faults += said
        for place, rule in found:
            told = [*lint.text_faults(rule), *lint.shape_faults(rule)]
            if rule.place == "gate" and connection:
                told += lint.gate_faults(connection, campaign, rule)
            elif rule.place == "warehouse":
                told += lint.warehouse_faults(relations, rule)
            faults += [f"{place}: rule '{rule.edition}': {what}" for what in told]
    return len(found), faults


def coverage(folder: Path = FOLDER, fixtures: Path = FIXTURES) -> tuple[int, list[str]]:
    """How many rules there are, and which lack a fixture; raises NotFoundError where the tests are not installed."""
    if not fixtures.is_dir():
        raise NotFoundError("the tests are not installed here", where=str(fixtures), way_out="Run it in a checkout of the repository")
    found, faults = lint.entries(folder)
    rules = [rule for _, rule in found]
    return len({rule.id for rule in rules}), faults + lint.coverage_faults(rules, fixtures)


def warehouse_relations() -> dict[str, set[str]]:
    """Columns of every model int_checked_X, as its description names them."""
    relations = {}
    for path in sorted(DBT_MODELS.glob("*.yml")):
        for model in (plain_yaml.load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            if model["name"].startswith("int_checked_"):
                relations[model["name"].removeprefix("int_checked_")] = {column["name"] for column in model["columns"]}
    return relations


@contextmanager
def _context(scratch: Path, rules: list[Rule]) -> Iterator[tuple[duckdb.DuckDBPyConnection | None, Campaign, list[str]]]:
    """The gate's relations over a tiny batch, and what went wrong in making them (a rule that holds is run while they are made)."""
    from expectations import context, findings, gate, lanes, series
    from loaders.landing import land, pending
    from loaders.reading import read_batch

    campaign = _tiny_campaign(scratch)
    settings = Settings(scratch / "home", ())
    land(settings, campaign, datetime(2023, 6, 14, 4, tzinfo=UTC))
    parsed = scratch / "parsed"
    parsed.mkdir()
    register = units.load_units(settings, campaign)
    read_batch(settings, campaign, pending(settings, campaign), parsed, register)
    with closing(context.open_connection(scratch)) as connection:
        try:
            tuned = Tuned([rule.model_copy(update={"on": True}) for rule in rules])
            gate.prepare(connection, settings, campaign, parsed, register, tuned)
            lanes.judge_rows(connection, [])
            series.build(connection, settings, campaign, tuned, None)
            connection.execute("CREATE TABLE originals (file_id VARCHAR, file_name VARCHAR)")
            findings.texts_of_found(connection, parsed)
            lanes.submissions(connection)
        except RuleError as error:
            yield None, campaign, [f"{error.line()} (the rules of the gate are not tried further until this one is mended)"]
            return
        yield connection, campaign, []


def _tiny_campaign(folder: Path) -> Campaign:
    """Two indicators, one a part of the other, two levels, one report of two days."""
    names = {"vi": "Thử", "en": "Trial"}
    given: dict[str, Any] = {
        "id": "trial", "name": names, "starts_on": date(2023, 6, 1), "ends_on": date(2023, 6, 30),
        "levels": [{"id": "city", "name": names}, {"id": "district", "name": names}],
        "units": {"file": "units.csv"},
        "indicators": [
            {"id": "received", "name": names, "kind": "cumulative"},
            {"id": "activated", "name": names, "kind": "cumulative", "part_of": "received"},
            {"id": "added", "name": names, "kind": "increment", "required": False},
        ],
        "slots": [{"id": "daily", "cutoff": "17:00", "levels": ["district"]}],
        "sources": [
            {"id": "reports", "path": "inbox", "as_of": "day", "unit": {"code": "code"},
             "indicators": {"received": "received", "activated": "activated", "added": "added"}}
        ],
    }  # fmt: skip
    campaign = Campaign.model_validate(given)
    campaign._folder = folder
    (folder / "inbox").mkdir()
    register = "unit_code,unit_name,level,parent_code\n31,Hải Phòng,city,\n303,Hồng Bàng,district,31\n"
    (folder / "units.csv").write_text(register, encoding="utf-8")
    rows = "code,day,received,activated,added\n303,2023-06-12,10,5,1\n303,2023-06-13,12,6,2\n"
    (folder / "inbox" / "report.csv").write_text(rows, encoding="utf-8")
    return campaign
