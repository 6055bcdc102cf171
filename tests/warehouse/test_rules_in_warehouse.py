"""Rules of the warehouse run from the catalogue: versions by day, rules on trial, and the check of the checks. One dbt build."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from tiny_lake import House, campaign_row, daily_slots, day, figure, indicator, submission, unit

UNITS = [unit("C", "city", None), *[unit(code, "commune", "C") for code in ("A", "B")]]
PARENTS = {"message_vi": "{value} / {expected} ({score})", "message_en": "{value} / {expected} ({score})", "relation": "parent_sums"}


def checks(rule_id: str, slot: int | None, applied: int, failed: int) -> dict[str, Any]:
    return {
        "rule_id": rule_id, "edition": rule_id, "rule_version": "v", "slot_id": f"daily/2023-06-{slot:02}" if slot else None,
        "checks_applied": applied, "reports_judged": 1, "checks_failed": failed, "reports_failed": failed,
    }  # fmt: skip


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A silent commune B, a city that reports 3 more than its communes on 2 and 9 June, and 30 closed slots."""
    house = House(tmp_path_factory.mktemp("rules"))
    difference = "coalesce((abs(reported_value - children_sum) > {}), false) AND judged_on {}"
    house.write_register(
        "c",
        campaigns=[campaign_row("2023-06-30 23:59:59", ends_on=day("2023-06-30"))],
        levels=[{"level": name, "depth": n, "name_vi": name, "name_en": name} for n, name in enumerate(("city", "commune"), 1)],
        units=UNITS,
        indicators=[indicator()],
        slots=daily_slots("2023-06-01", 30, "commune"),
        rules=[
            {"rule_id": "slot_missing"},
            # The tolerance was 5 until 8 June; since then it is 2.
            {"rule_id": "parent_sum", "edition": "parent_sum", "is_latest": False, "effective_to": day("2023-06-08"),
             "condition": difference.format(5, "<= DATE '2023-06-08'"), **PARENTS},
            {"rule_id": "parent_sum", "edition": "parent_sum@2023-06-09", "effective_from": day("2023-06-09"),
             "condition": difference.format(2, ">= DATE '2023-06-09'"), "shows": '{"score": "difference"}', **PARENTS},
            *[{"rule_id": name} for name in ("negative_value", "fractional_count", "future_date")],
            {"rule_id": "cumulative_fall", "is_on": False},
        ],
    )  # fmt: skip
    house.write_register(
        "trial",
        campaigns=[campaign_row("2023-06-05 23:59:59")],
        levels=[{"level": "commune", "depth": 1, "name_vi": "x", "name_en": "x"}],
        units=[unit("A", "commune", None)],
        indicators=[indicator()],
        slots=daily_slots("2023-06-01", 2, "commune"),
        rules=[{"rule_id": "slot_missing", "is_shadow": True}],
    )
    days = (2, 9)
    house.write_batch(
        "c",
        "b1",
        figures=[figure(f"a{n}", "A", 100.0 + n, f"2023-06-0{n} 08:00", f"2023-06-0{n} 10:00", slot_id=f"daily/2023-06-0{n}") for n in days]
        + [figure(f"c{n}", "C", 103.0 + n, f"2023-06-0{n} 08:00", f"2023-06-0{n} 11:00") for n in days],
        submissions=[submission(f"a{n}", "A", f"daily/2023-06-0{n}", f"2023-06-0{n} 10:00") for n in days],
        checks=[
            *[checks("negative_value", n, 3, 0) for n in days],
            *[checks("fractional_count", n, 1, 1) for n in days],
            checks("fractional_count", None, 5, 0),
            checks("future_date", 2, 1, 1), checks("future_date", 9, 1, 0),
        ],
    )  # fmt: skip
    connection = house.build("w", "--full-refresh", "--exclude-resource-type", "unit_test")
    yield connection
    connection.close()


def test_a_threshold_that_changed_leaves_earlier_days_as_they_were_judged(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute("SELECT as_of::DATE, message_en, rule_version FROM marts.fct_findings WHERE rule_id = 'parent_sum'").fetchall()
    assert [(on.isoformat(), words) for on, words, _ in found] == [("2023-06-09", "112 / 109 (3)")]
    versions = marts.execute("SELECT edition, effective_to FROM marts.dim_rule_version WHERE rule_id = 'parent_sum' ORDER BY 1").fetchall()
    assert versions == [("parent_sum", day("2023-06-08")), ("parent_sum@2023-06-09", None)]
    assert marts.execute("SELECT count(*) FROM marts.dim_rule WHERE rule_id = 'parent_sum'").fetchone() == (1,)


def test_findings_of_a_rule_on_trial_are_recorded_without_effect(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute(
        "SELECT DISTINCT campaign_id, effect, effect_reason FROM marts.fct_findings WHERE rule_id = 'slot_missing'"
    ).fetchall()
    assert sorted(found) == [("c", "flag", None), ("trial", "none", "shadow")]


def test_rules_that_find_nobody_or_everybody_through_30_slots_are_told(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """SELECT rule_id, verdict, checks_applied, checks_failed, recent_judged, recent_failed FROM marts.rule_activity
           WHERE campaign_id = 'c' ORDER BY rule_id"""
    ).fetchall()
    assert rows == [
        ("cumulative_fall", "off", 0, 0, 0, 0),
        ("fractional_count", "fails_all", 7, 2, 2, 2),
        ("future_date", "ok", 2, 1, 2, 1),
        ("negative_value", "passes_all", 6, 0, 2, 0),
        ("parent_sum", "ok", 2, 1, 2, 1),
        ("slot_missing", "ok", 60, 58, 60, 58),
    ]


def test_a_young_campaign_says_nothing_of_its_rules_yet(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute("SELECT verdict, recent_slots FROM marts.rule_activity WHERE campaign_id = 'trial'").fetchall() == [
        ("too_early", 2)
    ]
