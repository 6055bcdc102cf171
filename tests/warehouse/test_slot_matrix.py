"""The boundary cases of slot_matrix.yml, through files, landing, gate and warehouse: one dbt build for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner
from tiny_lake import House

from expectations.rule_tables import write_rules
from pipeline import acts
from pipeline.holds import holds
from pipeline.steps import collect
from tiendo.campaign_file import load_campaign
from tiendo.cli import cli
from tiendo.register import write_register
from tiendo.settings import Settings

MATRIX = yaml.safe_load((Path(__file__).parent / "slot_matrix.yml").read_text(encoding="utf-8"))
CASES = [(campaign_id, case) for campaign_id, cases in MATRIX["cases"].items() for case in cases]
ARCHIVE = {"by": "file_name", "trusted": True}
MARTS = ("+silent", "+reporting", "+fct_submissions", "+dim_campaign", "+dim_level", "+dim_slot", "+dim_unit")
LATEST = "2026-01-01T00:00:00+00:00"


def slot_of(campaign_id: str, case: dict[str, Any]) -> str:
    return case.get("slot") or f"{MATRIX['campaigns'][campaign_id]['slots'][0]['id']}/2023-06-13"


def write_campaign(folder: Path, campaign_id: str, given: dict[str, Any]) -> None:
    document = {
        "id": campaign_id, "name": {"vi": "Ca biên", "en": "Boundary"}, "starts_on": "2023-06-01", "ends_on": "2023-06-30",
        "levels": [{"id": level, "name": {"vi": level, "en": level}} for level in ("province", "commune")],
        "units": {"file": "units.csv"},
        "indicators": [{"id": "done", "name": {"vi": "Xong", "en": "Done"}, "kind": "cumulative"}],
        "sources": [
            {
                "id": "reports", "path": "inbox", "unit": {"code": "unit"}, "as_of": "day", "slot": "slot", "indicators": {"done": "done"},
                "file_name": "^(?P<received>[^_]+)_", "received": given.get("received", ARCHIVE),
            }
        ],
    } | {key: value for key, value in given.items() if key not in ("received", "now")}  # fmt: skip
    (folder / "inbox").mkdir(parents=True)
    (folder / "campaign.yml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    units: dict[str, dict[str, Any]] = {}
    for number, case in enumerate(MATRIX["cases"][campaign_id]):
        units.setdefault(case["unit"], case)
        for version, sent in enumerate(case["sends"]):
            rows = [f"{case['unit']},{sent.get('day', '2023-06-13')},{name},{sent.get('value', 5)}" for name in sent.get("slots", [""])]
            file = folder / "inbox" / f"{sent['at']}_{number:02d}_{version}.csv"
            file.write_text("\n".join(["unit,day,slot,done", *rows]) + "\n", encoding="utf-8")
    lines = [
        f"{unit},{unit},commune,P,{case.get('kind', 'unit')},{case.get('opened_on', '')},{case.get('closed_on', '')}"
        for unit, case in units.items()
    ]
    heading = "unit_code,unit_name,level,parent_code,kind,opened_on,closed_on"
    (folder / "units.csv").write_text("\n".join([heading, "P,Province,province,,unit,,", *lines]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    root = tmp_path_factory.mktemp("matrix")
    house = House(root)
    settings = Settings(root, (root / "campaigns",))
    with pytest.MonkeyPatch.context() as clock:
        for campaign_id, given in MATRIX["campaigns"].items():
            write_campaign(root / "campaigns" / campaign_id, campaign_id, given)
            clock.setenv("TIENDO_NOW", given.get("now", LATEST))
            assert collect(settings, campaign_id).problems == []
            _decide(settings, campaign_id)
            campaign = load_campaign(settings, campaign_id)
            write_register(settings, campaign, datetime.fromisoformat(LATEST))
            write_rules(settings, campaign)
    with house.build("w", "--exclude-resource-type", "unit_test", "--select", *MARTS) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        _publish(root)
        yield connection


def _decide(settings: Settings, campaign_id: str) -> None:
    """Release or discard what the cases say, hours and days after it came: a report is valid from its arrival."""
    for case in MATRIX["cases"][campaign_id]:
        if "decide" in case:
            found = [hold["hold_id"] for hold in holds(settings, campaign_id, case["unit"])]
            assert len(getattr(acts, case["decide"])(settings, campaign_id, found, "asked by telephone", "office")) == 1


def _publish(root: Path) -> None:
    """What `tiendo silent` reads, as if published; the warehouse of this test holds no boards."""
    (root / "published").mkdir()
    with duckdb.connect(str(root / "published" / "marts.duckdb")) as readers:
        readers.execute(f"ATTACH '{root / 'w.duckdb'}' AS w (READ_ONLY)")
        for table in ("dim_campaign", "dim_level", "dim_slot", "dim_unit", "fct_slot_status", "fct_submissions", "silent"):
            readers.execute(f"CREATE TABLE {table} AS FROM w.marts.{table}")


def say_who_is_silent(marts: duckdb.DuckDBPyConnection, *options: str) -> str:
    home = Path(marts.execute("select path from duckdb_databases() where path is not null").fetchone()[0]).parent  # type: ignore[index]
    done = CliRunner().invoke(cli, ["silent", "ha_noi", "--home", str(home), "--slot", "daily/2023-06-13", *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_there_are_cases_enough() -> None:
    assert len(CASES) > 50
    assert {case.get("status", case.get("expect")) for _, case in CASES} == {
        "on_time", "late", "invalid", "missing", "exempt", "unsolicited", "none",
    }  # fmt: skip


@pytest.mark.parametrize(("campaign_id", "case"), CASES, ids=[f"{c}-{case['unit']}-{slot_of(c, case)}" for c, case in CASES])
def test_the_slot_of_a_boundary_case(marts: duckdb.DuckDBPyConnection, campaign_id: str, case: dict[str, Any]) -> None:
    found = marts.execute(
        """select status, minutes_late, is_extended, is_held, is_owed, first_valid_at from marts.fct_slot_status
           where campaign_id = ? and unit_code = ? and slot_id = ?""",
        [campaign_id, case["unit"], slot_of(campaign_id, case)],
    ).fetchall()
    if case.get("expect") == "none":
        assert found == []
        return
    status, minutes_late, is_extended, is_held, is_owed, first_valid_at = found[0]
    expected = (case["status"], case["minutes_late"], case.get("is_extended", False), case.get("is_held", False))
    assert (status, minutes_late, is_extended, is_held) == expected
    assert is_owed == (status not in ("exempt", "unsolicited"))
    if "first_valid_at" in case:
        assert first_valid_at == datetime.fromisoformat(case["first_valid_at"])


@pytest.mark.parametrize("unit", ["on_a_saturday", "on_a_holiday", "closed_before", "exempt_sends"])
def test_a_report_that_nobody_owed_is_unsolicited_whatever_its_day(marts: duckdb.DuckDBPyConnection, unit: str) -> None:
    query = "select on_time_status from marts.fct_submissions where unit_code = ?"
    assert marts.execute(query, [unit]).fetchall() == [("unsolicited",)]


def test_units_that_owe_nothing_are_in_neither_part_of_the_rate(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """select unit_code, slots_owed, on_time, late, late_extended, invalid, missing, exempt, unsolicited, rate_pct from marts.reporting
           where campaign_id = 'ha_noi' and period = '2023-W24'
             and unit_code in ('closed_before', 'exempt_sends', 'extended_inside', 'opened_that_day') order by 1"""
    ).fetchall()
    # Of the week's four slots (the Friday is a holiday) closed_before owed Monday's, opened_that_day those from Tuesday on.
    assert rows == [
        ("closed_before", 1, 0, 0, 0, 0, 1, 0, 1, 0.0),
        ("exempt_sends", 1, 0, 0, 0, 0, 1, 2, 1, 0.0),
        ("extended_inside", 4, 0, 1, 1, 0, 3, 0, 0, 0.0),
        ("opened_that_day", 3, 0, 0, 0, 0, 3, 0, 0, 0.0),
    ]
    everybody = marts.execute("select bool_and(slots_owed = on_time + late + invalid + missing) from marts.reporting").fetchone()
    assert everybody == (True,)


def test_who_is_silent_is_counted_from_slot_to_slot_and_adds_up_with_reporting(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        """select slot_id, slots_silent, reason, last_heard_at, last_good_on from marts.silent
           where campaign_id = 'ha_noi' and unit_code = 'mended_too_late' and slot_date between '2023-06-09' and '2023-06-15'
           order by slot_date"""
    ).fetchall()
    heard, good = datetime.fromisoformat("2023-06-13T11:00:00Z"), datetime(2023, 6, 13).date()
    # Seven slots from 1 to 9 June, then Monday; Tuesday's came; the run begins anew, and neither weekend nor holiday counts.
    assert rows == [
        ("daily/2023-06-09", 7, "missing", heard, good), ("daily/2023-06-12", 8, "missing", heard, good),
        ("daily/2023-06-14", 1, "missing", heard, good), ("daily/2023-06-15", 2, "missing", heard, good),
    ]  # fmt: skip
    reasons = marts.execute(
        """select unit_code, reason from marts.silent
           where slot_id = 'daily/2023-06-13' and unit_code in ('held', 'rejected', 'silent_unit') order by 1"""
    ).fetchall()
    assert reasons == [("held", "held"), ("rejected", "invalid"), ("silent_unit", "missing")]
    counted = marts.execute("select sum(missing + invalid) from marts.reporting where period_kind = 'campaign'").fetchone()
    assert counted == marts.execute("select count(*) from marts.silent").fetchone()


def test_the_command_lists_the_silent_as_known_now_and_as_known_then(marts: duckdb.DuckDBPyConnection) -> None:
    (now,) = json.loads(say_who_is_silent(marts, "--json"))
    (then,) = json.loads(say_who_is_silent(marts, "--json", "--at", "2023-06-13 17:30"))
    (late,) = json.loads(say_who_is_silent(marts, "--json", "--at", "2030-01-01"))
    assert now | {"at": None} == late | {"at": None}
    counted = marts.execute(
        """select count(*) filter (where is_owed), count(*) filter (where status in ('missing', 'invalid')) from marts.fct_slot_status
           where campaign_id = 'ha_noi' and slot_id = 'daily/2023-06-13'"""
    ).fetchone()
    assert (now["slots_owed"], now["silent"]) == counted
    mended = {unit["unit_code"]: (unit["reason"], unit["slots_silent"]) for unit in then["units"]}
    assert mended["mended_too_late"] == ("held", 9)
    assert mended["rejected_then_late"] == ("invalid", 9)
    assert mended["last_second_of_the_day"] == ("missing", 9)
    assert {"mended_too_late", "rejected_then_late", "last_second_of_the_day"}.isdisjoint(unit["unit_code"] for unit in now["units"])


def test_the_command_says_in_vietnamese_how_many_and_why(marts: duckdb.DuckDBPyConnection) -> None:
    text = say_who_is_silent(marts)
    assert "hạn nộp 17:00 ngày 13/06/2023" in text and "đơn vị chưa có báo cáo hợp lệ" in text
    assert "đang treo" in text and "không hợp lệ" in text and "không có báo cáo" in text
