"""Units of several times, the crosswalk and its faults, and the commands over lists of units."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from reading_trial import CAMPAIGN, SOURCE

from tiendo.campaign import Campaign
from tiendo.campaign_file import read_campaign
from tiendo.cli import cli
from tiendo.errors import CampaignError
from tiendo.settings import Settings
from tiendo.units import load_aliases, load_reorganisation, load_units

UNITS = """unit_code,unit_name,level,parent_code,opened_on,closed_on
01,Tỉnh A,province,,,
001,Huyện B,district,01,,2025-06-30
00001,Xã Một,commune,001,,2025-06-30
00002,Xã Hai,commune,001,,2025-06-30
00003,Xã Ba,commune,001,,2025-06-30
00003,Phường Ba,commune,01,2025-07-01,
00010,Phường Mười,commune,01,2025-07-01,
"""
CROSSWALK = "old_code,new_code,weight,valid_from\n00001,00010,,2025-07-01\n00002,00010,0.4,2025-07-01\n00002,00003,0.6,2025-07-01\n"
LEVELS = [{"id": name, "name": {"vi": name, "en": name}} for name in ("province", "district", "commune")]


def campaign(tmp_path: Path, units: str = UNITS, crosswalk: str = CROSSWALK, **more: object) -> Campaign:
    folder = tmp_path / "trial"
    folder.mkdir(exist_ok=True)
    (folder / "units.csv").write_text(units, encoding="utf-8")
    (folder / "crosswalk.csv").write_text(crosswalk, encoding="utf-8")
    given = CAMPAIGN | {"sources": [SOURCE], "levels": LEVELS, "units": {"file": "units.csv", "crosswalk": "crosswalk.csv"} | more}
    (folder / "campaign.yml").write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
    return read_campaign(folder)


def faults(found: Campaign) -> list[str]:
    with pytest.raises(CampaignError) as error:
        load_reorganisation(found)
    return [fault.removeprefix(f"{found.folder}/") for fault in error.value.faults]


def test_a_unit_of_several_times_is_one_unit_as_it_is_in_the_end(tmp_path: Path) -> None:
    found = campaign(tmp_path)
    units = load_units(Settings(home=tmp_path, campaigns=()), found).set_index("unit_code")
    assert len(units) == 6
    assert units.loc["00003", ["unit_name", "parent_code", "opened_on", "closed_on"]].tolist() == ["Phường Ba", "01", None, None]
    periods = load_reorganisation(found).periods
    assert periods[["unit_code", "valid_from", "valid_to", "parent_code"]].values.tolist() == [
        ["00003", date.min, date(2025, 6, 30), "001"], ["00003", date(2025, 7, 1), date.max, "01"],
    ]  # fmt: skip
    assert load_aliases(found, units.reset_index()) == [{"alias": "Xã Ba", "unit_code": "00003", "level": "", "parent_code": ""}]


def test_the_crosswalk_is_completed_by_the_unit_that_goes_on(tmp_path: Path) -> None:
    assert load_reorganisation(campaign(tmp_path)).crosswalk.rows.values.tolist() == [
        ["00001", "00010", 1.0, date(2025, 7, 1), "whole"],
        ["00002", "00003", 0.6, date(2025, 7, 1), "given"],
        ["00002", "00010", 0.4, date(2025, 7, 1), "given"],
        ["00003", "00003", 1.0, date(2025, 7, 1), "goes_on"],
    ]


@pytest.mark.parametrize(
    ("units", "crosswalk", "fault"),
    [
        ("", "00001,00099,1,2025-07-01", "crosswalk.csv:5: found new_code '00099', which is no unit_code of units.csv"),
        ("", "00001,00003,1,2025-07-01", "crosswalk.csv:2: '00001' has weights on other lines and none here"),
        ("", "00001,00010,,2025-07-01", "crosswalk.csv:5: '00001' to '00010' from 2025-07-01 is on line 2 already"),
        ("", "00001,00003,0,2025-07-01", "crosswalk.csv:5: found weight '0'"),
        ("", "00001,00003,1,1/7/2025", "crosswalk.csv:5: valid_from: found '1/7/2025'"),
        ("", "00010,00003,1,2025-07-01", "crosswalk.csv:5: found old_code '00010' handed on from 2025-07-01, but it is open 2025-07-01"),
        ("", "00003,00010,,2025-07-01", "units.csv:7: found unit_code '00003' open on 2025-07-01, but crosswalk.csv:5 hands"),
        ("00001,Xã Mới,commune,01,2025-09-01,\n", "", "units.csv:9: found unit_code '00001' again from 2025-09-01, but it was closed"),
        ("00011,Xã Côi,commune,001,,\n", "", "units.csv:9: found parent_code '001', which is open … to 2025-06-30, not as long"),
        ("00012,Xã Vòng,commune,00012,,\n", "", "units.csv:9: found parent_code '00012' at level 'commune'"),
    ],
    ids=["unknown", "weight_missing", "twice", "no_weight", "bad_day", "not_yet_open", "goes_on_after", "reused", "orphan", "cycle"],
)  # fmt: skip
def test_a_fault_names_file_and_line(tmp_path: Path, units: str, crosswalk: str, fault: str) -> None:
    found = faults(campaign(tmp_path, UNITS + units, CROSSWALK + crosswalk))
    assert any(line.startswith(fault) or fault in line for line in found), found


def test_weights_that_do_not_sum_to_one_are_a_fault(tmp_path: Path) -> None:
    assert faults(campaign(tmp_path, crosswalk=CROSSWALK.replace("0.6", "0.5"))) == [
        "crosswalk.csv:4: the weights of '00002' sum to 0.9. They are to sum to 1"
    ]


UNWEIGHTED = CROSSWALK.replace("0.4", "").replace("0.6", "")


def test_a_split_without_weights_is_refused_unless_the_campaign_says_what_holds(tmp_path: Path) -> None:
    assert faults(campaign(tmp_path, crosswalk=UNWEIGHTED))[0].startswith(
        "crosswalk.csv:4: '00002' is split into 00010, 00003 without weights"
    )


@pytest.mark.parametrize(
    ("rule", "expected"), [("equal", [("00003", 0.5, "equal"), ("00010", 0.5, "equal")]), ("largest", [("00010", 1.0, "largest")])]
)
def test_a_split_without_weights_follows_the_campaigns_rule_and_is_told(tmp_path: Path, rule: str, expected: list[object]) -> None:
    """Largest is 00010: it takes in the whole of 00001, and 00003 nobody else."""
    changes = load_reorganisation(campaign(tmp_path, crosswalk=UNWEIGHTED, unweighted_splits=rule)).crosswalk
    rows = changes.rows[changes.rows["old_code"] == "00002"]
    assert list(rows[["new_code", "weight", "weight_basis"]].itertuples(index=False, name=None)) == expected
    assert [remark.partition("crosswalk.csv")[2] for remark in changes.remarks] == [
        f":3: '00002' is split into 00010, 00003 without weights: {rule} (units.unweighted_splits)"
    ]


def test_a_unit_that_closes_and_hands_on_to_nobody_is_told(tmp_path: Path) -> None:
    remarks = load_reorganisation(campaign(tmp_path, crosswalk=CROSSWALK.replace("00001,00010,,2025-07-01\n", ""))).crosswalk.remarks
    assert len(remarks) == 1
    assert "units.csv:4: '00001' closes on 2025-06-30" in remarks[0]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["--lang", "en", *map(str, arguments)], catch_exceptions=False)


def test_crosswalk_tells_where_a_unit_went_and_came_from_through_every_change(tmp_path: Path) -> None:
    units = UNITS.replace("00010,Phường Mười,commune,01,2025-07-01,", "00010,Phường Mười,commune,01,2025-07-01,2025-12-31")
    units += "00020,Phường Hai Mươi,commune,01,2026-01-01,\n"
    folder = campaign(tmp_path, units, CROSSWALK + "00010,00020,,2026-01-01\n").folder
    went = json.loads(run("units", "crosswalk", folder, "00002", "--json").stdout)
    assert [(end["unit_code"], end["weight"], end["day"]) for end in went["went_to"]] == [
        ("00003", 0.6, "2025-07-01"), ("00020", 0.4, "2026-01-01"),
    ]  # fmt: skip
    came = json.loads(run("units", "crosswalk", folder, "00020", "--json").stdout)
    assert [(end["unit_code"], end["weight"], end["day"]) for end in came["came_from"]] == [
        ("00001", 1.0, "2025-06-30"), ("00002", 0.4, "2025-06-30"),
    ]  # fmt: skip
    before = json.loads(run("units", "crosswalk", folder, "00003", "--at", "2025-06-01", "--json").stdout)
    assert (before["came_from"], [end["unit_code"] for end in before["went_to"]]) == ([], ["00003"])
    assert "Came from 00001 Xã Một: 1 (whole), until 2025-06-30" in run("units", "crosswalk", folder, "00020").stdout
    assert ": 0,6 (tỷ lệ đã cho), từ 2025-07-01" in run("--lang", "vi", "units", "crosswalk", folder, "00002").stdout


def test_check_prints_faults_with_their_lines_and_what_to_look_at(tmp_path: Path) -> None:
    folder = campaign(tmp_path, crosswalk=UNWEIGHTED, unweighted_splits="equal").folder
    (folder / "units.csv").write_text(UNITS + "00011,phuong muoi,commune,01,2025-07-01,\n", encoding="utf-8")
    done = run("units", "check", folder)
    assert done.exit_code == 0
    assert "without weights: equal" in done.stdout
    assert "units.csv:9: 00010 and 00011 have one name below '01'" in done.stdout
    (folder / "units.csv").write_text(UNITS + "00001,Lại,commune,01,2026-01-01,\n", encoding="utf-8")
    done = run("units", "check", folder)
    assert done.exit_code == CampaignError.exit_code
    assert "units.csv:9: found unit_code '00001' again from 2026-01-01" in done.stderr


GSO = "Mã,Tên,Tên Tiếng Anh,Cấp,Mã QH,Quận Huyện,Mã TP,Tỉnh / Thành Phố\n"


def test_a_published_list_becomes_units_csv_and_is_carried_on(tmp_path: Path) -> None:
    folder = campaign(tmp_path).folder
    (folder / "units.csv").unlink()
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text(GSO + "00001,Xã Một,,Xã,001,Huyện B,01,Tỉnh A\n00003,Xã Ba,,Xã,001,Huyện B,01,Tỉnh A\n", encoding="utf-8")
    new.write_text("Mã,Tên,Cấp,Mã TP,Tỉnh / Thành Phố\n00003,Xã Ba,Xã,01,Tỉnh A\n00010,Phường Mười,Phường,01,Tỉnh A\n", encoding="utf-8")
    assert run("units", "import", old, "--into", folder).exit_code == 0
    assert run("units", "import", new, "--into", folder, "--as-of", "2025-07-01").exit_code == 0
    assert (folder / "units.csv").read_text(encoding="utf-8").replace('"', "").splitlines() == [
        "unit_code,unit_name,level,parent_code,opened_on,closed_on",
        "01,Tỉnh A,province,,,",
        "001,Huyện B,district,01,,2025-06-30",
        "00001,Xã Một,commune,001,,2025-06-30",
        "00003,Xã Ba,commune,001,,2025-06-30",
        "00003,Xã Ba,commune,01,2025-07-01,",
        "00010,Phường Mười,commune,01,2025-07-01,",
    ]
    found = json.loads(run("units", "diff", old, folder / "units.csv", "--json").stdout)
    assert found["counts"] == {"old": 4, "new": 3, "opened": 1, "closed": 2, "renamed": 0, "moved": 1}
    assert found["moved"] == [{"unit_code": "00003", "from": "001", "to": "01"}]


def test_a_list_of_two_levels_without_a_level_column_leaves_units_at_the_level_they_had(tmp_path: Path) -> None:
    folder = campaign(tmp_path).folder
    (folder / "units.csv").unlink()
    heading, old, new = "unit_code,unit_name,parent_code\n", tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text(heading + "01,Tỉnh A,\n001,Huyện B,01\n00001,Xã Một,001\n00003,Xã Ba,001\n", encoding="utf-8")
    new.write_text(heading + "01,Tỉnh A,\n00003,Xã Ba,01\n00010,Phường Mười,01\n", encoding="utf-8")
    assert run("units", "import", old, "--into", folder).exit_code == 0
    assert run("units", "import", new, "--into", folder, "--as-of", "2025-07-01").exit_code == 0
    assert (folder / "units.csv").read_text(encoding="utf-8").replace('"', "").splitlines()[3:] == [
        "00001,Xã Một,commune,001,,2025-06-30",
        "00003,Xã Ba,commune,001,,2025-06-30",
        "00003,Xã Ba,commune,01,2025-07-01,",
        "00010,Phường Mười,commune,01,2025-07-01,",
    ]


def test_codes_of_json_are_text_with_the_digits_of_their_level(tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    wards = [{"name": "Phường Một", "code": 4}]
    nested = [
        {
            "name": "Tỉnh A",
            "code": 1,
            "districts": [{"name": "Quận B", "code": 1, "wards": wards}, {"name": "Huyện C", "code": 2, "wards": []}],
        }
    ]
    file.write_text(json.dumps(nested), encoding="utf-8")
    assert run("units", "import", file).stdout.replace('"', "").splitlines()[1:] == [
        "01,Tỉnh A,province,", "001,Quận B,district,01", "00004,Phường Một,commune,001", "002,Huyện C,district,01",
    ]  # fmt: skip


def test_a_list_with_one_code_for_two_units_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(GSO + "00001,Xã Một,,Xã,001,Huyện B,01,Tỉnh A\n00001,Xã Hai,,Xã,001,Huyện B,01,Tỉnh A\n", encoding="utf-8")
    with pytest.raises(CampaignError) as error:
        run("units", "import", file)
    assert error.value.faults[0].startswith(f"{file}:3: found code '00001' for Xã Hai below '001'")
