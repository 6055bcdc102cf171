"""86 snapshots of a whole series: what was known at the time, what is known now, and what changed between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

# The versions of every cell: the first as it came, then each restatement. A null value is a cell that was taken back.
VERSIONS = """
with first_restatements as (
    select * from marts.fct_restatements
    qualify row_number() over (partition by indicator_id, unit_code, as_of order by version) = 1
), versions as (
    select indicator_id, unit_code, as_of, coalesce(f.first_received_at, r.old_received_at) as known_at,
        case when r.unit_code is null then f.value else r.old_value end as value
    from marts.fct_figures as f full join first_restatements as r using (indicator_id, unit_code, as_of)
    union all
    select indicator_id, unit_code, as_of, restated_at, new_value from marts.fct_restatements
), snapshots as (
    select (received_at at time zone 'UTC')::date as snapshot_date, max(received_at) as received_at
    from marts.fct_files where source_id = 'administrations' group by 1
), as_known as (
    select snapshot_date, snapshots.received_at, indicator_id, unit_code, as_of, arg_max(struct_pack(v := value), known_at).v as value
    from snapshots join versions on known_at <= snapshots.received_at
    group by all
)
"""


@pytest.fixture(scope="module")
def marts(published: Callable[[str], Any]) -> Any:
    return published("it_vaccini")


def test_86_snapshots_of_two_files_in_four_layouts_are_read_whole(marts: Any) -> None:
    assert marts.rows("select source_id, status, count(*) from marts.fct_files group by all order by all") == [
        ("administrations", "read", 86),
        ("published_totals", "read", 86),
    ]
    lanes = "sum(rows_received), sum(rows_accepted), sum(rows_held), sum(rows_rejected), sum(rows_duplicate)"
    assert marts.row(f"select {lanes} from marts.fct_files where source_id = 'administrations'") == (89_555, 89_555, 0, 0, 0)


@pytest.mark.parametrize(
    ("snapshot", "total"),
    [("2021-01-05", 259_481), ("2021-01-10", 643_219), ("2021-02-24", 3_798_782), ("2021-03-31", 10_018_265)],
)
def test_the_national_total_as_known_at_a_snapshot_does_not_count_the_national_rows(marts: Any, snapshot: str, total: int) -> None:
    found = marts.value(
        f"{VERSIONS} select sum(value) from as_known where snapshot_date = ? and indicator_id = 'doses' and unit_code <> 'ITA'",
        snapshot,
    )
    assert found == total


def test_the_national_total_as_known_now_is_that_of_the_last_snapshot(marts: Any) -> None:
    found = "select value, value_basis from marts.progress where unit_code = 'ITA' and indicator_id = 'doses' and as_of_date = '2021-03-31'"
    assert marts.row(found) == (10_018_265, "children")


def test_the_national_rows_reconcile_with_the_areas_on_every_day_of_every_snapshot_that_has_them(marts: Any) -> None:
    found = marts.row(
        f"""
        {VERSIONS}
        select count(*), count(*) filter (where own <> areas) from (
            select snapshot_date, as_of, sum(value) filter (where unit_code = 'ITA') as own,
                sum(value) filter (where unit_code <> 'ITA') as areas
            from as_known where indicator_id = 'doses' and snapshot_date <= '2021-01-28' group by all
        ) where own is not null
        """
    )
    assert found == (516, 0)


@pytest.mark.parametrize(
    ("milestone", "known", "reached"),
    [
        ("doses_1m", date(2021, 1, 15), date(2021, 1, 14)),
        ("doses_5m", date(2021, 3, 5), date(2021, 3, 4)),
        ("doses_10m", date(2021, 3, 31), date(2021, 3, 31)),
    ],
)
def test_a_milestone_has_the_day_it_was_first_known_and_the_day_it_was_reached(
    marts: Any, milestone: str, known: date, reached: date
) -> None:
    found = "select (first_known_at at time zone 'UTC')::date, reached_on from marts.milestones where milestone_id = ?"
    assert marts.row(found, milestone) == (known, reached)


def test_14635_cells_change_between_consecutive_snapshots_and_1212_of_them_fall(marts: Any) -> None:
    found = marts.row(
        "select count(*), count(*) filter (where change < 0) from marts.fct_restatements"
        " where indicator_id = 'doses' and unit_code <> 'ITA' and old_value is not null and new_value is not null"
    )
    assert found == (14_635, 1_212)


def test_the_three_cells_that_a_later_snapshot_leaves_out_are_taken_back(marts: Any) -> None:
    found = marts.rows(
        "select unit_code, as_of_date, old_value from marts.fct_restatements"
        " where indicator_id = 'doses' and unit_code <> 'ITA' and new_value is null order by 1"
    )
    assert found == [("EMR", date(2020, 12, 30), 1), ("PAB", date(2020, 12, 28), 0), ("PAT", date(2020, 12, 27), 100)]


def test_the_series_of_each_area_adds_up_to_the_publishers_own_total_in_every_snapshot(marts: Any) -> None:
    found = marts.row(
        f"""
        {VERSIONS}
        , series as (
            select snapshot_date, unit_code, sum(value) as total
            from as_known where indicator_id = 'doses' and unit_code <> 'ITA' group by all
        ), said as (
            select as_of_date as snapshot_date, unit_code, value as total from marts.fct_figures where indicator_id = 'published_doses'
        )
        select count(*), count(*) filter (where series.total <> said.total) from series join said using (snapshot_date, unit_code)
        """
    )
    assert found == (86 * 21, 0)
