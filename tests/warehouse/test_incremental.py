"""After any sequence of nightly runs the marts equal those of one full build over the same lake."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from tiny_lake import House, Row, campaign_row, daily_slots, day, figure, indicator, moment, submission, unit

from publishers.marts_export import GRAIN

COMMUNES = ["D11", "D12", "D13", "D21", "D22"]
UNITS = [
    unit("C", "city", None),
    unit("D1", "district", "C"),
    unit("D2", "district", "C"),
    *[unit(code, "commune", code[:2]) for code in COMMUNES],
    unit("D2X", "commune", "D2", kind="placeholder"),
]
# Counts of the tables that only ever append or replace what changed.
INCREMENTAL = [
    "marts.fct_figures", "marts.fct_restatements", "marts.progress", "marts.leaderboard", "marts.fct_slot_status", "marts.forecasts",
    "marts.before_after", "marts.briefing", "intermediate.int_briefing_slots",
    "marts.fct_submissions", "intermediate.int_expected_slots", "intermediate.int_own_days", "intermediate.int_unit_days",
    "intermediate.int_quality_owed", "intermediate.int_quality_received",
]  # fmt: skip


def register(house: House, horizon: str) -> None:
    rules = [
        {"rule_id": "slot_missing", "dimension": "sufficient", "place": "warehouse"},
        {"rule_id": "parent_sum", "dimension": "correct", "place": "warehouse"},
        {"rule_id": "recount_difference", "dimension": "correct", "place": "warehouse"},
        {"rule_id": "negative_value", "dimension": "correct", "place": "gate"},
    ]
    words = {"message_vi": "{unit} {slot}", "message_en": "{unit} {slot}", "remedy_vi": "", "remedy_en": "", "params": '{"tolerance": 0}'}
    for campaign_id, kind in (("levels", "cumulative"), ("sums", "increment")):
        house.write_register(
            campaign_id,
            campaigns=[campaign_row(horizon, peer_group_by="parent" if kind == "increment" else "level")],
            levels=[{"level": name, "depth": n, "name_vi": name, "name_en": name}
                    for n, name in enumerate(("city", "district", "commune"), 1)],
            units=UNITS,
            indicators=[indicator(kind=kind), indicator("other", "cumulative", is_required=False, position=2),
                        indicator("handed_down", kind, is_required=False, position=3)],
            targets=[
                {"indicator_id": "done", "unit_code": code, "target": target, "valid_from": day(since)}
                for code in COMMUNES
                for target, since in ((1000.0, "2023-06-01"), (900.0, "2023-06-09"))
            ],
            milestones=[
                {"milestone_id": "half", "name_vi": "h", "name_en": "h", "indicator_id": "done", "level": level, "threshold_pct": 40.0,
                 "due_at": moment("2023-06-08 23:59:59"), "due_date": day("2023-06-08")}
                for level in ("district", "commune")
            ],
            meetings=[
                {"meeting_id": f"m/{on}", "meeting_name": "m", "name_vi": "m", "name_en": "m", "meeting_date": day(on),
                 "held_at": moment(f"{on} 18:00"), "board_date": day(on)}
                for on in ("2023-06-03", "2023-06-07", "2023-06-12")
            ],
            comparisons=[{"comparison_id": "order", "name_vi": "o", "name_en": "o", "since": day("2023-06-06"),
                          "before_from": day("2023-06-03")}],
            tiers=[{"tier_id": t, "name_vi": t, "name_en": t, "min_pct": p, "position": n}
                   for n, (t, p) in enumerate((("ok", 50.0), ("slow", 0.0)))],
            slots=daily_slots("2023-06-01", 20, "commune"),
            exemptions=[{"unit_code": "D13", "first_on": day("2023-06-03"), "last_on": day("2023-06-04"), "reason": "flood",
                         "author": "a"}],
            recounts=[
                {"recount_id": f"r{code}", "indicator_id": "done", "unit_code": code, "as_of_date": day("2023-06-03"),
                 "recounted_value": 40.0,
                 "recounted_on": day("2023-06-05"), "recounted_by": "team", "known_until": moment("2023-06-05 23:59:59")}
                for code in ("D11", "D21", "D1")
            ],
            recount_weights=[{"kind": "part", "name": name, "weight": 1.0} for name in ("findings", "size", "changes", "factor")]
            + [{"kind": "audit_pct", "name": "", "weight": 50.0}],
            rules=[{**words, **rule, "severity": "flag", "responsibility": "sender", "is_on": True} for rule in rules],
        )  # fmt: skip


def reports(
    first: str, days: int, received: str | None = None, *, skip: tuple[str, ...] = (), factor: float = 1.0, tag: str = ""
) -> dict[str, list[Row]]:
    """Daily reports of the communes, with other numbers per unit and day, and the day's slot."""
    figures, submissions = [], []
    for on in (day(first) + timedelta(days=n) for n in range(days)):
        for number, code in enumerate([*COMMUNES, "D2X"], 1):
            if code in skip:
                continue
            file, at = f"f{tag}{on}{code}", received or f"{on} 1{number}:00"
            value = factor * _value(number, on)
            slot = f"daily/{on}"
            figures.append(figure(file, code, value, f"{on} 08:00", at, slot_id=slot))
            figures.append(figure(file, code, value / 2, f"{on} 08:00", at, slot_id=slot, indicator_id="other"))
            submissions.append(submission(file, code, slot, at))
    return {"figures": figures, "submissions": submissions}


def _value(number: int, on: date) -> float:
    return float(number * 17 + on.day * (20 + 7 * (number % 3)))


def both(house: House, batch: str, **tables: list[Row]) -> None:
    for campaign_id in ("levels", "sums"):
        renamed = {
            name: [
                {**row, "submission_id": f"{campaign_id}/{row['submission_id']}", "file_id": f"{campaign_id}/{row['file_id']}"}
                for row in rows
            ]
            for name, rows in tables.items()
        }
        house.write_batch(campaign_id, f"{batch}-{campaign_id}", **renamed)


def step_first_days(house: House) -> str:
    tables = reports("2023-06-02", 2, skip=("D21",))
    tables["figures"].append(figure("district", "D2", 40.0, "2023-06-03 08:00", "2023-06-03 20:00", indicator_id="handed_down"))
    both(house, "20230603", **tables)
    return "2023-06-03 23:59:59"


def step_a_week_at_once_with_a_parents_own_report(house: House) -> str:
    tables = reports("2023-06-04", 6, skip=("D13", "D22"))
    tables["figures"].append(figure("own", "D1", 777.0, "2023-06-05 09:00", "2023-06-05 12:00"))
    tables["figures"].append(figure("own2", "D2", 50.0, "2023-06-04 09:00", "2023-06-09 13:00"))
    both(house, "20230609", **tables)
    return "2023-06-09 23:59:59"


def step_restated_and_held(house: House) -> str:
    tables = reports("2023-06-03", 1, "2023-06-10 09:00", skip=("D11", "D12"), factor=1.5, tag="again")
    held = [figure("held", "D11", 1.0, "2023-06-10 08:00", "2023-06-10 10:00", lane="held", slot_id="daily/2023-06-10")]
    came = [submission("held", "D11", "daily/2023-06-10", "2023-06-10 10:00", lane="held", is_valid=False)]
    slip = [figure("slip", "D12", 5.0, "2023-06-10 08:00", "2023-06-10 10:00", indicator_id="handed_down")]
    both(house, "20230610", figures=tables["figures"] + held + slip, submissions=tables["submissions"] + came)
    return "2023-06-10 23:59:59"


def step_versions_out_of_order(house: House) -> str:
    """Arrived before the version that is known, and a day before the first known day."""
    tables = reports("2023-06-03", 1, "2023-06-03 07:00", skip=("D11", "D12", "D21"), factor=0.5, tag="earlier")
    first = reports("2023-06-01", 1, "2023-06-11 07:00", skip=("D12",), tag="late")
    both(house, "20230611", **{name: tables[name] + first[name] for name in tables})
    return "2023-06-11 23:59:59"


def step_no_news_but_days_go_by(house: House) -> str:
    return "2023-06-15 23:59:59"


def step_a_silent_unit_speaks_and_a_nil(house: House) -> str:
    tables = reports("2023-06-12", 1, "2023-06-16 07:00", tag="silent")
    tables["figures"].append(figure("below", "D21", 9.0, "2023-06-14 08:00", "2023-06-16 08:00", indicator_id="handed_down"))
    tables["figures"].append(figure("nil", "D21", None, "2023-06-14 08:00", "2023-06-16 08:00", cell="nil", slot_id="daily/2023-06-14"))
    tables["figures"].append(figure("fall", "D22", 3.0, "2023-06-12 20:00", "2023-06-16 09:00", is_correction=True))
    both(house, "20230616", **tables)
    return "2023-06-16 23:59:59"


def step_days_are_taken_back(house: House) -> str:
    """One day of a unit with others, and the only day of a unit."""
    gone = [
        figure("gone", code, None, f"{on} 08:00", "2023-06-17 08:00", cell="withdrawn", indicator_id=of)
        for code, on, of in (("D11", "2023-06-12", "done"), ("D12", "2023-06-10", "handed_down"))
    ]
    both(house, "20230617", figures=gone)
    return "2023-06-17 23:59:59"


STEPS = [
    step_first_days, step_a_week_at_once_with_a_parents_own_report, step_restated_and_held, step_versions_out_of_order,
    step_no_news_but_days_go_by, step_a_silent_unit_speaks_and_a_nil, step_days_are_taken_back,
]  # fmt: skip


@pytest.fixture(scope="module")
def nightly(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A warehouse built night by night, and one more night without news."""
    house = House(tmp_path_factory.mktemp("nightly"))
    for step in STEPS:
        horizon = step(house)
        register(house, horizon)
        house.build("nightly").close()
    return house


def test_nightly_runs_end_where_a_full_build_ends(nightly: House) -> None:
    nightly.build("full").close()
    differences = compare(nightly.warehouse("nightly"), nightly.warehouse("full"))
    assert differences == {}


def test_a_unit_whose_only_day_was_taken_back_has_no_figure(nightly: House) -> None:
    with duckdb.connect(str(nightly.warehouse("nightly")), read_only=True) as connection:
        found = connection.execute(
            """SELECT campaign_id, value, rank FROM marts.leaderboard
               WHERE unit_code = 'D12' AND indicator_id = 'handed_down' AND as_of_date = '2023-06-17' ORDER BY campaign_id"""
        ).fetchall()
    assert found == [("levels", None, None), ("sums", None, None)]


def test_a_run_without_news_writes_no_row_of_an_incremental_table(nightly: House) -> None:
    before = {table: rowids(nightly.warehouse("nightly"), table) for table in INCREMENTAL}
    nightly.build("nightly").close()
    assert {table: rowids(nightly.warehouse("nightly"), table) for table in INCREMENTAL} == before
    assert all(count > 0 for count, _, _ in before.values())


def rowids(warehouse: Path, table: str) -> tuple[int, int, int]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(f"SELECT count(*), max(rowid), sum(rowid) FROM {table}").fetchone()
    assert found is not None
    return found


def compare(left: Path, right: Path) -> dict[str, tuple[int, int]]:
    """Rows of every mart that one warehouse has and the other has not."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{left}' AS l (READ_ONLY)")
        connection.execute(f"ATTACH '{right}' AS r (READ_ONLY)")
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'r' AND schema_name = 'marts' ORDER BY ALL"
        ).fetchall()
        assert len(tables) == len(GRAIN)
        for (table,) in tables:
            counts = [
                connection.execute(f"SELECT count(*) FROM (FROM {a}.marts.{table} EXCEPT ALL FROM {b}.marts.{table})").fetchone()[0]  # type: ignore[index]
                for a, b in (("l", "r"), ("r", "l"))
            ]
            if any(counts):
                found[table] = (counts[0], counts[1])
    return found
