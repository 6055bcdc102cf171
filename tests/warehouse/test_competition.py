"""Devices, reasons of being stuck, ways of working, where more people help, and the emulation score: answers worked out on paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pytest
from tiny_lake import House, Row, campaign_row, daily_slots, day, figure, indicator, moment, submission, unit

from pipeline import emulation
from publishers.marts_export import export_marts
from tiendo.errors import ActError, NotFoundError
from tiendo.settings import Settings

LAST = 12  # June, the day of the boards
UNITS = [unit("C", "city", None), *[unit(code, "district", "C") for code in ("A", "B", "D")]]

# Value at the end of day n. A: 10 a day; B: 40 a day until the 8th, 20 from then on; D: 30 on the 1st, and not one more.
VALUES = {
    "A": {n: 10.0 * n for n in range(1, LAST + 1)},
    "B": {n: 40.0 * min(n, 8) + 20.0 * max(n - 8, 0) for n in range(1, LAST + 1)},
    "D": dict.fromkeys(range(1, LAST + 1), 30.0),
}
# Devices: A always 2, B 4 until the 10th and 5 from then on, D none that anybody knows of.
DEVICES = {"A": dict.fromkeys(range(1, LAST + 1), 2.0), "B": {n: 4.0 if n < 10 else 5.0 for n in range(1, LAST + 1)}}


OF = {"indicator_id": "done", "level": "district"}


def register(weights: dict[str, float]) -> dict[str, list[Row]]:
    """The campaign: target 200 for A, 500 for B, 100 for D; half of it due on the 10th, all of it on the 20th."""
    scales = {
        "attainment": (0.0, 100.0),
        "milestones": (-10.0, 10.0),
        "timeliness": (0.0, 100.0),
        "quality": (0.0, 100.0),
        "recounts": (10.0, 0.0),
    }
    said = {"name_vi": "x", "name_en": "x"}
    return {
        "campaigns": [campaign_row(f"2023-06-{LAST} 23:59:59", board_level="district")],
        "levels": [{"level": name, "depth": n, **said} for n, name in enumerate(("city", "district"), 1)],
        "units": UNITS,
        "indicators": [
            indicator(devices_id="devices", device_norm=8.0, person_norm=8.0, is_reinforced=True, is_reinforced_daily=False),
            indicator("devices", is_required=False, position=2, is_reinforced=False, is_reinforced_daily=False),
        ],
        "targets": [
            {"indicator_id": "done", "unit_code": code, "target": target, "valid_from": day("2023-06-01")}
            for code, target in (("A", 200.0), ("B", 500.0), ("D", 100.0))
        ],
        "milestones": [
            {"milestone_id": f"m{due}", **said, "indicator_id": "done", "level": "district", "threshold_pct": pct,
             "due_at": moment(f"2023-06-{due} 23:59:59"), "due_date": day(f"2023-06-{due}")}
            for due, pct in (("10", 50.0), ("20", 100.0))
        ],
        "slots": daily_slots("2023-06-01", 20, "district"),
        "senders": [
            {"sender": "chief A", "unit_code": "A", "name": "Chief of A", "position": 1},
            {"sender": "chief C", "unit_code": "C", "name": "Chief of C", "position": 2},
        ],
        "recounts": [
            {"recount_id": "r1", "indicator_id": "done", "unit_code": "A", "as_of_date": day("2023-06-05"), "recounted_value": 48.0,
             "recounted_on": day("2023-06-06"), "recounted_by": "team", "known_until": moment("2023-06-06 23:59:59")},
        ],
        "remark_codes": [
            {"remark_id": "stuck", "kind": "bottleneck", **said, "code": code, "code_name_vi": code, "code_name_en": code, "position": n}
            for n, code in enumerate(("machines", "people", "unknown"), 1)
        ] + [{"remark_id": "way", "kind": "practice", **said, "code": None, "position": 1}],
        "emulation_periods": [
            {"period_id": "early", **said, "first_on": day("2023-06-01"), "last_on": day("2023-06-10"), **OF},
            {"period_id": "late", **said, "first_on": day("2023-06-11"), "last_on": day("2023-06-30"), **OF},
        ],
        "emulation_parts": [
            {"part_id": name, "weight": weight, "zero_at": scales[name][0], "full_at": scales[name][1], "position": n}
            for n, (name, weight) in enumerate(weights.items(), 1)
        ],
        "emulation_classes": [
            {"class_id": "good", **said, "min_score": 60.0}, {"class_id": "poor", **said, "min_score": 0.0},
        ],
    }  # fmt: skip


WEIGHTS = {"attainment": 40.0, "milestones": 30.0, "timeliness": 20.0, "recounts": 10.0}


def batch() -> dict[str, list[Row]]:
    """One report a unit and day at 10:00; that of B for the 3rd comes at 18:00, an hour late."""
    figures, submissions, remarks = [], [], []
    for code, series in VALUES.items():
        for n, value in series.items():
            on, file = f"2023-06-{n:02}", f"{code}-{n}"
            at = f"{on} {'18' if (code, n) == ('B', 3) else '10'}:00"
            figures.append(figure(file, code, value, f"{on} 08:00", at, slot_id=f"daily/{on}"))
            if n in DEVICES.get(code, {}):
                figures.append(figure(file, code, DEVICES[code][n], f"{on} 08:00", at, slot_id=f"daily/{on}", indicator_id="devices"))
            submissions.append(submission(file, code, f"daily/{on}", at))
            for said in STUCK.get((code, n), [None]):
                remarks.append(remark(file, code, on, at, "stuck", said))
    remarks += [
        remark("A-4", "A", "2023-06-04", "2023-06-04 10:00", "way", None, "evenings"),
        remark("A-9", "A", "2023-06-09", "2023-06-09 10:00", "way", None, "at the market"),
        remark("B-9", "B", "2023-06-09", "2023-06-09 10:00", "way", None, "weekends"),
        remark("B-10", "B", "2023-06-10", "2023-06-10 10:00", "way", None, "kept back", lane="held"),
        # an older version of what B said on the 7th
        remark("B-7-old", "B", "2023-06-07", "2023-06-07 09:00", "stuck", "people"),
    ]
    return {"figures": figures, "submissions": submissions, "remarks": remarks}


# A is stuck on machines from the 2nd to the 4th and again since the 11th; B on people and machines on the 5th, on machines on the 6th.
STUCK = {("A", n): ["machines"] for n in (2, 3, 4, 11, 12)} | {("B", 5): ["people", "machines"], ("B", 6): ["machines"]}


def remark(file: str, unit_code: str, on: str, at: str, what: str, code: str | None, text: str | None = None, **more: Any) -> Row:
    return {
        "source_id": "s", "file_id": file, "submission_id": f"{file}/{unit_code}", "unit_code": unit_code, "slot_id": f"daily/{on}",
        "as_of": datetime.fromisoformat(f"{on} 08:00"), "as_of_date": day(on), "remark_id": what, "code": code,
        "raw_text": text or code, "lane": "accepted", "received_at": moment(at), **more,
    }  # fmt: skip


# What the command needs of the campaign's folder; the marts come from the register above.
CAMPAIGN = """id: c
name: {vi: x, en: x}
time_zone: UTC
starts_on: 2023-06-01
ends_on: 2023-06-30
levels: [{id: city, name: {vi: x, en: x}}, {id: district, name: {vi: x, en: x}}]
units: {file: units.csv}
indicators: [{id: done, name: {vi: x, en: x}, kind: cumulative}]
sources: [{id: s, path: inbox, as_of: d, unit: {code: u}, indicators: {done: n}}]
emulation:
  periods:
    - {id: early, name: {vi: x, en: x}, first_on: 2023-06-01, last_on: 2023-06-10}
    - {id: late, name: {vi: x, en: x}, first_on: 2023-06-11, last_on: 2023-06-30}
  parts: [{id: attainment, weight: 40}]
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("competition"))
    house.write_register("c", **register(WEIGHTS))
    house.write_batch("c", "20230612T100000Z-1", **batch())
    return house


@pytest.fixture(scope="module")
def marts(house: House) -> Iterator[duckdb.DuckDBPyConnection]:
    with house.build() as connection:
        yield connection


def ask(marts: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return marts.execute(query).fetchall()


def test_a_device_did_what_its_unit_grew_by_beside_the_norm_of_eight(marts: duckdb.DuckDBPyConnection) -> None:
    found = ask(
        marts,
        """select unit_code, as_of_date::varchar, devices, increment_1d, per_device_1d, norm_pct_1d, device_days_7d, per_device_7d,
            norm_pct_7d
        from marts.device_productivity where as_of_date in (date '2023-06-06', date '2023-06-12') order by 1, 2""",
    )
    # B from the 6th to the 12th: 3 x 40 + 4 x 20 on 4 x 4 + 3 x 5 devices
    assert found == [
        ("A", "2023-06-06", 2.0, 10.0, 5.0, 62.5, None, None, None),
        ("A", "2023-06-12", 2.0, 10.0, 5.0, 62.5, 14.0, 5.0, 62.5),
        ("B", "2023-06-06", 4.0, 40.0, 10.0, 125.0, None, None, None),
        ("B", "2023-06-12", 5.0, 20.0, 4.0, 50.0, 31.0, 200 / 31, 100 * 200 / 31 / 8),
        ("C", "2023-06-06", 6.0, 50.0, 50 / 6, 100 * 50 / 6 / 8, None, None, None),
        ("C", "2023-06-12", 7.0, 30.0, 30 / 7, 100 * 30 / 7 / 8, 45.0, 270 / 45, 100 * 270 / 45 / 8),
    ]


def test_a_reason_is_open_until_a_report_no_longer_names_it(marts: duckdb.DuckDBPyConnection) -> None:
    found = ask(
        marts,
        """select unit_code, code, opened_at::date::varchar, closed_at::date::varchar, is_open, days_open, reports from marts.bottlenecks
        order by unit_code, opened_at, code""",
    )
    assert found == [
        ("A", "machines", "2023-06-02", "2023-06-05", False, 3, 3), ("A", "machines", "2023-06-11", None, True, 1, 2),
        ("B", "machines", "2023-06-05", "2023-06-07", False, 2, 2), ("B", "people", "2023-06-05", "2023-06-06", False, 1, 1),
    ]  # fmt: skip


def test_reasons_are_counted_for_the_unit_and_all_above_it(marts: duckdb.DuckDBPyConnection) -> None:
    found = ask(
        marts,
        "select unit_code, code, units_open, units_ever, spells, days_open, longest_open_days from marts.bottleneck_counts order by 1, 2",
    )
    assert found == [
        ("A", "machines", 1, 1, 2, 4, 1), ("B", "machines", 0, 1, 1, 2, None), ("B", "people", 0, 1, 1, 1, None),
        ("C", "machines", 1, 2, 3, 6, 1), ("C", "people", 0, 1, 1, 1, None),
    ]  # fmt: skip


def test_who_closed_most_of_its_gap_comes_with_what_it_said_it_did(marts: duckdb.DuckDBPyConnection) -> None:
    """Weeks end on 4 and 11 June; the third, begun, stands on the 12th. A: 20 % then 55 %; B: 32 % then 76 %; D is at 30 % throughout."""
    found = ask(
        marts,
        """select period, unit_code, attained_pct_before, attained_pct, closed_gap_pct, improvement_rank, practices_reported, practices_en
        from marts.good_practice where level = 'district' and period in ('2023-W22', '2023-W23') order by 1, 2""",
    )
    assert found == [
        ("2023-W22", "A", None, 20.0, None, None, 1, "evenings"), ("2023-W22", "B", None, 32.0, None, None, 0, None),
        ("2023-W22", "D", None, 30.0, None, None, 0, None),
        ("2023-W23", "A", 20.0, 55.0, 43.75, 2, 1, "at the market"),
        ("2023-W23", "B", 32.0, 76.0, round(100 * 44 / 68, 9), 1, 1, "weekends"), ("2023-W23", "D", 30.0, 30.0, 0.0, 3, 0, None),
    ]  # fmt: skip
    of_the_city = ask(
        marts, "select practices_reported, practices_vi from marts.good_practice where unit_code = 'C' and period = '2023-W23'"
    )
    assert of_the_city == [(2, "at the market; weekends")]


def test_where_people_are_missing_most_stands_first_with_the_reasoning(marts: duckdb.DuckDBPyConnection) -> None:
    """On the 12th eight reporting days are left to the 20th. A lacks 80 and will make 80 by itself; B lacks 100 and makes 8 x 200 / 7; D
    lacks 70, makes nothing, and has no devices known: the median of the others' 5 and 200 / 31 is what one more person is taken to do."""
    found = ask(
        marts,
        """select unit_code, position, gap, round(value_at_due, 6), shortfall, heads, own_per_head, productivity, productivity_basis,
            round(people_days, 6), gain_per_person, people_needed, bottlenecks
        from marts.reinforcement where level = 'district' order by position""",
    )
    middle = (5 + 200 / 31) / 2
    assert found == [
        ("A", 1, 80.0, 200.0, 0.0, 2.0, 5.0, 5.0, "own", 16.0, 0.0, 0, "machines"),
        ("B", 2, 100.0, round(400 + 8 * 200 / 7, 6), 0.0, 5.0, 200 / 31, 200 / 31, "own", 15.5, 0.0, 0, None),
        ("D", 3, 70.0, 30.0, 70.0, None, None, middle, "level", round(70 / middle, 6), 8 * middle, 2, None),
    ]


def test_each_part_of_the_score_can_be_recomputed(marts: duckdb.DuckDBPyConnection) -> None:
    """Early period, up to the 10th. A: 50 % attained, its milestone (100) on the due day: 0 days early; 10 of 10 on time; recount 48 of 50,
    4 % off. B: 72 %; 250 reached on the 7th, 3 days early; 9 of 10 on time. D: 30 %; 50 never reached."""
    found = ask(
        marts,
        """select unit_code, part_id, round(measure, 6), measure_count, normalised, points from marts.emulation_parts
        where period_id = 'early' order by unit_code, position""",
    )
    assert found == [
        ("A", "attainment", 50.0, 1, 0.5, 20.0), ("A", "milestones", 0.0, 1, 0.5, 15.0), ("A", "timeliness", 100.0, 10, 1.0, 20.0),
        ("A", "recounts", 4.0, 1, 0.6, 6.0),
        ("B", "attainment", 72.0, 1, 0.72, 28.8), ("B", "milestones", 3.0, 1, 0.65, 19.5), ("B", "timeliness", 90.0, 10, 0.9, 18.0),
        ("B", "recounts", None, 0, None, None),
        ("D", "attainment", 30.0, 1, 0.3, 12.0), ("D", "milestones", -10.0, 1, 0.0, 0.0), ("D", "timeliness", 100.0, 10, 1.0, 20.0),
        ("D", "recounts", None, 0, None, None),
    ]  # fmt: skip


def test_what_could_not_be_assessed_counts_for_nobody(marts: duckdb.DuckDBPyConnection) -> None:
    """A has 61 of 100 points, B 66.3 of 90, D 32 of 90."""
    found = ask(
        marts,
        """select unit_code, as_of_date::varchar, points, weight_assessed, score, class_id, rank, ranked_count, sender, is_closed
        from marts.emulation_scores where period_id = 'early' order by rank""",
    )
    assert found == [
        ("B", "2023-06-10", 66.3, 90.0, round(6630 / 90, 6), "good", 1, 3, "chief C", False),
        ("A", "2023-06-10", 61.0, 100.0, 61.0, "good", 2, 3, "chief A", False),
        ("D", "2023-06-10", 32.0, 90.0, round(3200 / 90, 6), "poor", 3, 3, "chief C", False),
    ]
    persons = ask(
        marts, "select sender, units, score, lowest_score, rank from marts.emulation_persons where period_id = 'early' order by 5"
    )
    assert persons == [("chief A", 1, 61.0, 61.0, 1), ("chief C", 2, pytest.approx(9830 / 180, abs=1e-6), round(3200 / 90, 6), 2)]
    assert ask(marts, "select distinct as_of_date::varchar from marts.emulation_scores where period_id = 'late'") == [("2023-06-12",)]


def published(house: House, warehouse: str) -> Settings:
    """The home of the house, with the marts of a warehouse published in it and a campaign folder beside it."""
    folder = house.root / "campaigns" / "c"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "campaign.yml").write_text(CAMPAIGN, encoding="utf-8")
    (folder / "units.csv").write_text("unit_code,unit_name,level,parent_code\nC,C,city,\nA,A,district,C\n", encoding="utf-8")
    shutil.rmtree(house.root / "published", ignore_errors=True)
    export_marts(house.warehouse(warehouse), house.root / "published")
    return Settings(house.root, (folder.parent,))


def test_a_period_signed_off_stays_as_signed_until_it_is_opened_again(
    marts: duckdb.DuckDBPyConnection, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed on the 12th; then attainment weighs 90, and a late correction gives D 60 on the 10th."""
    monkeypatch.setenv("TIENDO_NOW", "2023-06-12T11:00:00+00:00")
    columns = "exclude (is_closed, closed_at, closed_by, close_reason)"
    queries = [f"select * {columns} from marts.emulation_scores", "select * exclude (is_closed) from marts.emulation_parts"]
    queries = [f"{query} where period_id = 'early' order by all" for query in queries]
    before = [ask(marts, query) for query in queries]
    settings = published(house, "w")
    with pytest.raises(ActError, match="period late is not over"):
        emulation.close(settings, "c", "late", "agreed", "Director")
    with pytest.raises(NotFoundError, match="Periods: early, late"):
        emulation.close(settings, "c", "never", "agreed", "Director")
    with pytest.raises(ActError, match="nobody is named"):
        emulation.close(settings, "c", "early", "agreed", "")
    assert emulation.close(settings, "c", "early", "agreed", "Director").changed
    assert not emulation.close(settings, "c", "early", "again", "Another").changed

    late = figure("late", "D", 60.0, "2023-06-10 08:00", "2023-06-12 12:00", slot_id="daily/2023-06-10", is_correction=True)
    report = submission("late", "D", "daily/2023-06-10", "2023-06-12 12:00")
    house.write_batch("c", "20230612T120000Z-3", figures=[late], submissions=[report])
    house.write_register("c", **register(WEIGHTS | {"attainment": 90.0}))
    with house.build("after") as after:
        assert [ask(after, query) for query in queries] == before
        assert ask(after, "select distinct is_closed, closed_by, close_reason from marts.emulation_scores where period_id = 'early'") == [
            (True, "Director", "agreed")
        ]
        assert ask(after, "select distinct weight from marts.emulation_parts where period_id = 'late' and part_id = 'attainment'") == [
            (90.0,)
        ]

    monkeypatch.setenv("TIENDO_NOW", "2023-06-12T13:00:00+00:00")
    assert emulation.reopen(settings, "c", "early", "a count was wrong", "Director").changed
    with pytest.raises(ActError, match="is not closed"):
        emulation.reopen(settings, "c", "early", "again", "Director")
    with house.build("after") as reopened:
        found = ask(
            reopened,
            """select unit_code, weight, measure, is_closed from marts.emulation_parts
            where period_id = 'early' and part_id = 'attainment' order by 1""",
        )
        assert found == [("A", 90.0, 50.0, False), ("B", 90.0, 72.0, False), ("D", 90.0, 60.0, False)]
        kinds = ask(reopened, "select kind, entry_id, author from marts.audit order by acted_at")
        assert kinds == [("emulation_close", "early", "Director"), ("emulation_reopen", "early", "Director")]
