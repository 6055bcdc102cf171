from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tiendo.campaign_file import read_campaign
from tiendo.errors import CampaignError
from tiendo.settings import load_settings
from tiendo.targets import load_targets

CAMPAIGN = """\
id: c
name: {vi: C, en: C}
starts_on: 2023-05-15
ends_on: 2023-06-30
levels: [{id: city, name: {vi: Thành phố, en: City}}, {id: district, name: {vi: Huyện, en: District}}]
units: UNITS
indicators: [{id: activated, name: {vi: Kích hoạt, en: Activated}, kind: cumulative}]
sources: [{id: s, path: inbox, as_of: day, unit: {code: code}, indicators: {activated: n}}]
targets: TARGETS
"""
KNOWN = pd.DataFrame({"unit_code": ["31", "303", "304"], "unit_name": ["Hải Phòng", "Hồng Bàng", "Ngô Quyền"]})


def targets(folder: Path, csv: str | bytes | None, *, says: str = "{file: targets.csv}", units: str = "{discover: true}",
            known: pd.DataFrame = KNOWN) -> pd.DataFrame:  # fmt: skip
    folder = folder / "c"
    folder.mkdir()
    (folder / "units.csv").write_text("unit_code\n", encoding="utf-8")
    if csv is not None:
        (folder / "targets.csv").write_bytes(csv if isinstance(csv, bytes) else csv.encode())
    (folder / "campaign.yml").write_text(CAMPAIGN.replace("UNITS", units).replace("TARGETS", says), encoding="utf-8")
    return load_targets(load_settings(folder / "home"), read_campaign(folder), known)


def faults(folder: Path, *args: object, **kwargs: object) -> list[str]:
    with pytest.raises(CampaignError) as raised:
        targets(folder, *args, **kwargs)  # type: ignore[arg-type]
    return raised.value.faults


def test_a_target_without_valid_from_holds_from_the_start_of_the_campaign(tmp_path: Path) -> None:
    found = targets(tmp_path, "indicator_id,unit_code,target\nactivated,303,96650\n")
    assert found.values.tolist() == [["c", "activated", "303", 96650.0, date(2023, 5, 15)]]


def test_targets_are_versioned_by_valid_from(tmp_path: Path) -> None:
    found = targets(tmp_path, "indicator_id,unit_code,target,valid_from\nactivated,303,10,2023-06-01\nactivated,303,9.5,\n")
    assert found[["target", "valid_from"]].values.tolist() == [[9.5, date(2023, 5, 15)], [10.0, date(2023, 6, 1)]]


def test_a_campaign_without_targets_has_none(tmp_path: Path) -> None:
    found = targets(tmp_path, None, says="null")
    assert found.empty
    assert list(found.columns) == ["campaign_id", "indicator_id", "unit_code", "target", "valid_from"]


def test_a_number_with_separators_is_a_fault_with_its_line(tmp_path: Path) -> None:
    found = faults(tmp_path, 'indicator_id,unit_code,target\nactivated,303,10\nactivated,304,"1.167,685"\n')
    assert len(found) == 1
    assert "targets.csv:3: found '1.167,685'" in found[0]
    assert "plain digits" in found[0]


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = "indicator_id,unit_code,target,valid_from\nactivate,303,x,1/6/2023\nactivated,303,1,\nactivated,303,2,\n"
    found = faults(tmp_path, text)
    assert [line.split("targets.csv:")[1].split(":")[0] for line in found] == ["2", "2", "2", "4"]
    assert "Allowed: activated" in found[0]
    assert "a second target for activated of unit '303'" in found[3]


def test_a_unit_that_the_register_does_not_have_is_a_fault(tmp_path: Path) -> None:
    found = faults(tmp_path, "indicator_id,unit_code,target\nactivated,3,1\n", units="{file: units.csv}")
    assert "targets.csv:2: found '3', which is no unit" in found[0]


def test_an_unknown_unit_in_a_line_of_several_targets_is_told_once(tmp_path: Path) -> None:
    two = CAMPAIGN.replace("kind: cumulative}]", "kind: cumulative}, {id: other, name: {vi: K, en: O}, kind: increment}]")
    says = "{file: targets.csv, unit_name: name, columns: {activated: n, other: n}}"
    folder = tmp_path / "c"
    folder.mkdir()
    (folder / "targets.csv").write_text("name,n\nĐồ Sơn,5\n", encoding="utf-8")
    (folder / "units.csv").write_text("unit_code\n", encoding="utf-8")
    (folder / "campaign.yml").write_text(two.replace("UNITS", "{file: units.csv}").replace("TARGETS", says), encoding="utf-8")
    with pytest.raises(CampaignError) as raised:
        load_targets(load_settings(folder / "home"), read_campaign(folder), KNOWN)
    assert [fault.rsplit("/", 1)[1] for fault in raised.value.faults] == [
        "targets.csv:2: found 'Đồ Sơn', which is no unit. Use one of units.csv, names as there"
    ]


def test_a_unit_not_yet_discovered_waits(tmp_path: Path) -> None:
    found = targets(tmp_path, "indicator_id,unit_code,target\nactivated,999,1\nactivated,304,2\n")
    assert found["unit_code"].tolist() == ["304"]


def test_a_missing_heading_is_named_beside_those_found(tmp_path: Path) -> None:
    assert (
        "targets.csv:1: no heading 'target'. Found: indicator_id, unit_code, goal"
        in (faults(tmp_path, "indicator_id,unit_code,goal\nactivated,303,1\n")[0])
    )


def test_an_empty_file_is_a_fault(tmp_path: Path) -> None:
    assert "Found: an empty file" in faults(tmp_path, "")[0]


def test_a_file_that_is_not_utf8_is_a_fault(tmp_path: Path) -> None:
    assert "not UTF-8" in faults(tmp_path, b"indicator_id,unit_code,target\nactivated,\xff,1\n")[0]


def test_a_file_outside_the_folder_is_read_by_the_headings_that_the_campaign_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "population.csv").write_text("place,adults,old\nHẢI PHÒNG,1500,9\nNgô  Quyền,700,\nĐồ Sơn,,1\n", encoding="utf-8")
    monkeypatch.setenv("OUTSIDE", str(tmp_path))
    says = '{file: "${OUTSIDE}/population.csv", unit_name: place, columns: {activated: adults}, valid_from: 2023-06-01}'
    found = targets(tmp_path, None, says=says)
    assert found[["unit_code", "target", "valid_from"]].values.tolist() == [
        ["304", 700.0, date(2023, 6, 1)],
        ["31", 1500.0, date(2023, 6, 1)],
    ]


def test_a_name_that_two_units_share_is_a_fault_and_never_a_pick(tmp_path: Path) -> None:
    known = pd.DataFrame({"unit_code": ["1", "2"], "unit_name": ["Châu Thành", "châu thành"]})
    says = "{file: targets.csv, unit_name: name, columns: {activated: n}}"
    found = faults(tmp_path, "name,n\nChâu Thành,5\n", says=says, known=known)
    assert "'Châu Thành' may be any of 1, 2" in found[0]


def test_a_variable_that_is_not_set_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUTSIDE", raising=False)
    says = '{file: "${OUTSIDE}/population.csv", unit_name: place, columns: {activated: adults}}'
    assert "the environment variable OUTSIDE is not set" in faults(tmp_path, None, says=says)[0]


def test_columns_without_a_unit_heading_is_a_fault_of_the_campaign_file(tmp_path: Path) -> None:
    found = faults(tmp_path, "", says="{file: targets.csv, columns: {activated: n}}")
    assert "campaign.yml:9: targets: columns needs exactly one of unit_code: and unit_name:" in found[0]


def test_columns_of_an_unknown_indicator_is_a_fault_of_the_campaign_file(tmp_path: Path) -> None:
    found = faults(tmp_path, "", says="{file: targets.csv, unit_code: u, columns: {activate: n}}")
    assert "found 'activate', which is no indicator. Allowed: activated. Did you mean 'activated'?" in found[0]
