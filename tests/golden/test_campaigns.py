"""What the marts say of the bundled campaigns, side by side in one warehouse, against what was published and planned.

An expected cell that is empty was not published, and is not compared.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
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


@pytest.mark.parametrize("campaign", with_expected("before_after"))
def test_the_daily_average_since_an_order_is_as_many_times_that_before_it_as_was_published(
    marts: duckdb.DuckDBPyConnection, campaign: str
) -> None:
    for row in expected(campaign, "before_after"):
        [(before_from, before_days, after_days, ratio)] = asked(
            marts,
            "select before_from::varchar, before_days, after_days, ratio from marts.before_after"
            " where campaign_id = ? and comparison_id = ? and indicator_id = ? and unit_code = ? and as_of_date = ?::date",
            campaign, row["comparison_id"], row["indicator_id"], row["unit_code"], row["as_of_date"],
        )  # fmt: skip
        assert (before_from, before_days, after_days) == (row["before_from"], int(row["before_days"]), int(row["after_days"]))
        assert as_printed(ratio, row["ratio"]) == row["ratio"] and abs(ratio - float(row["ratio"])) < 1e-9, ratio


def test_every_figure_of_the_newest_board_has_one_forecast_row(marts: duckdb.DuckDBPyConnection) -> None:
    unmatched = asked(
        marts,
        "with newest as (select campaign_id, max(as_of_date) as as_of_date from marts.progress group by all),"
        " shown as (select *, 1 as is_shown from marts.progress semi join newest using (campaign_id, as_of_date)),"
        " forecast as (select *, 1 as is_forecast from marts.forecasts)"
        " select campaign_id, indicator_id, unit_code from shown full join forecast"
        " using (campaign_id, indicator_id, unit_code, as_of_date) where is_shown is null or is_forecast is null",
    )
    assert unmatched == []


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


def test_the_briefing_of_week_4_tells_of_ten_districts_and_every_number_has_its_query(
    marts: duckdb.DuckDBPyConnection, unanswered: Callable[[duckdb.DuckDBPyConnection], list[str]]
) -> None:
    query = "select value, value_2, value_3 from marts.briefing where campaign_id = ? and meeting_date = '2023-06-03' and statement = ?"
    assert asked(marts, f"{query} and level = 'district'", HA_NOI, "milestone_reached") == [(10, 30, 10)]
    assert asked(marts, query, HA_NOI, "headline_reports") == [(7 * (579 + 16), 7 * (579 + 16), 100)]  # Thanh Trì's 16 twice a day
    assert unanswered(marts) == []


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
    assert len(found) == 6  # the five, and the drive that followed one of them


def test_the_drive_that_followed_order_01_starts_from_its_last_board(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select from_date::varchar, is_final, count(*), sum(inherited_value)::bigint, bool_and(gained > 0) from marts.inherited_standings"
        " where campaign_id = 'ha_noi_follow_on_2023' and from_campaign_id = ? and indicator_id = 'eid_activated' and level = 'district'"
        " group by all",
        HA_NOI,
    )
    assert found == [("2023-07-01", True, 30, 4_471_982, True)]
    first = asked(
        marts,
        "select unit_name from marts.inherited_standings where campaign_id = 'ha_noi_follow_on_2023' and indicator_id = 'eid_activated'"
        " and level = 'district' and inherited_rank <= 3 order by inherited_rank",
    )
    assert first == [("Quận Tây Hồ",), ("Quận Hà Đông",), ("Huyện Gia Lâm",)]  # as printed on 2023-07-01


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


# What helps: devices, reasons, ways of working, more people, emulation points


def test_what_thanh_tri_was_stuck_on_opens_and_closes_with_its_reports(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select unit_code, code, cast(opened_at as date)::varchar, coalesce(cast(closed_at as date)::varchar, ''), days_open::varchar,"
        " reports::varchar from marts.bottlenecks where campaign_id = ? order by unit_code, code",
        HA_NOI,
    )
    assert found == [tuple(row.values()) for row in expected(HA_NOI, "bottlenecks")]
    of_the_district = asked(
        marts,
        "select code, units_open, units_ever, days_open from marts.bottleneck_counts where campaign_id = ? and unit_code = '020'"
        " order by code",
        HA_NOI,
    )
    assert of_the_district == [("line", 0, 2, 7), ("machines", 1, 3, 11), ("not_pushing", 0, 1, 9), ("people", 0, 2, 8)]


def test_a_way_of_working_is_told_at_the_meeting_after_it_was_reported(marts: duckdb.DuckDBPyConnection) -> None:
    found = asked(
        marts,
        "select period, practices_reported, practices_vi from marts.good_practice where campaign_id = ? and unit_code = '018'"
        " and practices_reported > 0",
        HA_NOI,
    )
    assert found == [("weekly/2023-06-10", 2, "Làm theo ba đợt, buổi tối 17-21 giờ và cuối tuần")]


def test_seven_more_people_on_16_may_go_to_the_seven_units_that_got_them(five_home: Path) -> None:
    from click.testing import CliRunner

    from tiendo.cli import cli

    options = ["--people", "7", "--at", "2023-05-16", "--home", str(five_home), "--json"]
    done = CliRunner().invoke(cli, ["reinforce", QUANG_NAM, *options])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    sent = {unit["unit_code"] for unit in told["units"] if unit["people"]}
    assert sent == {row["unit_code"] for row in expected(QUANG_NAM, "most_citizens_left")}
    assert told["people_sent"] == 7 and told["is_simulated"]
    assert told["expected_gain"] == sum(unit["gap"] for unit in told["units"] if unit["people"])  # a person could do 350 x 30 there
    said = CliRunner().invoke(cli, ["reinforce", QUANG_NAM, *options[:-1], "--lang", "en"])
    assert "the most that can be, no forecast" in " ".join(said.output.split())  # only the norm was known that day


def test_the_devices_of_the_city_work_about_the_norm(marts: duckdb.DuckDBPyConnection) -> None:
    [(days, average, norm)] = asked(
        marts,
        "select count(*), avg(per_device_1d), any_value(norm) from marts.device_productivity where campaign_id = ? and unit_code = '31'"
        " and per_device_1d is not null",
        CCCD,
    )
    assert (days, norm) == (47, 350.0) and 315 < average < 385


def test_emulation_points_of_the_second_quarter_follow_from_target_milestone_and_slots(marts: duckdb.DuckDBPyConnection) -> None:
    points = {
        (unit, part): value
        for unit, part, value in asked(
            marts, "select unit_code, part_id, points from marts.emulation_parts where campaign_id = ? and period_id = 'q2_2021'", CCCD
        )
    }
    attained = dict(
        asked(
            marts,
            "select unit_code, attained_pct from marts.progress where campaign_id = ? and indicator_id = 'cccd_dossiers'"
            " and level = 'district' and as_of_date = date '2021-04-30'",
            CCCD,
        )
    )
    assert len(attained) == 15
    assert all(points[unit, "attainment"] == pytest.approx(min(pct, 100) / 2, abs=1e-6) for unit, pct in attained.items())
    # the milestone on its due day is half way between ten days late and ten days early; Cát Hải missed one of 30 slots
    assert all((points[unit, "milestones"] >= 10) == (pct >= 100) for unit, pct in attained.items())
    assert [points["317", "timeliness"], points["303", "timeliness"]] == [14.5, 15.0]
    [(classes, ranked)] = asked(
        marts, "select count(distinct class_id), count(rank) from marts.emulation_scores where campaign_id = ?", CCCD
    )
    assert (classes, ranked) == (3, 15)
