"""How often each rule was applied and failed, as the gate writes it into the lake."""

from __future__ import annotations

from pathlib import Path

from rule_batches import campaign, run_batch, table


def test_a_rule_counts_what_it_could_judge_and_what_failed_by_slot(tmp_path: Path) -> None:
    """Two units on the 13th, one of them with two figures; a row of nobody, which no rule over cells of a unit can place."""
    rows = [
        {"unit": "303", "received": -5, "activated": 1},
        {"unit": "304", "received": None},
        {"unit": None, "received": 4},
        {"unit": "303", "received": 7.5, "at": "2023-06-12"},
    ]
    run_batch(tmp_path, campaign(rules={"fractional_count": {"shadow": True}}), rows)
    found = {
        (row["rule_id"], row["slot_id"]): (row["checks_applied"], row["reports_judged"], row["checks_failed"], row["reports_failed"])
        for row in table(tmp_path, "checks")
    }
    # A missing cell has no value to be negative; a cell of the row without a unit is judged, but is in no report and no slot.
    assert found["negative_value", "daily/2023-06-13"] == (2, 1, 1, 1)
    assert found["negative_value", None] == (1, 0, 0, 0)
    assert found["fractional_count", "daily/2023-06-12"] == (1, 1, 1, 1)  # on trial, and counted all the same
    assert found["missing_required_indicator", "daily/2023-06-13"] == (3, 2, 1, 1)
    assert found["unknown_unit", None] == (1, 0, 1, 0)
    # What readers notice is looked for in every row.
    assert found["not_nfc", "daily/2023-06-13"] == (2, 2, 0, 0)
