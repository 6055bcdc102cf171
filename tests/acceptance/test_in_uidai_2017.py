"""One day of ID enrolment: increments over three levels, homonyms, a placeholder state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

DAY = "2017-03-08"
BOARD = "from marts.leaderboard where indicator_id = 'generated'"
FILE = "in_uidai_2017/UIDAI-ENR-DETAIL-20170308.csv.gz"


@pytest.fixture(scope="module")
def marts(published: Callable[[str], Any]) -> Any:
    return published("in_uidai_2017")


@pytest.fixture(scope="module")
def labels(shared_data: Path) -> duckdb.DuckDBPyRelation:
    """The file as text, for what the marts do not keep."""
    return duckdb.connect().from_csv_auto(str(shared_data / FILE), all_varchar=True, na_values=["<none>"])


def test_every_one_of_the_440818_rows_is_accepted(marts: Any) -> None:
    counts = "rows_received, rows_accepted, rows_held, rows_rejected, rows_duplicate, is_balanced"
    assert marts.row(f"select {counts} from marts.reconciliation") == (440_818, 440_818, 0, 0, 0, True)


@pytest.mark.parametrize(("indicator", "total"), [("generated", 705_939), ("rejected", 38_576), ("email", 19_464), ("mobile", 464_841)])
def test_the_national_total_is_the_sum_of_all_rows(marts: Any, indicator: str, total: int) -> None:
    of_country = "select value from marts.progress where level = 'country' and indicator_id = ? and as_of_date = ?"
    assert marts.value(of_country, indicator, DAY) == total
    of_rows = "select received_total, accepted_total from marts.control_totals where indicator_id = ?"
    assert marts.row(of_rows, indicator) == (total, total)


def test_there_are_37_states_and_one_of_them_is_a_placeholder(marts: Any) -> None:
    assert marts.value("select count(*) from marts.dim_unit where level = 'state'") == 37
    assert marts.column("select unit_name from marts.dim_unit where level = 'state' and kind = 'placeholder'") == ["Others"]


def test_670_districts_share_664_names(marts: Any) -> None:
    assert marts.row("select count(*), count(distinct unit_name) from marts.dim_unit where level = 'district'") == (670, 664)


def test_5611_labels_of_sub_districts_are_5548_sub_districts_as_63_repeat_one_in_other_case_or_punctuation(
    marts: Any, labels: duckdb.DuckDBPyRelation
) -> None:
    assert labels.aggregate('count(distinct (State, District, "Sub District"))').fetchall() == [(5611,)]
    assert marts.value("select count(*) from marts.dim_unit where level = 'sub_district'") == 5611 - 63
    kharagpur = "select count(*) from marts.dim_unit where unit_name ilike 'Kharagpur%I' and parent_name = 'Paschim Medinipur'"
    assert marts.value(f"{kharagpur} and unit_name not ilike '%II'") == 1  # written 'Kharagpur - I', 'Kharagpur-I' and 'Kharagpur-i'


def test_a_first_letter_that_looks_like_a_kind_of_unit_does_not_merge_two_sub_districts(marts: Any) -> None:
    found = "select unit_name from marts.dim_unit where level = 'sub_district' and unit_name ilike '%Narasapuram' order by 1"
    assert marts.column(found) == ["Narasapuram", "T.narasapuram"]


def test_the_ten_states_with_the_most_cards_are_those_published(marts: Any) -> None:
    board = (
        "select unit_name, value from marts.leaderboard where indicator_id = 'generated' and level = 'state' and rank <= 10 order by rank"
    )
    assert marts.rows(board) == [
        ("Bihar", 162_607),
        ("West Bengal", 119_901),
        ("Uttar Pradesh", 103_767),
        ("Madhya Pradesh", 53_276),
        ("Rajasthan", 39_570),
        ("Gujarat", 34_844),
        ("Tamil Nadu", 32_485),
        ("Maharashtra", 26_085),
        ("Karnataka", 19_764),
        ("Odisha", 18_182),
    ]


def test_the_last_of_36_ranked_states_is_lakshadweep_with_4(marts: Any) -> None:
    states = f"{BOARD} and level = 'state'"
    last = marts.row(f"select unit_name, value, rank, ranked_count {states} order by rank desc nulls last limit 1")
    assert last == ("Lakshadweep", 4, 36, 36)
    assert marts.row(f"select unit_name, unranked_reason, value {states} and rank is null") == ("Others", "placeholder", 12)


def test_the_five_districts_with_the_most_cards_are_those_published(marts: Any) -> None:
    board = (
        "select unit_name, value from marts.leaderboard where indicator_id = 'generated' and level = 'district' and rank <= 5 order by rank"
    )
    assert marts.rows(board) == [
        ("South 24 Parganas", 16_207),
        ("Barddhaman", 15_821),
        ("Bhagalpur", 14_479),
        ("North 24 Parganas", 11_273),
        ("Gaya", 10_755),
    ]


def test_aurangabad_in_bihar_and_aurangabad_in_maharashtra_stay_two_districts(marts: Any) -> None:
    found = marts.rows(
        "select parent_name, value from marts.progress join marts.dim_unit using (campaign_id, unit_code)"
        " where unit_name = 'Aurangabad' and dim_unit.level = 'district' and indicator_id = 'generated' order by 1"
    )
    assert found == [("Bihar", 2238), ("Maharashtra", 879)]


def test_the_12_rows_without_a_pin_code_are_the_12_rows_of_the_placeholder(marts: Any, labels: duckdb.DuckDBPyRelation) -> None:
    without = labels.filter("""not regexp_full_match("Pin Code", '[0-9]{6}')""")
    assert without.aggregate("State, District, count(*) as n").fetchall() == [("Others", "Others", 12)]
    of_placeholder = (
        "select rows_accepted from marts.fct_submissions join marts.dim_unit using (campaign_id, unit_code) where kind = 'placeholder'"
    )
    assert marts.column(of_placeholder) == [12]


def test_the_12_cells_that_are_no_pin_code_are_found_and_change_no_figure(marts: Any) -> None:
    found = "select column_name, count(*), min(effect), max(effect) from marts.fct_findings where rule_id = 'column_form' group by all"
    assert marts.rows(found) == [("Pin Code", 12, "flag", "flag")]


def test_more_mobiles_than_cards_in_17385_rows_is_no_finding(marts: Any, labels: duckdb.DuckDBPyRelation) -> None:
    mobile, generated = '"Residents providing mobile number"::int', '"Aadhaar generated"::int'
    assert labels.filter(f"{mobile} > {generated}").aggregate("count(*)").fetchall() == [(17_385,)]
    assert labels.filter(f'{mobile} > {generated} + "Enrolment Rejected"::int').aggregate("count(*)").fetchall() == [(0,)]
    assert marts.rows("select distinct rule_id, severity from marts.fct_findings where severity <> 'flag'") == []
