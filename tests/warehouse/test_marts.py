"""What the marts say of a small campaign whose answers were worked out on paper. One dbt build, with dbt's own unit tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tiny_lake import PROJECT, ROOT, House, campaign_row, daily_slots, day, figure, indicator, moment, submission, unit

from publishers.marts_export import GRAIN
from tiendo.lake import SCHEMAS

UNITS = [
    unit("C", "city", None),
    unit("D1", "district", "C"),
    unit("D2", "district", "C"),
    *[unit(code, "commune", code[:2]) for code in ("D11", "D12", "D21", "D22")],
    unit("D2X", "commune", "D2", kind="placeholder"),
    unit("D13", "commune", "D1", closed_on=day("2023-06-02")),
]


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    house = House(tmp_path_factory.mktemp("marts"))
    words = {"remedy_vi": "", "remedy_en": "", "params": '{"tolerance": 0}', "severity": "flag", "responsibility": "sender", "is_on": True}
    house.write_register(
        "c",
        campaigns=[campaign_row("2023-06-10 23:59:59")],
        levels=[{"level": name, "depth": n, "name_vi": name, "name_en": name} for n, name in enumerate(("city", "district", "commune"), 1)],
        units=UNITS,
        indicators=[indicator(), indicator("added", "increment", is_required=False, position=2)],
        targets=[{"indicator_id": "done", "unit_code": code, "target": 1000.0, "valid_from": day("2023-06-01")}
                 for code in ("D11", "D12", "D21")]
        + [{"indicator_id": "done", "unit_code": "D11", "target": 2000.0, "valid_from": day("2023-06-10")}],
        milestones=[
            {"milestone_id": "third", "name_vi": "m", "name_en": "m", "indicator_id": "done", "level": "district", "threshold_pct": 30.0,
             "due_at": moment("2023-06-05 23:59:59"), "due_date": day("2023-06-05")},
            {"milestone_id": "sum", "name_vi": "m", "name_en": "m", "indicator_id": "added", "level": "city", "threshold_value": 25.0},
            {"milestone_id": "end", "name_vi": "m", "name_en": "m", "indicator_id": "done", "level": "commune", "threshold_value": 900.0,
             "due_at": moment("2023-06-14 23:59:59"), "due_date": day("2023-06-14")},
        ],
        tiers=[{"tier_id": name, "name_vi": name, "name_en": name, "min_pct": pct, "position": n}
               for n, (name, pct) in enumerate((("complete", 100.0), ("fair", 40.0), ("slow", 0.0)))],
        slots=daily_slots("2023-06-01", 14, "commune"),
        rules=[
            {**words, "rule_id": "slot_missing", "dimension": "sufficient", "place": "warehouse",
             "message_vi": "{unit} chưa gửi {slot} (hạn {cutoff})", "message_en": "{unit} has not sent {slot} (due {cutoff})"},
            {**words, "rule_id": "parent_sum", "dimension": "correct", "place": "warehouse",
             "message_vi": "{indicator} {unit}: {value} / {expected}", "message_en": "{indicator} {unit}: {value} / {expected}"},
            {**words, "rule_id": "negative_value", "dimension": "correct", "place": "gate", "message_vi": "", "message_en": ""},
        ],
    )  # fmt: skip
    house.write_batch(
        "c",
        "b1",
        figures=[
            figure("a1", "D11", 100.0, "2023-06-01 08:00", "2023-06-01 10:00", slot_id="daily/2023-06-01"),
            figure("a2", "D12", 200.0, "2023-06-01 08:00", "2023-06-01 11:00", slot_id="daily/2023-06-01"),
            figure("a3", "D2", 5000.0, "2023-06-01 08:00", "2023-06-01 12:00"),
            figure("a4", "D2X", 30.0, "2023-06-02 08:00", "2023-06-02 10:00"),
            figure("a5", "D21", 500.0, "2023-06-03 08:00", "2023-06-03 10:00", slot_id="daily/2023-06-03"),
            figure("a6", "D1", 1301.0, "2023-06-04 20:00", "2023-06-04 21:00"),
            # Twice a day: the later one counts. A version that repeats the value is no restatement.
            figure("a7", "D12", 390.0, "2023-06-04 08:00", "2023-06-04 10:00", slot_id="daily/2023-06-04"),
            figure("a8", "D12", 1200.0, "2023-06-04 15:00", "2023-06-04 16:00", slot_id="daily/2023-06-04"),
            figure("a9", "D12", 1200.0, "2023-06-04 15:00", "2023-06-04 17:00", slot_id="daily/2023-06-04"),
            # Known first as 590 on the 3rd, corrected a day later to 450.
            figure("a10", "D11", 590.0, "2023-06-03 08:00", "2023-06-03 11:00", slot_id="daily/2023-06-03"),
            figure("a11", "D11", 450.0, "2023-06-03 08:00", "2023-06-04 12:00", slot_id="daily/2023-06-03", is_correction=True),
            figure("a12", "D11", 800.0, "2023-06-10 08:00", "2023-06-10 10:00", slot_id="daily/2023-06-10"),
            figure("a13", "D21", 1.0, "2023-06-05 08:00", "2023-06-05 10:00", slot_id="daily/2023-06-05", lane="held"),
            figure("i1", "D11", 10.0, "2023-06-02 08:00", "2023-06-03 09:00", indicator_id="added"),
            figure("i2", "D12", 20.0, "2023-06-04 08:00", "2023-06-04 09:00", indicator_id="added"),
            figure("i3", "D12", 14.0, "2023-06-04 08:00", "2023-06-06 09:00", indicator_id="added"),
            figure("i4", "D11", 5.0, "2023-06-06 08:00", "2023-06-07 09:00", indicator_id="added"),
            figure("i6", "D2", 8.0, "2023-06-10 08:00", "2023-06-10 09:00", indicator_id="added"),
            figure("i5", "C", 6.0, "2023-06-06 08:00", "2023-06-07 10:00", indicator_id="added"),
        ],
        submissions=[
            submission("a1", "D11", "daily/2023-06-01", "2023-06-01 10:00"),
            submission("a2", "D12", "daily/2023-06-01", "2023-06-01 17:00:01"),
            submission("a10", "D11", "daily/2023-06-03", "2023-06-03 11:00"),
            submission("a11", "D11", "daily/2023-06-03", "2023-06-04 12:00"),
            submission("a13", "D21", "daily/2023-06-05", "2023-06-05 10:00", lane="held", is_valid=False, rows_accepted=0, rows_held=1),
            submission("bad", None, None, "2023-06-05 10:00", lane="rejected", is_valid=False, rows_accepted=0, rows_rejected=1),
        ],
        findings=[
            {"finding_id": "f1", "source_id": "s", "file_id": "a13", "submission_id": "a13/D21", "rule_id": "negative_value",
             "dimension": "correct", "severity": "hold", "unit_code": "D21", "found_at": moment("2023-06-05 10:00")},
        ],
    )  # fmt: skip
    connection = house.build("w", "--full-refresh")
    yield connection
    connection.close()


def ask(marts: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return marts.execute(query).fetchall()


def documented() -> dict[str, str]:
    """Mart -> its columns, as docs/data.md lists them."""
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8").split("## Marts")[1]
    return dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text, flags=re.MULTILINE))


def columns_of(marts: duckdb.DuckDBPyConnection, schema: str, table: str) -> set[str]:
    query = f"SELECT column_name FROM duckdb_columns() WHERE schema_name = '{schema}' AND table_name = '{table}'"
    return {name for (name,) in ask(marts, query)}


def of_unit(marts: duckdb.DuckDBPyConnection, code: str, columns: str, indicator_id: str = "done") -> dict[int, Any]:
    """Day of June -> column(s) of progress."""
    query = f"""
        SELECT day(as_of_date), {columns} FROM marts.progress
        WHERE unit_code = '{code}' AND indicator_id = '{indicator_id}' ORDER BY 1"""
    rows = ask(marts, query)
    return {row[0]: row[1] if len(row) == 2 else row[1:] for row in rows}


def test_a_level_is_carried_to_the_next_figure_and_its_age_is_told(marts: duckdb.DuckDBPyConnection) -> None:
    assert of_unit(marts, "D11", "value, age_days") == {
        1: (100, 0), 2: (100, 1), 3: (450, 0), 4: (450, 1), 5: (450, 2), 6: (450, 3), 7: (450, 4), 8: (450, 5), 9: (450, 6), 10: (800, 0),
    }  # fmt: skip


def test_the_last_figure_of_a_day_counts(marts: duckdb.DuckDBPyConnection) -> None:
    assert of_unit(marts, "D12", "value")[4] == 1200


def test_increments_add_up_and_a_new_version_replaces_the_old(marts: duckdb.DuckDBPyConnection) -> None:
    assert list(of_unit(marts, "C", "value", "added").values()) == [10, 10, 24, 24, 29, 29, 29, 29, 37]
    assert of_unit(marts, "D12", "value", "added") == dict.fromkeys(range(4, 11), 14)


def test_a_parent_is_the_sum_below_and_its_own_report_only_where_nobody_below_reports(marts: duckdb.DuckDBPyConnection) -> None:
    found = of_unit(marts, "D2", "value, value_basis, children_count, children_reporting")
    assert (min(found), found[2], found[3]) == (2, (30, "children", 2, 0), (530, "children", 2, 1))
    assert of_unit(marts, "D2", "value, value_basis, children_reporting", "added") == {10: (8, "reported", 0)}
    assert of_unit(marts, "C", "value")[3] == 450 + 200 + 500 + 30


def test_percent_gap_and_pace_follow_the_target_of_the_day(marts: duckdb.DuckDBPyConnection) -> None:
    found = of_unit(marts, "D11", "target, attained_pct, gap, increment_1d, increment_7d, actual_pace")
    assert found[9] == (1000, 45, 550, 0, 350, 50)
    assert found[10] == (2000, 40, 1200, 350, 350, 50)
    assert found[3][3:] == (350, None, None)
    assert of_unit(marts, "D1", "target") == {**dict.fromkeys(range(1, 10), 2000), 10: 3000}


def test_the_next_milestone_asks_for_the_rest_over_the_reporting_days_left(marts: duckdb.DuckDBPyConnection) -> None:
    assert of_unit(marts, "D11", "next_milestone_id, days_left, required_pace")[10] == ("end", 4, 25)
    assert of_unit(marts, "D1", "next_milestone_id, days_left, required_pace")[2] == ("third", 3, 100)
    assert of_unit(marts, "D12", "required_pace")[10] == 0
    # the only milestone of districts stays the next one on its due day, when no reporting day is left
    assert of_unit(marts, "D1", "next_milestone_id, days_left")[5] == ("third", 0)


def test_a_silent_or_held_unit_is_provisional(marts: duckdb.DuckDBPyConnection) -> None:
    assert {on for on, mark in of_unit(marts, "D11", "is_provisional").items() if not mark} == {1, 3, 10}
    held = of_unit(marts, "D21", "is_provisional, value")
    assert (held[3], held[5]) == ((False, 500), (True, 500))
    assert of_unit(marts, "D2X", "is_provisional")[9] is False


def test_only_a_changed_value_is_a_restatement(marts: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT indicator_id, unit_code, version, old_value, new_value, change, is_declared FROM marts.fct_restatements ORDER BY 1"
    assert ask(marts, query) == [
        ("added", "D12", 2, 20, 14, -6, False),
        ("done", "D11", 2, 590, 450, -140, True),
    ]
    assert ask(marts, "SELECT version_count, first_received_at, received_at FROM marts.fct_figures WHERE file_id = 'a9'") == [
        (2, moment("2023-06-04 16:00"), moment("2023-06-04 17:00"))
    ]


def test_a_parents_own_report_reconciles_with_the_sum_below(marts: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT indicator_id, unit_code, day(as_of_date), reported_value, children_sum, difference FROM marts.parent_sums ORDER BY 1"
    assert ask(marts, query) == [("added", "C", 6, 6, 5, 1), ("done", "D1", 4, 1301, 1650, -349)]
    findings = ask(marts, "SELECT message_vi, message_en, place FROM marts.fct_findings WHERE rule_id = 'parent_sum' AND unit_code = 'D1'")
    assert findings == [("done Unit D1 (D1): 1.301 / 1.650", "done Unit D1 (D1): 1,301 / 1,650", "warehouse")]


def test_the_board_ranks_those_it_can_and_says_why_not_the_others(marts: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT unit_code, rank, ranked_count, previous_rank, rank_change, tier, unranked_reason, position FROM marts.leaderboard
        WHERE level = 'commune' AND indicator_id = 'done' AND as_of_date = '2023-06-04' ORDER BY position"""
    assert ask(marts, query) == [
        ("D12", 1, 3, 3, 2, "complete", None, 1),
        ("D21", 2, 3, 1, -1, "fair", None, 2),
        ("D11", 3, 3, 2, -1, "fair", None, 3),
        ("D13", None, None, None, None, None, "closed", 4),
        ("D22", None, None, None, None, None, "no_target", 5),
        ("D2X", None, None, None, None, None, "placeholder", 6),
    ]
    # D21 has a target, and its first figure on the 3rd
    early = "SELECT unranked_reason FROM marts.leaderboard WHERE unit_code = 'D21' AND indicator_id = 'done' AND as_of_date = '2023-06-02'"
    assert ask(marts, early) == [("no_figure",)]


def test_improvement_is_the_share_of_the_gap_closed_in_a_week(marts: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT unit_code, improvement_pct, improvement_rank FROM marts.leaderboard
        WHERE level = 'commune' AND indicator_id = 'done' AND as_of_date = '2023-06-08' AND rank IS NOT NULL ORDER BY 1"""
    # D11 went from 10 % to 45 %: 35 of 90 points. D12 is complete. D21 has no value a week before.
    assert ask(marts, query) == [("D11", pytest.approx(100 * 35 / 90), 1), ("D12", None, None), ("D21", None, None)]


def test_a_milestone_tells_when_it_was_known_and_when_it_was_reached(marts: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT milestone_id, unit_code, threshold_value, first_known_at, reached_on, status, days_early FROM marts.milestones
        WHERE level <> 'commune' ORDER BY ALL"""
    # D1 needs 600: known were 590 + 200 on the 3rd at 11:00; as known now 450 + 200 = 650 on the 3rd, too.
    # The city's sum of 25: known on the 4th (10 + 20), reached on the 6th (10 + 14 + 5). D2 needs 300.
    assert ask(marts, query) == [
        ("sum", "C", 25, moment("2023-06-04 09:00"), date(2023, 6, 6), "reached_on_time", None),
        ("third", "D1", 600, moment("2023-06-03 11:00"), date(2023, 6, 3), "reached_early", 2),
        ("third", "D2", 300, moment("2023-06-03 10:00"), date(2023, 6, 3), "reached_early", 2),
    ]


def test_a_submission_is_late_by_our_clock_and_unsolicited_without_a_slot(marts: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT file_id, version, on_time_status, minutes_late FROM marts.fct_submissions ORDER BY received_at, file_id"
    assert ask(marts, query) == [
        ("a1", 1, "on_time", 0), ("a2", 1, "late", 1), ("a10", 1, "on_time", 0), ("a11", 2, "late", 1140), ("a13", 1, "on_time", 0),
        ("bad", 1, "unsolicited", None),
    ]  # fmt: skip


def test_reporting_counts_what_was_owed_while_the_unit_was_open(marts: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT unit_code, slots_owed, on_time, late, invalid, missing, rate_pct FROM marts.reporting WHERE period = 'all' ORDER BY 1"
    assert ask(marts, query) == [
        ("D11", 10, 2, 0, 0, 8, 20), ("D12", 10, 0, 1, 0, 9, 0), ("D13", 2, 0, 0, 0, 2, 0), ("D21", 10, 0, 0, 1, 9, 0),
        ("D22", 10, 0, 0, 0, 10, 0),
    ]  # fmt: skip
    assert ask(marts, "SELECT count(*) FROM marts.fct_findings WHERE rule_id = 'slot_missing'") == [(38,)]
    query = "SELECT message_vi FROM marts.fct_findings WHERE rule_id = 'slot_missing' AND unit_code = 'D13' ORDER BY slot_id LIMIT 1"
    assert ask(marts, query) == [("Unit D13 (D13) chưa gửi daily ngày 01/06/2023 (hạn 17:00 ngày 01/06/2023)",)]


def test_quality_has_four_scores_and_their_least(marts: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT unit_code, correct, sufficient, clean, live, worst, quality_grade FROM marts.data_quality
        WHERE period = 'all' AND unit_code IN ('D11', 'D21') ORDER BY 1"""
    # D11: 3 of 10 cells (slots of the 1st, 3rd and 10th), 2 of 10 slots. D21: its one check failed, and its figure is held.
    assert ask(marts, query)[0] == ("D11", 1, 0.3, 1, 0.2, 0.2, "D")
    assert ask(marts, query)[1] == ("D21", 0, 0.1, 1, 0, 0, "D")


def test_every_batch_adds_up(marts: duckdb.DuckDBPyConnection) -> None:
    assert ask(marts, "SELECT files, rows_received, difference, is_balanced FROM marts.reconciliation") == [(20, 20, 0, True)]


def test_every_table_and_column_of_the_marts_carries_its_description(marts: duckdb.DuckDBPyConnection) -> None:
    assert ask(marts, "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'marts'") == [(len(GRAIN),)]
    assert ask(marts, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' AND comment IS NULL") == []
    assert ask(marts, "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts' AND comment IS NULL") == []


def test_the_marts_have_exactly_the_columns_of_the_contract(marts: duckdb.DuckDBPyConnection) -> None:
    rows = documented()
    assert len(rows) >= 22
    for table, listed in rows.items():
        of_lake = re.search(r"and the columns of lake `(\w+)`(, with)?", listed)
        named = set(re.findall(r"[a-z]\w+", re.sub(r"\([^)]*\)|and the columns of lake `\w+`(, with)?", "", listed)))
        expected = named | (set(SCHEMAS[of_lake[1]].names) if of_lake else set())
        assert columns_of(marts, "marts", table) == expected, table


def test_the_warehouse_knows_the_lakes_columns(marts: duckdb.DuckDBPyConnection) -> None:
    text = Path(PROJECT / "macros" / "lake.sql").read_text(encoding="utf-8")
    for table in ("batches", "submissions", "figures", "findings", "totals", "acts", "remarks", "signed_scores"):
        assert columns_of(marts, "staging", f"stg_{table}") - {"loaded_in"} == set(SCHEMAS[table].names)
        assert all(f"'{name}'" in text or f"{name}=" in text for name in SCHEMAS[table].names)
