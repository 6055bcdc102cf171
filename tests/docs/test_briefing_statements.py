"""docs/data.md names every kind of statement of a briefing: readers of the mart filter by them."""

from __future__ import annotations

import re

from tiendo.settings import ROOT


def test_every_kind_of_statement_of_a_briefing_is_in_data_md() -> None:
    macro = (ROOT / "dbt_project" / "macros" / "briefing_statements.sql").read_text(encoding="utf-8")
    kinds = re.findall(r"^        '([a-z_]+)': \{", macro, flags=re.MULTILINE)
    told = next(line for line in (ROOT / "docs" / "data.md").read_text(encoding="utf-8").splitlines() if line.startswith("- `statement`"))
    assert len(kinds) > 20
    assert re.findall(r"`([a-z]+_[a-z_]+)`", told) == kinds
