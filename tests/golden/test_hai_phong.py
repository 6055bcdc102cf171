"""What the marts say of hai_phong_vneid_2023 against what was published, and against its list of faults."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tiendo.settings import ROOT

CAMPAIGN = "hai_phong_vneid_2023"
CASE = Path(__file__).parent / CAMPAIGN
FOLDER = ROOT / "campaigns" / CAMPAIGN


def expected(name: str) -> list[dict[str, str]]:
    return rows_of(CASE / "expected" / f"{name}.csv")


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert rows, f"{file} has no rows"
    return rows


def printed(what: str) -> dict[str, str]:
    return {row["unit_code"]: row["printed"] for row in rows_of(CASE / "given" / "published.csv") if row["what"] == what}


def number(text: str) -> float:
    """A number as printed in Viet Nam: 1.167.685 or 38,49."""
    return float(text.replace(".", "").replace(",", "."))


@pytest.fixture(scope="module")
def marts(hai_phong_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str((hai_phong_home / "published" / "marts.duckdb").resolve()), read_only=True) as connection:
        yield connection


def asked(marts: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return marts.execute(query, [CAMPAIGN, *values]).fetchall()


# The campaign's data against the printed figures, without the pipeline


def test_the_campaign_passes_through_what_was_printed() -> None:
    targets = {(row["indicator_id"], row["unit_code"]): int(row["target"]) for row in rows_of(FOLDER / "targets.csv")}
    points = {
        (row["indicator_id"], row["as_of_date"], row["unit_code"]): int(row["value"]) for row in rows_of(FOLDER / "simulation_points.csv")
    }
    for unit, percent in printed("eid_activated attained_pct").items():
        if unit != "31":
            assert f"{100 * points['eid_activated', '2023-06-29', unit] / targets['eid_activated', unit]:.2f}" == percent.replace(",", ".")
    for indicator in ("eid_received", "eid_activated"):
        total = sum(value for (name, day, _), value in points.items() if (name, day) == (indicator, "2023-06-13"))
        assert total == number(printed(indicator)["31"])


@pytest.mark.parametrize("indicator", ["eid_activated", "cccd_issued"])
def test_the_districts_targets_add_up_to_the_citys(indicator: str) -> None:
    targets = {row["unit_code"]: int(row["target"]) for row in rows_of(FOLDER / "targets.csv") if row["indicator_id"] == indicator}
    assert len(targets) == 15 and "318" not in targets
    assert sum(target for unit, target in targets.items() if unit != "31") == targets["31"]


def test_the_expected_board_is_the_printed_one() -> None:
    board = {row["unit_code"]: row["attained_pct"].replace(".", ",") for row in expected("leaderboard_2023-06-29") if row["rank"]}
    assert list(board.items()) == [item for item in printed("eid_activated attained_pct").items() if item[0] != "31"]


# The marts


def test_on_29_june_the_leaderboard_is_the_published_one_in_order_and_to_two_decimals(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select unit_code, unit_name, printf('%.2f', attained_pct), rank, unranked_reason from marts.leaderboard"
        " where campaign_id = ? and indicator_id = 'eid_activated' and level = 'district' and as_of_date = date '2023-06-29'"
        " order by position",
    )
    shown = [tuple("" if value is None else str(value) for value in row) for row in found]
    assert shown == [tuple(row.values()) for row in expected("leaderboard_2023-06-29")]


def test_on_13_june_the_city_has_the_published_totals(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select indicator_id, value::bigint, target::bigint, printf('%.2f', attained_pct) from marts.progress"
        " where campaign_id = ? and unit_code = '31' and as_of_date = date '2023-06-13'",
    )
    shown = sorted(tuple("" if value is None else str(value) for value in row) for row in found)
    assert shown == sorted(tuple(row.values()) for row in expected("city_2023-06-13"))


def test_on_13_june_the_tiers_are_those_published(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select indicator_id, unit_code, tier from marts.leaderboard where campaign_id = ? and level = 'district'"
        " and as_of_date = date '2023-06-13' and unit_code <> '318' and indicator_id in ('eid_activated', 'cccd_issued')",
    )
    assert sorted(found) == sorted(tuple(row.values()) for row in expected("tiers_2023-06-13"))


def test_on_both_published_days_all_14_reports_count(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select slot_date, count(*) from marts.fct_slot_status where campaign_id = ? and status = 'on_time'"
        " and slot_date in (date '2023-06-13', date '2023-06-29') group by slot_date order by slot_date",
    )
    assert [count for _, count in found] == [14, 14]


def test_every_fault_has_its_finding_and_nothing_else_has_one(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select rule_id, severity, coalesce(unit_code, ''), case when unit_code is null then '' else coalesce(slot_id, '') end,"
        " coalesce(file_name, '') from marts.fct_findings where campaign_id = ?",
    )
    assert sorted(found) == sorted(tuple(row.values()) for row in expected("findings"))


def test_every_slot_is_on_time_but_for_those_with_a_fault(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select unit_code, slot_id, status, coalesce(minutes_late::bigint::varchar, '') from marts.fct_slot_status"
        " where campaign_id = ? and status not in ('on_time', 'exempt')",
    )
    shown = [(unit, slot, status, late if status == "late" else "") for unit, slot, status, late in found]
    assert sorted(shown) == sorted(tuple(row.values()) for row in expected("slots"))


def test_reporting_counts_47_days_per_district_and_none_of_bach_long_vi(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select unit_code, slots_owed, on_time, late, invalid, missing, exempt from marts.reporting"
        " where campaign_id = ? and period_kind = 'campaign' and level = 'district'",
    )
    shown = sorted(tuple(str(int(v)) if n else v for n, v in enumerate(row)) for row in found)
    assert shown == sorted(tuple(row.values()) for row in expected("reporting"))


def test_faulty_files_land_in_their_lanes_and_660_rows_are_all_accounted_for(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select file_name, status, case when rows_rejected > 0 then 'rejected' when rows_held > 0 then 'held'"
        " when rows_duplicate > 0 then 'duplicate' end as lane from marts.fct_files where campaign_id = ? and rows_accepted = 0",
    )
    assert sorted(found) == sorted(tuple(row.values()) for row in expected("files"))
    sums = asked(
        marts,
        "select sum(rows_received), sum(rows_accepted), sum(rows_held), sum(rows_rejected), sum(rows_duplicate), bool_and(is_balanced)"
        " from marts.reconciliation where campaign_id = ?",
    )
    assert sums == [(660, 654, 2, 3, 1, True)]


def test_where_no_report_counts_the_day_before_is_shown_as_provisional(marts: duckdb.DuckDBPyConnection) -> None:
    for row in expected("carried"):
        found = asked(
            marts,
            "select last_as_of_date::varchar, is_provisional, value = (select value from marts.progress as before"
            " where before.campaign_id = now.campaign_id and before.indicator_id = now.indicator_id"
            " and before.unit_code = now.unit_code and before.as_of_date = now.last_as_of_date)"
            " from marts.progress as now"
            " where campaign_id = ? and indicator_id = 'eid_activated' and unit_code = ? and as_of_date = ?::date",
            row["unit_code"],
            row["as_of_date"],
        )
        assert found == [(row["last_as_of_date"], True, True)], row


def test_milestones_are_reached_when_the_published_boards_say(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts, "select milestone_id, unit_code, status from marts.milestones where campaign_id = ? and level in ('city', 'district')"
    )
    assert sorted(found) == sorted(tuple(row.values()) for row in expected("milestones"))


def test_a_mended_report_is_no_restatement(marts: duckdb.DuckDBPyConnection) -> None:
    assert asked(marts, "select count(*) from marts.fct_restatements where campaign_id = ?") == [(0,)]


def test_everything_of_the_campaign_is_labelled_as_simulated(marts: duckdb.DuckDBPyConnection) -> None:
    assert asked(marts, "select is_simulated from marts.dim_campaign where campaign_id = ?") == [(True,)]
    assert asked(marts, "select distinct is_simulated, received_by from marts.fct_files where campaign_id = ?") == [(True, "simulation")]
