"""What the marts say of the bundled campaigns, side by side in one warehouse, against what was published and planned.

An expected cell that is empty was not published, and is not compared.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tiendo.settings import ROOT

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent
CASES = ["ha_noi_order01_2023", "hai_phong_cccd_2021", "national_project06_2023", "quang_nam_vneid_2023"]
HA_NOI, CCCD, NATIONAL, QUANG_NAM = CASES


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert rows, f"{file} has no rows"
    return rows


def expected(campaign: str, name: str) -> list[dict[str, str]]:
    return rows_of(GOLDEN / campaign / "expected" / f"{name}.csv")


def with_expected(name: str) -> list[str]:
    found = [campaign for campaign in CASES if (GOLDEN / campaign / "expected" / f"{name}.csv").exists()]
    assert found, f"no golden case has {name}.csv"
    return found


@pytest.fixture(scope="module")
def marts(five_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str((five_home / "published" / "marts.duckdb").resolve()), read_only=True) as connection:
        yield connection


def asked(marts: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return marts.execute(query, values).fetchall()


def as_printed(value: float, printed: str) -> str:
    """The value with as many decimals as `printed` has."""
    return f"{value:.{len(printed.partition('.')[2])}f}"


# What was published


@pytest.mark.parametrize("campaign", with_expected("progress"))
def test_progress_has_the_published_figures_to_the_printed_decimals(marts: duckdb.DuckDBPyConnection, campaign: str) -> None:
    for row in expected(campaign, "progress"):
        [found] = asked(
            marts,
            "select value, target, attained_pct, is_provisional from marts.progress"
            " where campaign_id = ? and indicator_id = ? and unit_code = ? and as_of_date = ?::date",
            campaign, row["indicator_id"], row["unit_code"], row["as_of_date"],
        )  # fmt: skip
        for column, value in zip(("value", "target", "attained_pct"), found[:3], strict=True):
            assert not row[column] or as_printed(value, row[column]) == row[column], (row, found)
        assert found[3] is False, row


@pytest.mark.parametrize("campaign", with_expected("ranks"))
def test_the_boards_have_the_published_places(marts: duckdb.DuckDBPyConnection, campaign: str) -> None:
    for row in expected(campaign, "ranks"):
        [(rank, ranked, pct)] = asked(
            marts,
            "select rank, ranked_count, attained_pct from marts.leaderboard"
            " where campaign_id = ? and indicator_id = ? and level = ? and unit_code = ? and as_of_date = ?::date",
            campaign, row["indicator_id"], row["level"], row["unit_code"], row["as_of_date"],
        )  # fmt: skip
        assert [str(rank), str(ranked)] == [row["rank"], row["ranked_count"]], row
        assert not row["attained_pct"] or as_printed(pct, row["attained_pct"]) == row["attained_pct"], row


@pytest.mark.parametrize("campaign", with_expected("milestones"))
def test_as_many_units_had_a_milestone_by_then_as_was_published(marts: duckdb.DuckDBPyConnection, campaign: str) -> None:
    for row in expected(campaign, "milestones"):
        [(units, due)] = asked(
            marts,
            "select count(*) filter (where ? = '' or milestones.reached_on <= try_cast(? as date)),"
            " any_value(cast(timezone('Asia/Ho_Chi_Minh', dim_milestone.due_at) as date))::varchar"
            " from marts.milestones inner join marts.dim_milestone using (campaign_id, milestone_id, level)"
            " where campaign_id = ? and milestone_id = ? and level = ?",
            row["complete_by"], row["complete_by"], campaign, row["milestone_id"], row["level"],
        )  # fmt: skip
        assert (str(units), due) == (row["units"], row["due_date"]), row


def test_by_23_may_the_27_communes_that_were_named_are_complete_and_no_other(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select unit_code, unit_name from marts.milestones inner join marts.dim_unit using (campaign_id, unit_code)"
        " where campaign_id = ? and milestones.level = 'commune' and reached_on <= date '2023-05-23' order by unit_code",
        HA_NOI,
    )
    assert found == [tuple(row.values()) for row in expected(HA_NOI, "communes_complete_by_2023-05-23")]
    assert len(found) == 27


def test_cards_a_day_under_the_order_were_5_times_those_of_the_three_months_before(marts: duckdb.DuckDBPyConnection) -> None:
    values = dict(
        asked(
            marts,
            "select as_of_date::varchar, value from marts.progress where campaign_id = ? and unit_code = '01'"
            " and indicator_id = 'cccd_first_issued' and as_of_date in (date '2023-02-04', date '2023-05-04', date '2023-06-14')",
            HA_NOI,
        )
    )
    before = (values["2023-05-04"] - values["2023-02-04"]) / 89
    under_the_order = (values["2023-06-14"] - values["2023-05-04"]) / 41
    assert under_the_order / before == 5.0


def test_ha_nois_rounded_figures_of_early_may_hold(marts: duckdb.DuckDBPyConnection) -> None:
    def city(indicator: str, day: str) -> tuple[float, float, float]:
        [row] = asked(
            marts,
            "select value, gap, attained_pct from marts.progress"
            " where campaign_id = ? and unit_code = '01' and indicator_id = ? and as_of_date = ?::date",
            HA_NOI, indicator, day,
        )  # fmt: skip
        return row

    assert city("cccd_first_issued", "2023-05-04")[1] > 100_000
    activated, received = city("eid_activated", "2023-05-08")[0], city("eid_received", "2023-05-08")[0]
    assert 1_400_000 < activated < 1_500_000 and 4_200_000 < received < 4_300_000
    assert f"{100 * activated / received:.1f}" == "33.7"
    two_weeks = city("eid_activated", "2023-06-14")[2] - city("eid_activated", "2023-05-31")[2]
    assert round(two_weeks, -1) == 50


def test_in_mid_may_the_officers_went_to_the_seven_units_with_the_most_citizens_left(marts: duckdb.DuckDBPyConnection) -> None:
    for day in ("2023-05-15", "2023-05-16"):
        found = asked(
            marts,
            "select unit_code from marts.progress where campaign_id = ? and indicator_id = 'cccd_first_issued' and level = 'district'"
            " and as_of_date = ?::date order by gap desc limit 7",
            QUANG_NAM, day,
        )  # fmt: skip
        assert sorted(found) == sorted(tuple(row.values()) for row in expected(QUANG_NAM, "most_citizens_left"))
    [(left,)] = asked(
        marts,
        "select gap from marts.progress where campaign_id = ? and indicator_id = 'cccd_first_issued' and unit_code = '49'"
        " and as_of_date = date '2023-05-15'",
        QUANG_NAM,
    )
    assert 59_000 < left < 60_000


def test_in_mid_june_hai_phong_is_in_the_middle_third_of_the_provinces(marts: duckdb.DuckDBPyConnection) -> None:
    query = """
        select rank from marts.leaderboard
        where campaign_id = ? and unit_code = '31' and as_of_date between date '2023-06-13' and date '2023-06-15'
    """
    ranks = [rank for (rank,) in asked(marts, query, NATIONAL)]
    assert len(ranks) == 3 and all(22 <= rank <= 42 for rank in ranks)


# Side by side


@pytest.mark.parametrize(
    ("campaign", "unit", "days"),
    [
        ("hai_phong_vneid_2023", "31", ["2023-05-15", "2023-06-13", "2023-06-29"]),
        (QUANG_NAM, "49", ["2023-05-15", "2023-06-12", "2023-06-29"]),
        (HA_NOI, "01", ["2023-05-31", "2023-06-14", "2023-06-30"]),
    ],
)
def test_the_provinces_table_agrees_with_the_provinces_own_campaigns(
    marts: duckdb.DuckDBPyConnection, campaign: str, unit: str, days: list[str]
) -> None:
    found = asked(
        marts,
        "select own.value, nation.value, own.target, nation.target from marts.progress as own inner join marts.progress as nation"
        " using (unit_code, as_of_date, indicator_id) where own.campaign_id = ? and nation.campaign_id = ? and unit_code = ?"
        " and indicator_id = 'eid_activated' and list_contains(?, as_of_date::varchar)",
        campaign, NATIONAL, unit, days,
    )  # fmt: skip
    assert len(found) == len(days)
    assert all(own == nation and target == national for own, nation, target, national in found)


def test_every_campaign_of_the_folder_is_in_the_warehouse_and_labelled_as_simulated(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(marts, "select campaign_id, is_simulated from marts.dim_campaign order by campaign_id")
    assert found == [(folder.parent.name, True) for folder in sorted((ROOT / "campaigns").glob("*/campaign.yml"))]
    assert len(found) == 5


# The faults, by plan


@pytest.mark.parametrize("campaign", CASES)
def test_every_planned_fault_has_its_findings_and_nothing_else_has_any(marts: duckdb.DuckDBPyConnection, campaign: str) -> None:
    found = asked(
        marts,
        "select rule_id, severity, coalesce(unit_code, ''), case when rule_id = 'recount_difference' or unit_code is null then ''"
        " else coalesce(slot_id, '') end from marts.fct_findings where campaign_id = ?",
        campaign,
    )
    assert sorted(found) == sorted(tuple(row.values()) for row in expected(campaign, "findings"))


@pytest.mark.parametrize("campaign", CASES)
def test_every_slot_is_on_time_but_for_the_planned_ones(marts: duckdb.DuckDBPyConnection, campaign: str) -> None:
    found = asked(
        marts,
        "select unit_code, slot_id, status, case when status = 'late' then minutes_late::bigint::varchar else '' end"
        " from marts.fct_slot_status where campaign_id = ? and status not in ('on_time', 'exempt')",
        campaign,
    )
    assert sorted(found) == sorted(tuple(row.values()) for row in expected(campaign, "slots"))


@pytest.mark.parametrize("campaign", CASES)
def test_all_rows_are_accounted_for(marts: duckdb.DuckDBPyConnection, campaign: str) -> None:
    found = asked(
        marts,
        "select sum(rows_received), sum(rows_accepted), sum(rows_held), sum(rows_rejected), sum(rows_duplicate), bool_and(is_balanced)"
        " from marts.reconciliation where campaign_id = ?",
        campaign,
    )
    [row] = expected(campaign, "rows")
    assert found == [(*(int(count) for count in row.values()), True)]


def test_two_recounts_differ_and_the_others_agree(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select unit_code, as_of_date::varchar, printf('%.3f', verification_factor) from marts.recounts"
        " where campaign_id = ? and abs(verification_factor - 1) > 0.1 order by as_of_date",
        QUANG_NAM,
    )
    assert found == [tuple(row.values()) for row in expected(QUANG_NAM, "recounts_that_differ")]
    assert asked(marts, "select count(*), count(verification_factor) from marts.recounts where campaign_id = ?", QUANG_NAM) == [(9, 9)]


# The campaigns' own data


@pytest.mark.parametrize("campaign", [CCCD, QUANG_NAM, HA_NOI])
def test_the_targets_of_the_units_add_up_to_the_published_one(campaign: str) -> None:
    top = {"49", "31", "01"}
    sums: dict[tuple[str, str, bool], int] = {}
    for row in rows_of(ROOT / "campaigns" / campaign / "targets.csv"):
        key = (row["indicator_id"], row.get("valid_from", ""), row["unit_code"] in top)
        sums[key] = sums.get(key, 0) + int(row["target"])
    wholes = {(indicator, since): total for (indicator, since, is_top), total in sums.items() if is_top}
    assert wholes and wholes == {(indicator, since): total for (indicator, since, is_top), total in sums.items() if not is_top}


def test_a_device_of_hai_phong_has_the_norm_of_dossiers_to_do_and_never_twice_of_it(marts: duckdb.DuckDBPyConnection) -> None:
    query = """
        select sum(dossiers.increment_1d) / sum(devices.value), max(dossiers.increment_1d / devices.value)
        from marts.progress as dossiers
        inner join marts.progress as devices using (campaign_id, unit_code, as_of_date)
        where campaign_id = ? and dossiers.indicator_id = 'cccd_dossiers' and devices.indicator_id = 'devices_working'
            and dossiers.level = 'district' and not dossiers.is_provisional
    """
    [(average, highest)] = asked(marts, query, CCCD)
    assert 315 < average < 385  # within a tenth of the published 350
    assert highest < 700
