"""Every rule on a case that it must find and on a case that it must leave alone; fixtures/<rule>/{pass,fail}.yml are the cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml
from rule_batches import campaign, run_batch, table

from expectations.catalogue import load_catalogue, read_rules
from expectations.messages import MACROS, PLACEHOLDERS, rendered
from tiendo.errors import RuleError

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parent / "fixtures"
RULES = {rule.id: rule for rule in load_catalogue()}
AT_THE_GATE = sorted(rule.id for rule in RULES.values() if rule.place != "warehouse")
IN_THE_WAREHOUSE = sorted(rule.id for rule in RULES.values() if rule.place == "warehouse")


def case(rule_id: str, name: str) -> dict[str, Any]:
    return yaml.safe_load((FIXTURES / rule_id / f"{name}.yml").read_text(encoding="utf-8"))


def judged(home: Path, given: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[tuple[str, int | None], str]]:
    """The findings, and the lane of each row told from one batch."""
    result = run_batch(home, campaign(**given.get("campaign", {})), given["rows"], given.get("files"))
    found = table(home, "findings")
    assert result.findings == len(found)
    return found, result.counts


def test_no_rule_lacks_a_passing_or_a_failing_fixture() -> None:
    assert RULES
    lacking = [
        f"{rule_id}/{name}.yml" for rule_id in RULES for name in ("pass", "fail") if not (FIXTURES / rule_id / f"{name}.yml").is_file()
    ]
    assert not lacking
    assert {path.name for path in FIXTURES.iterdir()} == set(RULES)


@pytest.mark.parametrize("rule_id", AT_THE_GATE)
def test_a_rule_finds_its_failing_case_with_place_lane_and_words(rule_id: str, tmp_path: Path) -> None:
    given = case(rule_id, "fail")
    found, counts = judged(tmp_path, given)
    mine = sorted((f for f in found if f["rule_id"] == rule_id), key=lambda f: f["row_number"] or 0)
    expected = given["expect"]
    assert [(f["row_number"], f["message_vi"]) for f in mine] == [(e.get("row"), e["message"]) for e in expected]
    for finding, wanted in zip(mine, expected, strict=True):
        assert finding["remedy_vi"] == wanted.get("remedy", finding["remedy_vi"])
        assert finding["severity"] == RULES[rule_id].severity and finding["dimension"] == RULES[rule_id].dimension
        assert "{" not in finding["message_en"] + finding["remedy_en"] and "–" not in finding["message_en"]
        if wanted.get("row") is not None and finding["unit_code"]:
            assert finding["submission_id"]
    lanes = {lane: sum(e.get("lane") == lane for e in expected) for lane in ("held", "rejected", "duplicate")}
    lanes |= given.get("lanes", {})  # where one finding is of all rows of a file
    if RULES[rule_id].place == "gate":
        assert {lane: counts[f"rows_{lane}"] for lane in lanes} == lanes


@pytest.mark.parametrize("rule_id", AT_THE_GATE)
def test_a_rule_leaves_its_passing_case_alone(rule_id: str, tmp_path: Path) -> None:
    found, counts = judged(tmp_path, case(rule_id, "pass"))
    assert rule_id not in {f["rule_id"] for f in found}
    assert counts["rows_received"] > 0


@pytest.mark.parametrize("rule_id", IN_THE_WAREHOUSE)
def test_a_rule_of_the_warehouse_finds_and_words_its_failing_case_only(rule_id: str) -> None:
    rule = RULES[rule_id]
    with duckdb.connect() as connection:
        connection.execute(MACROS)
        for name in ("pass", "fail"):
            given = case(rule_id, name)
            connection.register("given", pa.Table.from_pylist(given["relation"]))
            worded = ("indicator", "slot", "cutoff")  # these differ by language
            present = sorted(PLACEHOLDERS & set(given["relation"][0]))
            shown = ", ".join(f"{name} AS show_{name}{'_vi' if name in worded else ''}" for name in present)
            query = f"SELECT {rendered(rule.message.vi, 'vi')} FROM (SELECT {shown} FROM given WHERE {rule.condition()})"
            assert [row[0] for row in connection.execute(query).fetchall()] == [e["message"] for e in given.get("expect", [])]


def test_an_entry_with_a_placeholder_that_nothing_fills_is_refused(tmp_path: Path) -> None:
    entry = yaml.safe_load((Path(read_rules.__code__.co_filename).parent / "rules" / "live.yml").read_text(encoding="utf-8"))[0]
    entry["message"]["vi"] += " {nonsense}"
    path = tmp_path / "live.yml"
    path.write_text(yaml.safe_dump([entry], allow_unicode=True), encoding="utf-8")
    with pytest.raises(RuleError, match=r"live.yml.*after_cutoff.*nonsense"):
        read_rules(path)
