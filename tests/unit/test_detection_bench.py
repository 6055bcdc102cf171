"""The detection benchmark: faults are planted as their name says, counted as documented, and the references follow their formulas."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.detection import faults, gate_run, panels, planting, references, report, scoring
from bench.detection.panels import Indicator, Panel


def panel(*rows: list[float], daily: bool = False, **more: object) -> Panel:
    """Units with the given cumulative figures; `daily` adds an indicator of their increments."""
    levels = np.array([rows], dtype=float)
    indicators = [Indicator("done", "cumulative")]
    if daily:
        steps = panels.increments(levels)
        steps[:, :, 0] = levels[:, :, 0]
        levels, indicators = np.concatenate([levels, steps]), [*indicators, Indicator("done_daily", "increment", daily_of="done")]
    days = [date(2023, 6, 1) + timedelta(days=n) for n in range(levels.shape[2])]
    codes = [f"{n}" for n in range(len(rows))]
    given = {"first": 2, "last": len(days) - 2, "gap": 3} | more
    return Panel("hand", "Asia/Ho_Chi_Minh", indicators, codes, ["p"] * len(rows), days, levels, **given)  # type: ignore[arg-type]


def planted(kind: str, given: Panel, unit: int, at: int, partner: int = -1, seed: int = 0) -> tuple[list[list[float]], int]:
    """Figures of the unit per indicator after the fault, and how many slots carry it."""
    rows = given.values[:, [unit, partner]].copy()
    slots = planting.apply(given, rows, planting.Plant(faults.BY_ID[kind], 0, unit, partner, at, seed))
    return rows[:, 0].tolist(), slots


LEVELS = [100.0, 120, 150, 170, 200, 220, 250, 260, 280, 300, 310, 340]


@pytest.mark.parametrize(
    ("kind", "at", "figures", "slots"),
    [
        ("x10", 4, [*LEVELS[:4], 2000, *LEVELS[5:]], 1),
        ("decimal_shift", 2, [100, 120, 15, *LEVELS[3:]], 1),
        ("sign", 2, [100, 120, -150, *LEVELS[3:]], 1),
        ("zero_for_missing", 2, [100, 120, 0, *LEVELS[3:]], 1),
        ("fall_5", 4, [*LEVELS[:4], 161, *LEVELS[5:]], 1),
        ("wrong_day", 4, [*LEVELS[:4], 170, *LEVELS[5:]], 1),
        ("level_for_increment", 4, [*LEVELS[:4], 370, *LEVELS[5:]], 1),
        ("increment_for_level", 4, [*LEVELS[:4], 30, *LEVELS[5:]], 1),
        ("held_back", 3, [100, 120, 150, 150, 150, 150, *LEVELS[6:]], 4),
    ],
)
def test_a_slip_stands_in_its_slots_and_the_truth_comes_back(kind: str, at: int, figures: list[float], slots: int) -> None:
    assert planted(kind, panel(LEVELS), 0, at) == ([figures], slots)


def test_what_is_made_up_moves_every_later_figure() -> None:
    given = panel(LEVELS)
    assert planted("x10_increment", given, 0, 3) == ([[100, 120, 150, 350, 380, 400, 430, 440, 460, 480, 490, 520]], 1)
    assert planted("stale_3", given, 0, 3) == ([[100, 120, 150, 150, 150, 150, 180, 190, 210, 230, 240, 270]], 3)
    assert planted("inflated_level", given, 0, 4) == ([[100, 120, 150, 170, 220, 240, 270, 280, 300, 320, 330, 360]], 1)


def test_a_made_up_increment_stands_in_the_daily_indicator_too() -> None:
    levels, daily = planted("x10_increment", panel(LEVELS, daily=True), 0, 3)[0]
    assert (levels[3], daily[3], daily[4]) == (350, 200, 30)


def test_missed_work_is_counted_twice_in_the_next_report() -> None:
    figures, slots = planted("missing_then_doubled", panel(LEVELS), 0, 3)
    assert np.isnan(figures[0][3]) and figures[0][4:6] == [220, 240] and slots == 2


def test_copies_take_the_other_units_figures() -> None:
    other = [10.0, 20, 40, 70, 110, 160, 220, 290, 370, 460, 560, 670]
    given = panel(LEVELS, other)
    assert planted("clone_vector", given, 0, 4, 1)[0][0][3:6] == [170, 110, 220]
    assert planted("clone_increment", given, 0, 5, 1)[0][0][4:7] == [200, 250, 280]  # 50 as the other unit, not 20
    rows = given.values[:, [0, 1]].copy()
    planting.apply(given, rows, planting.Plant(faults.BY_ID["unit_swap"], 0, 0, 1, 4, 0))
    assert (rows[0, 0, 4], rows[0, 1, 4]) == (110, 200)


def test_a_habit_of_rounding_rounds_increments_that_are_big_enough() -> None:
    levels = list(np.cumsum([100, 12, 13, 27, 21, 34, 46, 58, 22, 31, 13, 17]).astype(float))
    figures, slots = planted("rounded_10", panel(levels), 0, 3)
    assert slots == 7 and list(np.diff(figures[0])[2:9]) == [30, 20, 30, 50, 60, 20, 30]
    assert planted("rounded_100", panel([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), 0, 3)[1] == 0


def test_a_deadline_jump_reaches_the_threshold_and_the_truth_catches_up() -> None:
    levels = [100.0, 120, 140, 160, 180, 200, 220, 240, 260, 280, 300, 320]
    given = panel(levels, targets=np.array([600.0]), due={6: 50.0})
    assert planted("deadline_jump", given, 0, 6) == ([[*levels[:6], 300, 300, 300, 300, 300, 320]], 1)
    assert planted("deadline_jump", given, 0, 5)[1] == 0


@pytest.mark.parametrize(("value", "allowed"), [(1234, {2134, 1324, 1243}), (1000, {100}), (77, {None})])
def test_swapped_digits_are_neighbours_that_differ(value: float, allowed: set[float | None]) -> None:
    site = [faults.Site(panel(LEVELS), 3, np.random.default_rng(n), 0, 0) for n in range(20)]
    assert {faults.swap_digits(value, one) for one in site} == allowed


def test_a_fault_that_moves_figures_by_less_than_five_is_not_counted() -> None:
    flat = [100.0] * 12
    assert planted("stale_3", panel(flat), 0, 3)[1] == 0
    assert planted("wrong_day", panel(flat), 0, 3)[1] == 0
    assert not planting.is_worth_counting(np.array([10.0]), np.array([14.0]))
    assert planting.is_worth_counting(np.array([10.0]), np.array([15.0]))
    assert planting.is_worth_counting(np.array([10.0]), np.array([np.nan]))


def test_a_slip_smaller_than_the_units_usual_growth_and_a_pause_of_a_quiet_unit_are_within_its_own_ways() -> None:
    def site(levels: list[float]) -> faults.Site:
        return faults.Site(panel(levels), 4, np.random.default_rng(0), 0, 0)

    # The growths before slot 4 are 20, 30, 20: their median is 20, and a figure 19 off is less than that away, one 20 off is not.
    true = np.array([LEVELS])
    for typed, is_small in ((219.0, True), (220.0, False), (20.0, False)):
        slipped = true.copy()
        slipped[0, 4] = typed
        assert faults.is_small_slip(true, slipped, site(LEVELS)) is is_small
    # The other unit grows by 2, and once by 7.
    quiet = [100.0, 102, 104, 106, 113, 115, 117, 119, 121, 123, 125, 127]
    assert faults.is_quiet(np.array([quiet]), np.array([quiet]), site(quiet)) and not faults.is_quiet(true, true, site(LEVELS))


def test_what_is_within_a_units_own_ways_has_a_row_of_its_own_and_counts_for_the_goal() -> None:
    detector = scoring.Detector(scoring.OURS, scoring.OURS, np.zeros(1000), np.array([2.0, 2.0, 2.0, 0.0]))
    kinds = np.array(["stale_3"] * 4, dtype=object)
    given = scoring.Scored(panel(LEVELS), "report", kinds, [detector], [], 0, 1000, np.array([False, False, False, True]))
    assert [(name, int(chosen.sum())) for name, chosen in given.rows()] == [
        ("stale_3", 4), ("stale_3, beyond its ways", 3), ("stale_3, within its ways", 1),
    ]  # fmt: skip
    [goal] = [goal for goal in report._goals(given) if "stale_3" in goal.what]
    assert (goal.found, goal.is_met, goal.note) == (75, False, " (100 of those beyond the unit's own ways)")


def test_the_same_seed_plants_the_same_faults_and_no_two_disturb_each_other() -> None:
    given = panels.simulation(units=60, slots=60)
    first, second = planting.plan(given, 3), planting.plan(given, 3)
    assert [vars(plant) for plant in first.plants] == [vars(plant) for plant in second.plants]
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first.copies, second.copies, strict=True))
    assert {plant.kind.id for plant in first.plants} == {kind.id for kind in faults.KINDS} and len(faults.KINDS) >= 25
    for one in first.plants:
        for other in first.plants:
            if one is not other and one.copy == other.copy and one.unit == other.unit:
                assert abs(one.at - other.at) > given.gap


def test_no_fault_is_planted_where_the_series_really_falls() -> None:
    given = panel([100.0, 120, 150, 140, 200, 220, 250, 260, 280, 300, 310, 340])
    assert given.is_clean().tolist() == [[True, True, True, False] + [True] * 8]
    assert all(3 not in plant.window(given) for plant in planting.plan(given, 2).plants)


def test_increments_after_a_missing_report_hold_all_that_came_since() -> None:
    assert np.array_equal(panels.increments(np.array([5.0, np.nan, 9, 12])), [np.nan, np.nan, 4, 3], equal_nan=True)


def test_the_simulation_is_truthful_and_spans_three_orders_of_size() -> None:
    given = panels.simulation(units=300)
    received, activated = panels.carried(given.values)
    assert (np.diff(received) >= 0).all() and (activated <= received).all() and given.targets is not None
    assert given.targets.max() / given.targets.min() > 500
    assert 0.03 < (received[:, -1] == given.targets).mean() < 0.5  # some finish
    assert np.array_equal(panels.simulation(units=300).values, given.values, equal_nan=True)


# The references, on windows worked out by hand: [2, 4, 4, 4, 5, 5, 7, 9] has mean 5 and a population deviation of 2.
EIGHT = np.array([[2.0, 4, 4, 4, 5, 5, 7, 9]])


def test_z_score_is_the_distance_from_the_mean_in_population_deviations() -> None:
    assert references.z_score(EIGHT, np.array([9.0]))[0] == pytest.approx(2.0)
    assert references.z_score(np.array([[3.0, 3, 3]]), np.array([3.0]))[0] == 0


def test_modified_z_score_uses_median_and_median_deviation() -> None:
    # median 4.5, deviations 2.5 .5 .5 .5 .5 .5 2.5 4.5: their median is .5
    assert references.modified_z_score(EIGHT, np.array([9.0]))[0] == pytest.approx(0.6745 * 4.5 / 0.5)


def test_min_max_flags_outside_of_two_deviations_and_never_expects_less_than_nothing() -> None:
    points = np.array([9.0, 10, 1, 0])
    assert (references.min_max(np.repeat(EIGHT, 4, axis=0), points) >= 2).tolist() == [False, True, False, True]  # bounds 1 and 9
    assert references.min_max(np.array([[0.0, 0, 0, 8]]), np.array([-1.0]))[0] >= 2


def test_who_takes_the_deviation_of_a_sample() -> None:
    assert references.who_three_sd(EIGHT, np.array([9.0]))[0] == pytest.approx(4 / np.sqrt(32 / 7))


def test_elementary_gives_no_score_below_seven_values() -> None:
    assert references.elementary(EIGHT[:, :6], np.array([9.0]))[0] == 0
    assert references.elementary(EIGHT, np.array([9.0]))[0] == pytest.approx(4 / np.sqrt(32 / 7))


def test_a_spike_sits_in_its_own_baseline_so_that_nine_points_never_reach_three_deviations() -> None:
    assert references.z_score(np.array([[1.0] * 8 + [1e9]]), np.array([1e9]))[0] < 3


def test_windows_end_with_the_tested_slot() -> None:
    reference = references.Reference("last", "last", lambda windows, points: np.nansum(windows, axis=1), 1.0, 3)
    assert references.scores_at(reference, np.array([[1.0, 10, 100, 1000]]), np.array([2]))[0] == 111
    assert references.scores_at(reference, np.array([[1.0, 10, 100, 1000]]), np.array([0]))[0] == 1


def test_a_fault_is_found_on_its_slots_or_the_next_and_not_later() -> None:
    plant = planting.Plant(faults.BY_ID["held_back"], 0, 0, -1, 3, 0, slots=4)
    assert list(plant.window(panel(LEVELS))) == [3, 4, 5, 6, 7]


def test_false_alarms_recall_and_the_threshold_for_a_rate_add_up() -> None:
    detector = scoring.Detector("d", "d", np.array([0.0] * 996 + [0.5, 1, 2, np.inf]), np.array([0.4, 1.0, 3.0, np.inf]))
    assert detector.false_alarms() == 3 and detector.false_alarms(1.5) == 2
    assert detector.recall(np.array([True] * 4)) == 0.75 and detector.recall(np.array([False] * 4)) is None
    for rate, level_above in ((2, 1), (3, 0.5), (1, 2)):
        assert detector.false_alarms(detector.level_for(rate)) <= rate
        assert detector.level_for(rate) >= level_above
    assert detector.recall(np.array([True] * 4), detector.level_for(1)) == 0.5
    assert detector.level_for(0) == np.inf and detector.false_alarms(np.inf) == 1  # a rule that does not measure cannot be moved
    assert scoring.precision(0.5, 5) == 0.5


def test_halves_are_stable_and_every_unit_is_in_one() -> None:
    assert [panels.half_of(code) for code in ("001", "002", "Johor")] == ["tune", "report", "report"]
    given = panels.simulation(units=200, slots=10)
    assert not (scoring.in_half(given, "tune") & scoring.in_half(given, "report")).any()
    assert scoring.in_half(given, "all").all() and 0.35 < scoring.in_half(given, "tune").mean() < 0.65


def test_scores_are_in_units_of_the_rules_threshold_and_rules_that_do_not_measure_always_count() -> None:
    found = pd.DataFrame(
        {
            "unit_code": ["0", "0", "1", "elsewhere"], "as_of": pd.to_datetime(["2023-06-03", "2023-06-03", "2023-06-04", "2023-06-04"]),
            "rule_id": ["outlier", "outlier", "cumulative_fall", "outlier"], "score": [-9.0, 3.0, None, 9.0],
        }
    )  # fmt: skip
    judged = gate_run.place(panel(LEVELS, LEVELS), found, {"outlier": 4.0})  # its threshold moves as the square of the others
    assert judged.relative[0, 2] == 1.5 and judged.relative[1, 3] == np.inf and judged.relative.sum() == np.inf
    assert len(judged.found) == 3


def test_the_gate_judges_the_panel_day_by_day_as_known_then(tmp_path: Path) -> None:
    given = panel(LEVELS, [value * 3 for value in LEVELS])
    values = given.values.copy()
    values[0, 0, 5] = 150  # falls, and is above nothing that comes later
    judged = gate_run.judge_panel(given, values, tmp_path / "run")
    on_fall = judged.found[(judged.found["unit_no"] == 0) & (judged.found["slot_no"] == 5)]
    assert "cumulative_fall" in set(on_fall["rule_id"])
    assert "cumulative_fall" not in set(judged.found.loc[judged.found["slot_no"] != 5, "rule_id"])
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def scored() -> scoring.Scored:
    """A small simulation, judged by a gate that flags every fall and nothing else."""

    def only_falls(given: Panel, values: np.ndarray, folder: Path) -> gate_run.Judged:
        units, slots = np.nonzero((panels.increments(values) < 0).any(axis=0))
        rows = {"unit_code": np.array(given.codes)[units], "as_of": pd.to_datetime(np.array(given.days)[slots])}
        return gate_run.place(given, pd.DataFrame(rows | {"rule_id": "cumulative_fall", "score": None}), {})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "judge_panel", only_falls)
        return scoring.run(planting.plan(panels.simulation(units=40), 2), "all")


def test_falls_are_found_without_false_alarms_and_what_only_grows_is_not(scored: scoring.Scored) -> None:
    ours = scored[scoring.OURS]
    assert ours.false_alarms() == 0 and scored.real_falls == 0
    assert ours.recall(scored.of("fall_5", "zero_for_missing", "sign", "increment_for_level")) == 1
    assert ours.recall(scored.of("inflated_slot", "inflated_run", "same_increment", "stale_3")) == 0
    assert scored.by_rule["fall_5"] == {"cumulative_fall": 1.0} and scored.by_rule["stale_3"] == {}
    assert {example["slots"] for example in scored.missed["stale_3"]} == {3}


def test_a_rule_that_speaks_already_before_the_fault_does_not_find_it() -> None:
    given = panel(LEVELS)
    plant = planting.Plant(faults.BY_ID["x10"], 0, 0, -1, 5, 0, slots=1)
    rows = [(3, "cumulative_fall"), (4, "cumulative_fall"), (5, "cumulative_fall"), (4, "outlier"), (6, "outlier"), (7, "repeat")]
    days = pd.to_datetime([given.days[slot] for slot, _ in rows])
    found = pd.DataFrame({"unit_code": "0", "as_of": days, "rule_id": [rule for _, rule in rows], "score": None})
    best, by_plant = np.zeros(1), [set[str]()]
    scoring._best_of_copy(planting.Plan(given, [plant]), 0, gate_run.place(given, found, {}), best, by_plant)
    assert by_plant == [{"outlier"}] and best[0] == np.inf


def test_goals_are_judged_at_the_references_own_false_alarms(scored: scoring.Scored) -> None:
    found = {goal.what.split(" found")[0]: goal for goal in report._goals(scored)}
    assert found["zero_for_missing"].is_met and found["zero_for_missing"].found == 100
    assert not found["stale_3"].is_met and found["stale_3"].needed == 95
    assert not found["inflated_level"].is_met and "false alarms of" in found["inflated_level"].note


def test_results_are_written_as_tables_curves_and_numbers(scored: scoring.Scored, tmp_path: Path) -> None:
    report.write(tmp_path, [scored], report._goals(scored), True, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curve_simulation.svg", "results.json", "results.md"]
    panel_found = json.loads((tmp_path / "results.json").read_text())["panels"][0]
    assert [detector["id"] for detector in panel_found["detectors"]][:2] == ["tiendo", "dhis2_z"]
    assert panel_found["planted"]["x10"] == 2 and panel_found["detectors"][0]["recall"]["fall_5"] == 1
    assert "| fall_5 | 2 | 100 |" in (tmp_path / "results.md").read_text()
    document = tmp_path / "document.md"
    document.write_text(f"before\n{report.MARKS[0]}\nold\n{report.MARKS[1]}\nafter\n")
    report.update(document, "new\n")
    assert document.read_text() == f"before\n{report.MARKS[0]}\nnew\n{report.MARKS[1]}\nafter\n"
    assert (tmp_path / "curve_simulation.svg").read_text().startswith("<svg")


def test_the_real_series_are_as_their_readme_says() -> None:
    data = Path(os.environ.get("TIENDO_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    provinces, states = panels.it_dpc_province(data), panels.my_citf(data)
    if provinces is None or states is None:
        pytest.skip(f"the real series are not there ({data}); set TIENDO_SHARED_DATA")
    assert len(provinces.codes) == 107 and provinces.values[0, provinces.codes.index("015"), -1] == 174013  # Milano
    assert int((np.diff(provinces.values[0]) < 0).sum()) == 338
    assert len(states.codes) == 16 and str(states.days[states.first]) == "2021-07-01"
    levels, daily = states.values[:2], states.values[2:]
    assert np.array_equal(np.diff(levels), daily[:, :, 1:])
