"""Nine files of three kinds: exact duplicates, spellings of one district, day-month-year, a file that overlaps others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

# file: rows, exact duplicates, totals of its count columns as received, and without the duplicates
FILES = {
    "enrolment_TELANGANA.csv": (51_480, 180, [124_616, 31_800, 1_391], [124_334, 31_704, 1_391]),
    "biometric_ARUNACHAL.csv": (12_749, 165, [58_214, 51_266], [57_254, 50_812]),
    "biometric_CHENNAI.csv": (18_484, 687, [144_838, 184_097], [141_214, 178_406]),
    "enrolment_ALL_20251231_tail_1000000_1006029.csv": (6_029, 0, [21_745, 21_062, 582], [21_745, 21_062, 582]),
    "enrolment_NASHIK.csv": (4_496, 0, [19_271, 7_691, 375], [19_271, 7_691, 375]),
    "enrolment_BIRBHUM.csv": (2_861, 0, [14_833, 2_628, 122], [14_833, 2_628, 122]),
    "enrolment_CHENNAI.csv": (3_967, 0, [9_193, 2_986, 238], [9_193, 2_986, 238]),
    "demographic_ARUNACHAL.csv": (5_151, 0, [5_584, 31_403], [5_584, 31_403]),
    "demographic_CHENNAI.csv": (8_497, 0, [17_771, 145_395], [17_771, 145_395]),
}


@pytest.fixture(scope="module")
def marts(published: Callable[[str], Any]) -> Any:
    return published("in_uidai_2025")


def test_there_are_nine_files_and_each_is_read(marts: Any) -> None:
    assert marts.column("select distinct status from marts.fct_files") == ["read"]
    assert sorted(marts.column("select file_name from marts.fct_files")) == sorted(FILES)


@pytest.mark.parametrize("file_name", FILES)
def test_exact_duplicates_are_the_only_rows_that_do_not_count(marts: Any, file_name: str) -> None:
    rows, duplicates, _, _ = FILES[file_name]
    lanes = "rows_received, rows_accepted, rows_held, rows_rejected, rows_duplicate"
    found = marts.row(f"select {lanes} from marts.fct_files where file_name = ?", file_name)
    assert found == (rows, rows - duplicates, 0, 0, duplicates)


@pytest.mark.parametrize("file_name", FILES)
def test_the_totals_of_a_file_are_those_published_with_and_without_duplicates(marts: Any, file_name: str) -> None:
    _, _, received, accepted = FILES[file_name]
    found = marts.rows(
        "select received_total, accepted_total, duplicate_total from marts.control_totals"
        " join marts.dim_indicator using (campaign_id, indicator_id) where file_name = ? order by position",
        file_name,
    )
    assert [row[0] for row in found] == received
    assert [row[1] for row in found] == accepted
    assert [row[0] - row[1] for row in found] == [row[2] for row in found]


def test_every_batch_adds_up(marts: Any) -> None:
    assert marts.column("select distinct is_balanced from marts.reconciliation") == [True]
    rows, duplicates = sum(f[0] for f in FILES.values()), sum(f[1] for f in FILES.values())
    assert marts.row("select sum(rows_received), sum(rows_duplicate) from marts.reconciliation") == (rows, duplicates)


def test_42_labels_of_telangana_are_37_districts_as_three_groups_differ_only_in_case_and_punctuation(marts: Any, shared_data: Path) -> None:
    file = shared_data / "in_uidai_2025" / "enrolment_TELANGANA.csv"
    labels = duckdb.connect().from_csv_auto(str(file), all_varchar=True).aggregate("count(distinct district)")
    assert labels.fetchall() == [(42,)]
    # Medchal-malkajgiri in four spellings, Warangal Urban in two, Rangareddy in two
    units = marts.column(
        "select distinct unit_name from marts.fct_submissions join marts.dim_unit using (campaign_id, unit_code)"
        " where file_name = 'enrolment_TELANGANA.csv'"
    )
    assert len(units) == 42 - 3 - 1 - 1
    assert sum(name.startswith("Medchal") for name in units) == 1
    assert sorted(name for name in units if name.startswith("Warangal")) in (
        ["Warangal", "Warangal (urban)", "Warangal Rural"],
        ["Warangal", "Warangal Rural", "Warangal Urban"],
    )


def test_spellings_of_one_district_add_up(marts: Any) -> None:
    # 2025-12-31, aged 0-5: Medchal-malkajgiri 68 and Medchal−malkajgiri 12
    found = "select value from marts.fct_figures join marts.dim_unit using (campaign_id, unit_code)" \
        " where unit_name ilike 'Medchal%' and as_of_date = '2025-12-31' and indicator_id = 'enrolled_0_5'"  # fmt: skip
    assert marts.column(found) == [68 + 12]


@pytest.mark.parametrize(("district", "value", "in_tail"), [("Birbhum", 193, 112), ("Nashik", 265, 143), ("Chennai", 143, 47)])
def test_where_the_national_tail_overlaps_a_districts_own_file_the_own_file_holds(
    marts: Any, district: str, value: int, in_tail: int
) -> None:
    found = marts.column(
        "select value from marts.fct_figures join marts.dim_unit using (campaign_id, unit_code)"
        " where unit_name = ? and as_of_date = '2025-12-31' and indicator_id = 'enrolled_0_5'",
        district,
    )
    assert found == [value], f"the tail alone has {in_tail}, both together {value + in_tail}"


def test_days_are_read_day_first(marts: Any) -> None:
    assert marts.row("select min(as_of_date), max(as_of_date) from marts.fct_figures") == (date(2025, 3, 1), date(2026, 1, 3))


def test_a_year_of_enrolment_in_nashik_is_its_files_total(marts: Any) -> None:
    latest = (
        "select value from marts.progress join marts.dim_unit using (campaign_id, unit_code)"
        " where unit_name = 'Nashik' and indicator_id = ? order by as_of_date desc limit 1"
    )
    assert [marts.value(latest, indicator) for indicator in ("enrolled_0_5", "enrolled_5_17", "enrolled_18")] == [19_271, 7_691, 375]
