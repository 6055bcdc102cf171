"""Campaign folders: every fault is found, with its line, what was found and what is allowed."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tiendo.campaign_file import read_campaign
from tiendo.cli import cli
from tiendo.cli.starter import CAMPAIGN, write_starter
from tiendo.errors import CampaignError

EXEMPTION = "exemptions: [{unit: %s, first_on: %s, last_on: 2026-01-09, reason: a, author: b}]\nslots:  "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_starter(tmp_path / "trial", "trial")
    return tmp_path / "trial"


def faults_after(folder: Path, old: str, new: str) -> list[str]:
    file = folder / "campaign.yml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CampaignError) as caught:
        read_campaign(folder)
    return caught.value.faults


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(CAMPAIGN.splitlines(), 1) if text in line)


def test_the_starter_folder_has_no_fault(folder: Path) -> None:
    campaign = read_campaign(folder)
    assert campaign.id == "trial"
    assert campaign.board_level == "commune"
    assert campaign.board_indicator == "activated"


def test_a_misspelt_key_is_named_with_its_line_and_the_nearest_key(folder: Path) -> None:
    (fault,) = faults_after(folder, "starts_on:", "start_on:")[:1]
    assert f"campaign.yml:{line_of('starts_on:')}: unknown key 'start_on'" in fault or "is missing" in fault
    everything = "\n".join(faults_after(folder, "start_on:", "start_onn:"))
    assert "Did you mean 'starts_on'?" in everything


def test_a_wrong_kind_of_indicator_is_named_with_what_is_allowed(folder: Path) -> None:
    (fault,) = faults_after(folder, "kind: cumulative ", "kind: total ")
    assert f":{line_of('kind: cumulative')}: " in fault
    assert "found 'total'" in fault
    assert "'cumulative' or 'increment'" in fault


def test_an_unknown_level_is_named_with_the_levels_there_are(folder: Path) -> None:
    (fault,) = faults_after(folder, "levels: [commune]}", "levels: [comune]}")
    assert "found 'comune', which is no level. Allowed: province, commune. Did you mean 'commune'?" in fault


def test_a_missing_file_is_named(folder: Path) -> None:
    (fault,) = faults_after(folder, "units: {file: units.csv}", "units: {file: unit.csv}")
    assert "found 'unit.csv', but there is no such file beside campaign.yml" in fault


def test_two_faults_are_both_found(folder: Path) -> None:
    file = folder / "campaign.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("numbers: vi", "numbers: de"), encoding="utf-8")
    found = faults_after(folder, "Asia/Ho_Chi_Minh", "Asia/Hanoi")
    assert len(found) == 2
    assert any("not a time zone" in fault for fault in found)
    assert any("found 'de'" in fault for fault in found)


def test_broken_yaml_is_one_line_with_its_place(folder: Path) -> None:
    (fault,) = faults_after(folder, "levels:  ", "levels: [ ")
    assert "campaign.yml:" in fault
    assert "not YAML" in fault


def test_a_key_given_twice_is_a_fault(folder: Path) -> None:
    (fault,) = faults_after(folder, "ends_on: 2026-03-31\n", "ends_on: 2026-03-31\nends_on: 2026-04-30\n")
    assert "'ends_on' is given twice" in fault


def test_a_number_without_quotes_is_no_code(folder: Path) -> None:
    found = faults_after(
        folder, "slots:  ", "exemptions: [{unit: 318, first_on: 2026-01-01, last_on: 2026-01-02, reason: a, author: b}]\nslots:  "
    )
    assert any("leading zeros count" in fault for fault in found)


def test_words_times_and_zeros_are_read_as_people_mean_them(folder: Path) -> None:
    file = folder / "campaign.yml"
    text = file.read_text(encoding="utf-8").replace('"17:00"', "17:00").replace("{severity: flag}", "{on: false}")
    text += "exemptions: [{unit: 00001, first_on: 2026-01-01, last_on: 2026-01-02, reason: no, author: off}]\n"
    file.write_text(text, encoding="utf-8")
    campaign = read_campaign(folder)
    assert campaign.slots[0].cutoff == "17:00"
    assert campaign.rules["after_cutoff"][0].on is False
    assert (campaign.exemptions[0].unit, campaign.exemptions[0].reason) == ("00001", "no")


def test_an_arrival_record_of_an_untrusted_archive_is_refused(folder: Path) -> None:
    found = faults_after(folder, "    as_of: Ngày", "    received: {by: file_name}\n    as_of: Ngày")
    assert any("trusted: true" in fault for fault in found)


def test_a_pattern_that_is_none_is_a_fault(folder: Path) -> None:
    (fault,) = faults_after(folder, "    as_of: Ngày", "    file_name: '(?P<as_of>['\n    as_of: Ngày")
    assert "file_name" in fault
    assert "not a regular expression" in fault


def test_a_folder_with_another_name_than_its_id_is_a_fault(folder: Path) -> None:
    (fault,) = faults_after(folder, "id: trial ", "id: trail ")
    assert "found 'trail', but the folder is called 'trial'" in fault


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("starts_on: 2026-01-01", "starts_on: 2026-02-31", "starts_on", "starts_on: found '2026-02-31'"),
        ("due: 2026-03-31 ", "due: 2026-03-31T25:00:00 ", "due:", "milestones.0.due: found '2026-03-31T25:00:00'"),
        ("ends_on: 2026-03-31", "ends_on: 9999-12-31", "ends_on", "ends_on: found"),
        ("due: 2026-03-31 ", "due: 9999-12-31 ", "id: end", "due is in the year 9999. Allowed: 1900 to 2199"),
        ("slots:  ", EXEMPTION % ("'00001'", "2026-01-10"), "slots:", "last_on 2026-01-09 is before first_on 2026-01-10"),
        ('cutoff: "17:00"', 'cutoff: "17:00", first_on: 2025-01-01', "cutoff:", "Allowed: 2026-01-01 to 2026-03-31"),
        ('cutoff: "17:00"', 'cutoff: "17:00", first_on: 2026-03-01, last_on: 2026-02-01', "cutoff:", "is before first_on 2026-03-01"),
    ],
)
def test_days_that_cannot_be_are_faults_on_their_line(folder: Path, old: str, new: str, line: str, told: str) -> None:
    found = faults_after(folder, old, new)
    assert any(f"campaign.yml:{line_of(line)}: " in fault and told in fault for fault in found), found


def test_a_part_that_holds_itself_is_one_line(folder: Path) -> None:
    (fault,) = faults_after(folder, "tiers:  ", "about: &a {vi: *a, en: b}\ntiers:  ")
    assert "holds itself" in fault


@pytest.mark.parametrize("form", ["%Q", "%d/%m/%Y%", ""])
def test_a_form_of_dates_that_is_none_is_a_fault(folder: Path, form: str) -> None:
    (fault,) = faults_after(folder, '"%d/%m/%Y"', f'"{form}"')
    assert f"found '{form}', which is no form of a date or time" in fault


def test_an_indicator_is_no_part_of_itself(folder: Path) -> None:
    (fault,) = faults_after(folder, "    kind: cumulative ", "    part_of: activated\n    kind: cumulative ")
    assert "the indicator itself" in fault


def checked(folder: Path) -> list[str]:
    done = CliRunner().invoke(cli, ["campaign", "check", str(folder), "--lang", "en"])
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 2
    return [line.removeprefix(str(folder) + "/") for line in done.stderr.splitlines()]


def test_the_check_names_units_that_campaign_yml_mentions_and_the_register_lacks(folder: Path) -> None:
    file = folder / "campaign.yml"
    text = file.read_text(encoding="utf-8").replace("units: {file: units.csv}", 'units: {file: units.csv, placeholders: {codes: ["9"]}}')
    text = text.replace("slots:  ", EXEMPTION % ("'0001'", "2026-01-05"))
    text = text.replace("    as_of:", '    unit_code: "77"\n    total_rows: [{column: a, equals: b, unit: "88"}]\n    as_of:')
    file.write_text(text, encoding="utf-8")
    found = checked(folder)
    lines = text.splitlines()
    for code, key in (("0001", "exemptions:"), ("9", "units:"), ("77", "unit_code:"), ("88", "total_rows:")):
        line = next(n for n, words in enumerate(lines, 1) if words.strip().startswith(key))
        assert any(fault.startswith(f"campaign.yml:{line}: found '{code}', which is no unit of units.csv.") for fault in found), found
    assert any("Did you mean '00001'?" in fault for fault in found)


def test_the_check_reads_aliases_and_targets_even_if_both_are_faulty(folder: Path) -> None:
    file = folder / "campaign.yml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("{file: units.csv}", "{file: units.csv, aliases: aliases.csv}"), encoding="utf-8"
    )
    (folder / "aliases.csv").write_text("alias,unit_code\nHai,99999\n", encoding="utf-8")
    (folder / "targets.csv").write_text("indicator_id,unit_code,target\nactivated,00001,many\n", encoding="utf-8")
    found = checked(folder)
    assert any(fault.startswith("aliases.csv:2: found unit_code '99999'") for fault in found)
    assert any(fault.startswith("targets.csv:2: found 'many'") for fault in found)


def test_units_that_close_before_they_open_and_cells_without_end_are_faults(folder: Path) -> None:
    head = "unit_code,unit_name,level,parent_code,opened_on,closed_on\n"
    (folder / "units.csv").write_text(head + "00001,Một,commune,,2026-02-01,2026-01-31\n00002,Hai,commune,,,\n", encoding="utf-8")
    assert checked(folder)[0] == "units.csv:2: closed_on 2026-01-31 is before opened_on 2026-02-01. Mend one of them"
    (folder / "units.csv").write_text(head + '00001,"' + "Một" * 50_000 + ",commune,,,\n", encoding="utf-8")
    assert checked(folder)[0].startswith("units.csv:2: not CSV (field larger than field limit (131072))")
