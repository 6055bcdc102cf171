"""The unit register: faults with their line, and every way in which a row can name its unit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from reading_trial import CAMPAIGN, HEADING, SOURCE, UNITS, read, read_receipts

from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.campaign_file import read_campaign
from tiendo.errors import CampaignError
from tiendo.settings import Settings
from tiendo.units import COLUMNS, load_units


def campaign(tmp_path: Path, units: str, **more: object) -> tuple[Settings, Campaign]:
    folder = tmp_path / "trial"
    folder.mkdir(exist_ok=True)
    (folder / "units.csv").write_text(units, encoding="utf-8")
    (folder / "campaign.yml").write_text(yaml.safe_dump(CAMPAIGN | {"sources": [SOURCE]} | more, allow_unicode=True), encoding="utf-8")
    return Settings(home=tmp_path / "home", campaigns=(folder,)), read_campaign(folder)


def test_the_register_keeps_codes_as_text_with_depth_and_parent(tmp_path: Path) -> None:
    units = load_units(
        *campaign(tmp_path, "\ufeffunit_code,unit_name,level,parent_code,opened_on\n01,Tỉnh A,city,,\nNA,Huyện B,district,01,2023-01-01\n")
    )
    assert list(units.columns) == COLUMNS
    assert units[["unit_code", "depth", "parent_code", "kind", "is_discovered"]].values.tolist() == [
        ["01", 1, None, "unit", False], ["NA", 2, "01", "unit", False],
    ]  # fmt: skip
    assert str(units["opened_on"][1]) == "2023-01-01"


@pytest.mark.parametrize(
    ("units", "line", "said"),
    [
        ("unit_code,unit_name,level\n31,A,city\n", 1, "column 'parent_code' is missing"),
        ("unit_code,unit_name,level,parent_code\n31,A,city,\n31,B,city,\n", 3, "found unit_code '31' again, it is on line 2"),
        ("unit_code,unit_name,level,parent_code\n31,A,city,\n303,B,district,32\n", 3, "found parent_code '32'"),
        (
            "unit_code,unit_name,level,parent_code\n31,A,distrct,\n",
            2,
            "found level 'distrct'. Allowed: city, district. Did you mean 'district'?",
        ),
        ("unit_code,unit_name,level,parent_code\n31,A,city,303\n303,B,district,\n", 2, "a unit of a level above 'city'"),
        ("unit_code,unit_name,level,parent_code,closed_on\n31,A,city,,31/12/2023\n", 2, "found '31/12/2023'"),
        ("unit_code,unit_name,level,parent_code\n31,,city,\n", 2, "empty unit_code or unit_name"),
        ("unit_code,unit_name,level,parent_code,unit_name\n31,A,city,,B\n", 1, "column 'unit_name' is there twice"),
    ],
    ids=["missing_column", "duplicate_code", "unknown_parent", "unknown_level", "parent_below", "bad_date", "no_name", "twice"],
)
def test_a_faulty_register_names_file_line_what_was_found_and_what_is_allowed(tmp_path: Path, units: str, line: int, said: str) -> None:
    with pytest.raises(CampaignError) as error:
        load_units(*campaign(tmp_path, units))
    assert error.value.faults[0].startswith(f"{tmp_path / 'trial' / 'units.csv'}:{line}: ")
    assert said in error.value.faults[0]


def match(tmp_path: Path, *names: str, units: str = UNITS, aliases: str = "") -> list[tuple[str | None, str]]:
    """unit_code and unit_match of districts called so."""
    text = "Đơn vị;Ngày;Đã thu nhận\n" + "".join(f"{name};13/06/2023;1\n" for name in names)
    from reading_trial import landed

    more: dict[str, object] = {"units_from": {"file": "units.csv", "aliases": "aliases.csv"}} if aliases else {}
    parsed = read_receipts(tmp_path, [landed(tmp_path, text)], units, aliases, unit={"names": {"district": "Đơn vị"}}, **more)
    return parsed.all("select unit_code, unit_match from rows order by row_number")


@pytest.mark.parametrize(
    "name",
    [
        "Huyện Thủy Nguyên", "Huyện Thuỷ Nguyên", "HUYỆN THỦY NGUYÊN", "H. Thủy Nguyên", "H.Thuỷ Nguyên", "Thủy Nguyên", "thuy nguyen",
        "Thủy  Nguyên", "Huyện Thuy-Nguyen", "Huye\u0323\u0302n Thu\u0309y Nguye\u0302n",
    ],
)  # fmt: skip
def test_a_name_is_known_in_every_spelling(tmp_path: Path, name: str) -> None:
    assert match(tmp_path, name) == [("311", "name")]


CAO_LANH = """unit_code,unit_name,level,parent_code
87,Tỉnh Đồng Tháp,city,
866,Thành phố Cao Lãnh,district,87
873,Huyện Cao Lãnh,district,87
876,Huyện Quan Hóa,district,87
877,Quận 1,district,87
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Cao Lãnh", (None, "ambiguous")),
        ("Huyện Cao Lãnh", ("873", "name")),
        ("H. Cao Lãnh", ("873", "name")),
        ("TP. Cao Lãnh", ("866", "name")),
        ("T.P. Cao Lanh", ("866", "name")),
        ("Quan Hóa", ("876", "name")),
        ("Q1", ("877", "name")),
        ("Q.01", ("877", "name")),
        ("Cao Lảnh", (None, "ambiguous")),
        ("Sa Đéc", (None, "unknown")),
        ("TỔNG CỘNG", (None, "total_undeclared")),
        ("", (None, "unknown")),
    ],
)
def test_two_units_of_one_core_name_are_told_apart_by_their_kind_only(tmp_path: Path, name: str, expected: tuple[str | None, str]) -> None:
    assert match(tmp_path, name, units=CAO_LANH) == [expected]


def test_an_unknown_name_comes_with_the_nearest_of_its_parent(tmp_path: Path) -> None:
    parsed = read(tmp_path, "Đơn vị;Ngày;Đã thu nhận\nQuận Hồng Bằn;13/06/2023;1\n", unit={"names": {"district": "Đơn vị"}})
    assert parsed.one("select unit_code, unit_suggestions.split(', ')[1], unit_raw from rows") == (
        None,
        "Quận Hồng Bàng (303)",
        "Quận Hồng Bằn",
    )


def test_swapped_digits_of_a_code_come_first_among_the_suggestions(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\n350;13/06/2023;1;1\n")
    assert parsed.one("select unit_code, unit_suggestions.split(', ')[1] from rows") == (None, "Quận Lê Chân (305)")


HOMONYMS = """unit_code,unit_name,level,parent_code
79,Tỉnh Long An,city,
82,Tỉnh Tiền Giang,city,
808,Huyện Châu Thành,district,79
821,Huyện Châu Thành,district,82
"""


def test_homonyms_under_different_parents_never_merge(tmp_path: Path) -> None:
    text = "Tỉnh;Huyện;Ngày;Đã thu nhận\n" + "".join(
        f"{path};13/06/2023;1\n" for path in ("Long An;Châu Thành", "Tiền Giang;Huyện Châu Thành", ";Châu Thành", "Long Ann;Châu Thành")
    )
    parsed = read(tmp_path, text, units=HOMONYMS, unit={"names": {"city": "Tỉnh", "district": "Huyện"}})
    assert parsed.all("select unit_code, unit_match from rows order by row_number") == [
        ("808", "name"), ("821", "name"), (None, "ambiguous"), (None, "unknown"),
    ]  # fmt: skip
    assert parsed.one("select unit_suggestions from rows where unit_match = 'unknown'") == "Tỉnh Long An (79)"


def test_an_alias_means_its_unit_but_never_outdoes_the_name_itself(tmp_path: Path) -> None:
    aliases = "alias,unit_code\nThủy Nguyên City,311\nLê Chân,303\n"
    assert match(tmp_path, "thuy nguyen city", "Quận Lê Chân", "Lê Chân", aliases=aliases) == [
        ("311", "alias"),
        ("305", "name"),
        ("303", "alias"),
    ]


LEADING = """unit_code,unit_name,level,parent_code
01,Thành phố Hà Nội,city,
001,Quận Ba Đình,district,01
002,Quận Hoàn Kiếm,district,01
0012,Quận Khác,district,01
"""


def test_zeros_dropped_by_a_spreadsheet_are_put_back_only_where_one_unit_can_be_meant(tmp_path: Path) -> None:
    text = HEADING + "\n" + "".join(f"{code};13/06/2023;1;1\n" for code in ("2", "12", "1", "001", "02", "9"))
    parsed = read(tmp_path, text, units=LEADING)
    assert parsed.all("select unit_code, unit_match from rows order by row_number") == [
        ("002", "code"), ("0012", "code"), (None, "ambiguous"), ("001", "code"), ("002", "code"), (None, "unknown"),
    ]  # fmt: skip
    leveled = read(tmp_path, text, units=LEADING, unit={"code": "Mã đơn vị", "level": "district"})
    assert leveled.one("select unit_code from rows where row_number = 4") == "001"


def test_where_code_and_name_disagree_the_code_wins_and_it_is_said(tmp_path: Path) -> None:
    text = "Mã;Đơn vị;Ngày;Đã thu nhận\n303;Quận Hồng Bàng;13/06/2023;1\n303;Lê Chân;13/06/2023;1\n;Lê Chân;13/06/2023;1\n"
    parsed = read(tmp_path, text, unit={"code": "Mã", "names": {"district": "Đơn vị"}})
    assert parsed.all("select unit_code, unit_match from rows order by row_number") == [
        ("303", "code"),
        ("303", "code_name_conflict"),
        ("305", "name"),
    ]


def test_declared_total_rows_are_the_report_of_their_unit(tmp_path: Path) -> None:
    text = f"{HEADING}\nTổng cộng;13/06/2023;9;9\nCộng;13/06/2023;9;9\n303;13/06/2023;9;9\n"
    parsed = read(tmp_path, text, total_rows=[{"column": "Mã đơn vị", "equals": "tổng cộng", "unit": "31"}])
    assert parsed.all("select unit_code, unit_match from rows order by row_number") == [
        ("31", "total"),
        (None, "total_undeclared"),
        ("303", "code"),
    ]


STATES = [
    {"id": "nation", "name": {"vi": "N", "en": "N"}},
    {"id": "state", "name": {"vi": "S", "en": "S"}},
    {"id": "city", "name": {"vi": "C", "en": "C"}},
]


def discovered(tmp_path: Path, *paths: str, **more: object) -> object:
    text = "State;City;Ngày;Đã thu nhận\n" + "".join(f"{path};13/06/2023;1\n" for path in paths)
    source: dict[str, object] = {"levels": STATES, "unit": {"names": {"state": "State", "city": "City"}}}
    source["units_from"] = {"discover": True, "root": {"code": "IN", "name": "India"}, "placeholders": {"names": ["Oth*"]}}
    return read(tmp_path, text, **(source | more))


def test_units_are_discovered_with_their_path_and_spellings_that_fold_alike_are_one(tmp_path: Path) -> None:
    parsed = discovered(
        tmp_path,
        "Bihar;Aurangabad",
        "Maharashtra;Aurangabad",
        "BIHAR;K.V. Pur",
        "Bihar;K V pur",
        "Bihar;K V pur",
        "Others;Others",
        "Bihar;Total",
        "Bihar;",
    )
    assert parsed.all("select * from units order by unit_code") == [  # type: ignore[attr-defined]
        ("IN/bihar", "Bihar", "state", "IN", "unit"),
        ("IN/bihar/aurangabad", "Aurangabad", "city", "IN/bihar", "unit"),
        ("IN/bihar/k-v-pur", "K V pur", "city", "IN/bihar", "unit"),
        ("IN/maharashtra", "Maharashtra", "state", "IN", "unit"),
        ("IN/maharashtra/aurangabad", "Aurangabad", "city", "IN/maharashtra", "unit"),
        ("IN/others", "Others", "state", "IN", "placeholder"),
        ("IN/others/others", "Others", "city", "IN/others", "placeholder"),
    ]
    assert parsed.all("select unit_match from rows order by row_number")[-3:] == [("name",), ("total_undeclared",), ("unknown",)]  # type: ignore[attr-defined]


def test_names_that_differ_in_their_diacritics_are_two_units_and_a_bare_spelling_is_neither(tmp_path: Path) -> None:
    parsed = discovered(
        tmp_path, "Long An;Tân Thành", "Long An;Tân Thành", "Long An;Tân Thạnh", "Long An;Tan Thanh", "Long An;Bến Lức", "Long An;Ben Luc"
    )
    rows = parsed.all("select unit_code, unit_match from rows order by row_number")  # type: ignore[attr-defined]
    assert rows[0] == rows[1] == ("IN/long-an/tan-thanh", "name")
    assert rows[2][0].startswith("IN/long-an/tan-thanh-")
    assert rows[3] == (None, "ambiguous")
    assert rows[4] == rows[5] == ("IN/long-an/ben-luc", "name")


def test_a_level_with_codes_takes_the_sources_codes_and_one_code_of_two_parents_is_two_units(tmp_path: Path) -> None:
    text = "Mã;State;City;Ngày;Đã thu nhận\n01;A;X;13/06/2023;1\nNA;A;Napoli;13/06/2023;1\n01;B;Y;13/06/2023;1\n"
    unit = {"names": {"state": "State", "city": "City"}, "codes": {"city": "Mã"}}
    parsed = discovered(tmp_path, unit=unit)
    parsed = read(tmp_path, text, levels=STATES, unit=unit, units_from={"discover": True})
    assert parsed.all("select unit_code, unit_name, parent_code from units order by 1") == [
        ("NA", "Napoli", "a"), ("a", "A", None), ("a/01", "X", "a"), ("b", "B", None), ("b/01", "Y", "b"),
    ]  # fmt: skip


def test_units_of_earlier_batches_are_known_and_not_discovered_again(tmp_path: Path) -> None:
    first = discovered(tmp_path, "Bihar;Gaya")
    home = tmp_path / "home"
    for table in ("units", "batches"):
        path = lake.table_path(home / "lake", table, "trial", "20230613T100000Z-b")
        path.parent.mkdir(parents=True)
        frame = pd.read_parquet(first.folder / ("units.parquet" if table == "units" else "files.parquet"))  # type: ignore[attr-defined]
        frame.assign(batch_id="b").to_parquet(path)
    second = discovered(tmp_path, "BIHAR;gaya", "Bihar;Patna")
    assert second.all("select unit_code from units") == [("IN/bihar/patna",)]  # type: ignore[attr-defined]
    assert second.all("select unit_code from rows order by 1") == [("IN/bihar/gaya",), ("IN/bihar/patna",)]  # type: ignore[attr-defined]
