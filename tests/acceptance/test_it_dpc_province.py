"""A file a day for 312 days: cumulative figures, corrections downwards, placeholders, reports of the levels above."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest


@pytest.fixture(scope="module")
def marts(published: Callable[[str], Any]) -> Any:
    return published("it_dpc_province")


def test_three_files_a_day_for_312_days_are_read_whole(marts: Any) -> None:
    assert marts.rows("select source_id, count(*) from marts.fct_files where status = 'read' group by 1 order by 1") == [
        ("country", 312),
        ("province", 312),
        ("region", 312),
    ]
    total = "select sum(rows_received), sum(rows_accepted), bool_and(is_balanced) from marts.reconciliation"
    assert marts.row(total) == (43_926 + 312 * 21 + 312, 43_926 + 312 * 21 + 312, True)


def test_107_provinces_lie_in_21_regions_with_two_placeholders_each(marts: Any) -> None:
    found = marts.rows("select level, kind, count(*) from marts.dim_unit group by all order by all")
    assert found == [("country", "unit", 1), ("province", "placeholder", 42), ("province", "unit", 107), ("region", "unit", 21)]


@pytest.mark.parametrize(("day", "total"), [("2020-03-31", 105_792), ("2020-06-30", 240_578), ("2020-12-31", 2_107_166)])
def test_the_national_total_is_the_sum_of_provinces_and_placeholders(marts: Any, day: str, total: int) -> None:
    found = "select value, value_basis from marts.progress where level = 'country' and as_of_date = ?"
    assert marts.row(found, day) == (total, "children")
    assert marts.value("select reported_value from marts.parent_sums where unit_code = 'ITA' and as_of_date = ?", day) == total


def test_the_regions_reports_add_up_to_the_national_report_on_every_day(marts: Any) -> None:
    found = marts.row(
        """
        with regions as (
            select as_of_date, sum(value) as total from marts.fct_figures
            join marts.dim_unit using (campaign_id, unit_code) where level = 'region' group by 1
        ), country as (
            select as_of_date, value as total from marts.fct_figures
            join marts.dim_unit using (campaign_id, unit_code) where level = 'country'
        )
        select count(*), count(*) filter (where regions.total = country.total) from regions join country using (as_of_date)
        """
    )
    assert found == (312, 312)


def test_a_region_differs_from_the_sum_of_its_provinces_on_four_days_only(marts: Any) -> None:
    found = marts.rows(
        "select as_of_date, unit_name, reported_value, children_sum from marts.parent_sums"
        " join marts.dim_unit using (campaign_id, unit_code) where level = 'region' and difference <> 0 order by all"
    )
    assert found == [
        (date(2020, 2, 24), "Emilia-Romagna", 18, 0),
        (date(2020, 2, 24), "Lazio", 3, 0),
        (date(2020, 2, 24), "Lombardia", 172, 0),
        (date(2020, 2, 24), "Piemonte", 3, 0),
        (date(2020, 2, 24), "Veneto", 33, 0),
        (date(2020, 9, 5), "Emilia-Romagna", 32_504, 32_505),
        (date(2020, 9, 15), "Basilicata", 618, 613),
        (date(2020, 10, 7), "P.A. Bolzano", 3734, 0),  # its province reports 0 that day, between 3,679 and 3,803
    ]


@pytest.mark.parametrize(
    ("milestone", "day"),
    [
        ("cases_10000", date(2020, 3, 10)),
        ("cases_100000", date(2020, 3, 30)),
        ("cases_200000", date(2020, 4, 28)),
        ("cases_1000000", date(2020, 11, 11)),
    ],
)
def test_the_country_passes_a_milestone_on_the_published_day_as_known_then_and_as_known_now(marts: Any, milestone: str, day: date) -> None:
    found = (
        "select (first_known_at at time zone 'Europe/Rome')::date, reached_on from marts.milestones"
        " where level = 'country' and milestone_id = ?"
    )
    assert marts.row(found, milestone) == (day, day)


def test_the_first_four_provinces_over_10000_are_those_published(marts: Any) -> None:
    found = marts.rows(
        "select unit_name, reached_on from marts.milestones join marts.dim_unit using (campaign_id, unit_code)"
        " where milestones.level = 'province' and milestone_id = 'cases_10000' and reached_on is not null"
        " order by reached_on, unit_name limit 4"
    )
    assert found == [
        ("Milano", date(2020, 4, 2)),
        ("Bergamo", date(2020, 4, 9)),
        ("Brescia", date(2020, 4, 9)),
        ("Torino", date(2020, 4, 19)),
    ]


def test_the_top_five_of_the_year_are_those_published_and_napoli_is_not_lost(marts: Any) -> None:
    board = (
        "select unit_name, value from marts.leaderboard where level = 'province' and as_of_date = '2020-12-31' and rank <= 5 order by rank"
    )
    assert marts.rows(board) == [
        ("Milano", 174_013),
        ("Roma", 117_378),
        ("Napoli", 115_468),
        ("Torino", 104_188),
        ("Varese", 51_786),
    ]


def test_on_2020_03_31_ten_provinces_share_a_rank_and_placeholders_have_none(marts: Any) -> None:
    board = "from marts.leaderboard where level = 'province' and as_of_date = '2020-03-31'"
    shared = marts.column(f"select unit_name {board} and rank is not null qualify count(*) over (partition by rank) > 1 order by rank, 1")
    assert shared == [
        "Arezzo", "Pistoia", "Chieti", "Livorno", "Grosseto", "Latina", "Barletta-Andria-Trani", "Cagliari", "Crotone", "Siracusa",
    ]  # fmt: skip
    assert marts.column(f"select distinct unranked_reason {board} and rank is null") == ["placeholder"]
    # the two that share 59 leave 60 empty
    assert marts.column(f"select rank {board} and rank between 58 and 61 order by position") == [58, 59, 59, 61]


def test_338_daily_falls_of_real_provinces_are_found_and_their_figures_stay(marts: Any) -> None:
    falls = (
        "from marts.fct_findings join marts.dim_unit using (campaign_id, unit_code)"
        " where rule_id = 'cumulative_fall' and level = 'province'"
    )
    # the placeholders' 659 falls are cases that found their province, and no findings
    assert marts.rows(f"select kind, count(*) {falls} group by 1 order by 1") == [("unit", 338)]
    assert marts.column(f"select distinct severity {falls}") == ["flag"]
    assert marts.value("select sum(rows_held) from marts.reconciliation") == 0


def test_every_province_reported_in_every_slot_of_the_year(marts: Any) -> None:
    found = marts.rows(
        "select status, count(*) from marts.fct_slot_status join marts.dim_unit using (campaign_id, unit_code)"
        " where kind = 'unit' and is_owed group by 1"
    )
    assert found == [("on_time", 107 * 312)]
