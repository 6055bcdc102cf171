"""docs/rules.md is what the catalogue makes of itself today."""

from expectations.catalogue import load_catalogue
from expectations.docs import rules_page
from tiendo.settings import ROOT


def test_the_rules_page_is_fresh() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == rules_page(), "docs/rules.md is stale: python -m expectations.docs > docs/rules.md"


def test_the_rules_page_names_every_rule() -> None:
    rules = load_catalogue()
    assert len(rules) >= 16
    page = rules_page()
    assert [rule.id for rule in rules if f"### {rule.id}\n" not in page] == []
