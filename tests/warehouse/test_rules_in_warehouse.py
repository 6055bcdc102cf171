"""Rules of the warehouse run from the catalogue: versions by day, rules on trial, and the check of the checks. One dbt build."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from tiny_lake import House, campaign_row, daily_slots, day, figure, indicator, moment, submission, unit

UNITS = [unit("C", "city", None), *[unit(code, "commune", "C") for code in ("A", "B")]]
PARENTS = {"message_vi": "{value} / {expected} ({score})", "message_en": "{value} / {expected} ({score})", "relation": "parent_sums"}


def checks(rule_id: str, slot: int | None, applied: int, failed: int) -> dict[str, Any]:
    return {
        "rule_id": rule_id, "edition": rule_id, "rule_version": "v", "slot_id": f"daily/2023-06-{slot:02}" if slot else None,
        "checks_applied": applied, "reports_judged": 1, "checks_failed": failed, "reports_failed": failed,
    }  # fmt: skip


def small(house: House, campaign_id: str, communes: str, **more: Any) -> None:
    house.write_register(
        campaign_id,
        campaigns=[campaign_row("2023-06-05 23:59:59")],
        levels=[{"level": name, "depth": n, "name_vi": name, "name_en": name} for n, name in enumerate(("city", "commune"), 1)],
        units=[unit("C", "city", None), *[unit(code, "commune", "C") for code in communes]],
        indicators=[indicator()],
        **more,
    )


def write_waived(house: House) -> None:
    """A reports on the 1st only; the city reports 3 more than it on the 1st and 2nd; waivers of the 2nd, one of them ended on the 3rd."""
    condition = "coalesce(abs(reported_value - children_sum) > 2, false)"
    small(house, "waived", "A", slots=daily_slots("2023-06-01", 5, "commune"),
          rules=[{"rule_id": "slot_missing"}, {"rule_id": "parent_sum", "condition": condition, **PARENTS}])  # fmt: skip
    house.write_batch(
        "waived", "w1",
        figures=[figure("a1", "A", 100.0, "2023-06-01 08:00", "2023-06-01 10:00", slot_id="daily/2023-06-01")]
        + [figure(f"c{n}", "C", 103.0, f"2023-06-0{n} 08:00", f"2023-06-0{n} 11:00") for n in (1, 2)],
        submissions=[submission("a1", "A", "daily/2023-06-01", "2023-06-01 10:00")],
    )  # fmt: skip
    act = {"author": "Lan", "reason": "a move", "figure_count": 0}
    given = [
        {"act_id": "w-a", "kind": "waiver", "unit_code": "A", "rule_id": "slot_missing", "until": day("2023-06-04"), **act},
        {"act_id": "w-c", "kind": "waiver", "unit_code": "C", "rule_id": "parent_sum", "until": day("2023-06-02"), **act},
        {"act_id": "e-a", "kind": "waiver_end", "source": "w-a", "unit_code": "A", "rule_id": "slot_missing", **act},
    ]
    for one in given:
        at = moment("2023-06-03 12:00" if one["kind"] == "waiver_end" else "2023-06-02 00:00")
        counts = {f"rows_{lane}": 0 for lane in ("received", "accepted", "held", "rejected", "duplicate")}
        file = {
            "source_id": "acts",
            "file_id": one["act_id"],
            "file_name": "acts",
            "received_at": at,
            "status": "acts",
            "is_simulated": False,
        }
        house.write_batch("waived", one["act_id"], batches=[file | counts], acts=[one | {"acted_at": at}])


def write_files(house: House) -> None:
    """S1 may report A, B and E, S2 may report F; of the 1st S1's file has A and B, and nothing comes of E and F."""
    senders = [{"sender": name, "unit_code": code, "position": n} for n, (name, code) in enumerate(
        [("s.1", "A"), ("s.1", "B"), ("s.1", "E"), ("s2", "F")], 1)]  # fmt: skip
    small(
        house,
        "files",
        "ABEF",
        slots=daily_slots("2023-06-01", 1, "commune"),
        senders=senders,
        rules=[{"rule_id": "unit_missing_from_file"}],
    )
    house.write_batch(
        "files", "f1",
        figures=[figure("f1", code, 1.0, "2023-06-01 08:00", "2023-06-01 10:00", slot_id="daily/2023-06-01") for code in "AB"],
        submissions=[submission("f1", code, "daily/2023-06-01", "2023-06-01 10:00", sender="S 1") for code in "AB"],
    )  # fmt: skip


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
            *[{"rule_id": name} for name in ("negative_value", "fractional_count", "future_date", "after_cutoff")],
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
            *[checks("after_cutoff", n, 1, 1) for n in range(1, 31)],
        ],
    )  # fmt: skip
    write_waived(house)
    write_files(house)
    connection = house.build("w", "--full-refresh", "--exclude-resource-type", "unit_test")
    yield connection
    connection.close()


def test_a_threshold_that_changed_leaves_earlier_days_as_they_were_judged(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute(
        "SELECT as_of::DATE, message_en, rule_version FROM marts.fct_findings WHERE campaign_id = 'c' AND rule_id = 'parent_sum'"
    ).fetchall()
    assert [(on.isoformat(), words) for on, words, _ in found] == [("2023-06-09", "112 / 109 (3)")]
    versions = marts.execute(
        "SELECT edition, effective_to FROM marts.dim_rule_version WHERE campaign_id = 'c' AND rule_id = 'parent_sum' ORDER BY 1"
    ).fetchall()
    assert versions == [("parent_sum", day("2023-06-08")), ("parent_sum@2023-06-09", None)]
    assert marts.execute("SELECT count(*) FROM marts.dim_rule WHERE campaign_id = 'c' AND rule_id = 'parent_sum'").fetchone() == (1,)


def test_findings_of_a_rule_on_trial_are_recorded_without_effect(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute(
        """SELECT DISTINCT campaign_id, effect, effect_reason FROM marts.fct_findings
           WHERE rule_id = 'slot_missing' AND campaign_id IN ('c', 'trial')"""
    ).fetchall()
    assert sorted(found) == [("c", "flag", None), ("trial", "none", "shadow")]


def test_rules_that_find_nobody_or_everybody_through_30_slots_are_told(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """SELECT rule_id, verdict, checks_applied, checks_failed, recent_judged, recent_failed FROM marts.rule_activity
           WHERE campaign_id = 'c' ORDER BY rule_id"""
    ).fetchall()
    assert rows == [
        ("after_cutoff", "fails_all", 30, 30, 30, 30),
        ("cumulative_fall", "off", 0, 0, 0, 0),
        # two reports in 30 slots, both failed: too few to say of a rule that it fails for everybody
        ("fractional_count", "ok", 7, 2, 2, 2),
        ("future_date", "ok", 2, 1, 2, 1),
        ("negative_value", "passes_all", 6, 0, 2, 0),
        ("parent_sum", "ok", 2, 1, 2, 1),
        ("slot_missing", "ok", 60, 58, 60, 58),
    ]


def test_a_waiver_takes_the_effect_of_a_rule_of_the_warehouse_from_when_it_is_given_until_it_ends(marts: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT rule_id, day(found_at), effect, effect_reason FROM marts.fct_findings
               WHERE campaign_id = 'waived' ORDER BY rule_id, found_at"""
    assert marts.execute(query).fetchall() == [
        ("parent_sum", 1, "flag", None),
        ("parent_sum", 2, "none", "waiver"),
        ("slot_missing", 2, "none", "waiver"),
        ("slot_missing", 3, "flag", None),  # the waiver ended at noon, the slot closed at 17:00
        ("slot_missing", 4, "flag", None),
        ("slot_missing", 5, "flag", None),
    ]
    query = "SELECT checks_failed FROM marts.data_quality WHERE campaign_id = 'waived' AND unit_code = 'C' AND period = 'all'"
    assert marts.execute(query).fetchall() == [(0.5,)]


def test_a_file_is_asked_only_for_units_that_its_sender_may_report(marts: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT unit_code, value, expected FROM marts.fct_findings WHERE campaign_id = 'files'"
    assert marts.execute(query).fetchall() == [("E", 2, 3)]


def test_a_young_campaign_says_nothing_of_its_rules_yet(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute("SELECT verdict, recent_slots FROM marts.rule_activity WHERE campaign_id = 'trial'").fetchall() == [
        ("too_early", 2)
    ]
