"""Where more people go: one after the other to where the next one brings most. And people.csv, judged line by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner

from tiendo.campaign import Campaign
from tiendo.cli import cli
from tiendo.errors import CampaignError
from tiendo.reinforcement import load_people

# X: one person does 10 a day, so 100 in the ten days left, and it lacks 250. Y: 8 a day, lacks 160. Z gets there by itself.
UNITS = [("X", 1, 10.0, 250.0, 3), ("Y", 2, 8.0, 160.0, 2), ("Z", 3, 50.0, 0.0, 0), ("=cmd()", 4, 1.0, 0.0, 0)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "published").mkdir()
    with duckdb.connect(str(tmp_path / "published" / "marts.duckdb")) as marts:
        marts.execute("create table dim_campaign (campaign_id text, name_vi text, name_en text, board_level text, is_simulated bool)")
        marts.execute("insert into dim_campaign values ('c', 'x', 'x', 'd', false)")
        marts.execute(
            """create table reinforcement (campaign_id varchar, level varchar, as_of_date date, unit_code varchar, unit_name varchar,
            position bigint, productivity double, shortfall double, people_needed bigint, days_left bigint)"""
        )  # fmt: skip
        rows = [("c", "d", "2023-06-10", code, code, place, done, lacks, need, 10) for code, place, done, lacks, need in UNITS]
        marts.executemany("insert into reinforcement values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return tmp_path


def sent(home: Path, people: int, *more: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli, ["reinforce", "c", "--people", str(people), "--home", str(home), "--json", *more])
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.output)
    return told


@pytest.mark.parametrize(
    ("people", "units", "gain"),
    [
        (1, {"X": 1}, 100.0), (2, {"X": 2}, 200.0), (3, {"X": 2, "Y": 1}, 280.0), (4, {"X": 2, "Y": 2}, 360.0),
        (5, {"X": 3, "Y": 2}, 410.0), (30, {"X": 3, "Y": 2}, 410.0),
    ],
)  # fmt: skip
def test_each_further_person_goes_where_it_brings_most(home: Path, people: int, units: dict[str, int], gain: float) -> None:
    told = sent(home, people)
    assert {unit["unit_code"]: unit["people"] for unit in told["units"] if unit["people"]} == units
    assert (told["expected_gain"], told["people_sent"]) == (gain, sum(units.values()))


def test_a_day_without_an_answer_has_none(home: Path) -> None:
    assert sent(home, 3, "--at", "2023-06-11")["units"] == []


def test_a_name_that_a_spreadsheet_would_run_is_told_as_text(home: Path) -> None:
    done = CliRunner().invoke(cli, ["reinforce", "c", "--people", "1", "--home", str(home), "--csv"])
    lines = done.output.splitlines()
    assert lines[0].startswith("level,as_of_date,unit_code") and len(lines) == 5
    assert "'=cmd()" in lines[-1] and ",=cmd()" not in done.output


def people(tmp_path: Path, text: str) -> pd.DataFrame:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    campaign = Campaign.model_validate(
        {
            "id": "c", "name": {"vi": "x", "en": "x"}, "starts_on": "2023-06-01", "ends_on": "2023-06-30",
            "levels": [{"id": "d", "name": {"vi": "x", "en": "x"}}], "units": {"file": "units.csv"},
            "indicators": [{"id": "done", "name": {"vi": "x", "en": "x"}, "kind": "cumulative"}],
            "sources": [{"id": "s", "path": "x", "as_of": "d", "unit": {"code": "u"}, "indicators": {"done": "n"}}],
            "reinforcement": {"people": "people.csv"},
        }
    )  # fmt: skip
    campaign._folder = tmp_path
    return load_people(campaign, pd.DataFrame({"unit_code": ["A", "B"]}))


def test_people_without_days_are_there_all_the_time(tmp_path: Path) -> None:
    found = people(tmp_path, "unit_code,people,first_on,last_on\nA,4,,2023-06-10\nA,6,2023-06-11,\n")
    assert [tuple(map(str, row)) for row in found.itertuples(index=False)] == [
        ("A", "4", "2023-06-01", "2023-06-10"), ("A", "6", "2023-06-11", "2023-06-30"),
    ]  # fmt: skip


def test_every_fault_of_people_csv_is_told_with_its_line(tmp_path: Path) -> None:
    text = "unit_code,people,first_on,last_on\nC,4,,\nA,four,,\nA,4,2023-06-05,2023-06-01\nB,1,,\nB,2,2023-06-30,\nA,1,June,\n"
    with pytest.raises(CampaignError) as told:
        people(tmp_path, text)
    lines = [fault.split("people.csv:")[1] for fault in told.value.faults]
    assert [line.split(":")[0] for line in lines] == ["2", "3", "4", "6", "7"]
    assert "no unit of units.csv" in lines[0] and "overlaps line 5" in lines[3]
