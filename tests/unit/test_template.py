"""A form to fill in: filled in as meant, it passes; what stands around its table is passed over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sender_trial import NOON, SOURCE, Trial, csv, opened

from pipeline.check import check
from publishers.receipts.form import Form, form_for
from publishers.receipts.template import write_template
from tiendo.campaign_file import load_campaign
from tiendo.errors import NotFoundError, TiendoError
from tiendo.settings import Settings
from tiendo.units import load_units

LONG = {
    "layout": "long", "indicators": {}, "indicator": "Chỉ tiêu", "value": "Số liệu",
    "indicator_names": {"Số thu nhận": "received", "Số kích hoạt": "activated"},
}  # fmt: skip


def form_of(trial: Trial, unit: str, day: date | None = date(2023, 6, 13), source: str | None = None) -> Form:
    return form_for(trial.settings, trial.campaign, trial.units, unit, source, day, NOON)


def table_of(sheet: Any, first_heading: str) -> tuple[int, dict[str, int], list[int]]:
    """Row of the headings, heading -> column, rows below."""
    header = next(row[0].row for row in sheet.iter_rows() if first_heading in [cell.value for cell in row])
    columns = {cell.value: cell.column for cell in sheet[header] if cell.value}
    return header, columns, list(range(header + 1, sheet.max_row + 1))


def filled(tmp_path: Path, form: Form, values: dict[tuple[int, str], Any], language: str = "vi") -> tuple[Path, Any]:
    """The form with values by (row of the table, heading), saved under its own name; only cells that are meant to be filled in."""
    path = tmp_path / form.file_name
    path.write_bytes(write_template(form, language))
    book = opened(path)
    sheet = book.worksheets[0]
    assert sheet.protection.sheet
    header, columns, _ = table_of(sheet, form.columns[0].heading)
    for (row, heading), value in values.items():
        cell = sheet.cell(header + row, columns[heading])
        assert not cell.protection.locked, f"{heading} is not for filling in"
        cell.value = value
    book.save(path)
    return path, sheet


def verdict(trial: Trial, path: Path, at: datetime = NOON) -> tuple[str, list[str], dict[str, int]]:
    with check(trial.settings, trial.campaign, path, at=at) as found:
        (document,) = [each.document for each in found]
    return document["verdict"], [f["rule_id"] for f in document["findings"]["listed"]], document["rows"]


def test_a_parent_gets_the_units_that_owe_the_slot_and_the_filled_form_passes(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    form = form_of(trial, "01")
    values = {(1, "Đã thu nhận"): 12, (1, "Đã kích hoạt"): 3, (2, "Đã thu nhận"): 0, (2, "Đã kích hoạt"): 0}
    path, sheet = filled(tmp_path, form, values)
    _, columns, rows = table_of(sheet, "Mã xã")
    assert [(sheet.cell(row, 1).value, sheet.cell(row, 2).value) for row in rows] == [("001", "Xã Một"), ("002", "Xã Hai")]
    assert list(columns)[:5] == ["Mã xã", "Tên đơn vị", "Ngày", "Đã thu nhận", "Đã kích hoạt"]
    assert verdict(trial, path) == ("accepted", [], {"received": 2, "accepted": 2, "held": 0, "rejected": 0, "duplicate": 0})


def test_a_unit_without_units_below_gets_its_own_row_and_an_exempt_one_is_told_so(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    assert [row["unit_code"] for row in form_of(trial, "002").rows] == ["002"]
    assert [row["unit_code"] for row in form_of(trial, "01", date(2023, 6, 5)).rows] == ["001", "002", "003", "004"]
    with pytest.raises(NotFoundError, match="neither unit '004' nor one below it owes a report for 2023-06-13"):
        form_of(trial, "004")
    with pytest.raises(NotFoundError, match="no unit '999'"):
        form_of(trial, "999")


def test_without_a_day_the_form_is_for_the_slot_that_is_still_open(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    assert form_of(trial, "001", None).day == date(2023, 6, 13)
    evening = datetime(2023, 6, 13, 10, 11, tzinfo=UTC)
    assert form_for(trial.settings, trial.campaign, trial.units, "001", None, None, evening).day == date(2023, 6, 14)


def test_last_accepted_values_stand_beside_and_cannot_be_edited(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    trial.put("a.csv", csv("001;11/06/2023;10;2", "001;12/06/2023;11;2", "002;12/06/2023;9;99"))  # the last one is held
    trial.take_in(NOON)
    form = form_of(trial, "01")
    assert form.last == {("001", "received"): (11, datetime(2023, 6, 12)), ("001", "activated"): (2, datetime(2023, 6, 12))}
    path, sheet = filled(tmp_path, form, {(n, h): 20 for n in (1, 2) for h in ("Đã thu nhận", "Đã kích hoạt")})
    header, columns, _ = table_of(sheet, "Mã xã")
    last = sheet.cell(header + 1, columns["Lần trước: Đã thu nhận"])
    assert (last.value, last.protection.locked) == (11, True)
    beside = opened(path)["Đối chiếu"]
    told = [beside.cell(header, 2).value, beside.cell(header + 1, 2).value]
    assert told == ["Tăng thêm: Đã thu nhận", f"=IF(AND(ISNUMBER('Báo cáo'!D{header + 1}),ISNUMBER('Báo cáo'!F{header + 1})),"
                    f"'Báo cáo'!D{header + 1}-'Báo cáo'!F{header + 1},\"\")"]  # fmt: skip
    assert not [cell for line in sheet.iter_rows(min_row=header) for cell in line if cell.data_type == "f"]
    assert verdict(trial, path)[:2] == ("accepted", [])


def test_only_cells_to_fill_in_are_open_and_what_is_no_count_is_refused_at_once(tmp_path: Path) -> None:
    trial = Trial(tmp_path, source={"sender_role": "Chức vụ", "allowed_roles": ["Trưởng", "Phó"], "correction": "Đính chính"})
    sheet = opened(write_template(form_of(trial, "01"), "vi")).worksheets[0]
    header, columns, rows = table_of(sheet, "Mã xã")
    free = {cell.column for line in sheet.iter_rows() for cell in line if not cell.protection.locked}
    assert free == {columns[name] for name in ("Đã thu nhận", "Đã kích hoạt", "Chức vụ", "Đính chính")}
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    count = rules[f"D{rows[0]}:D{rows[-1]}"]
    assert (count.type, count.operator, count.formula1, count.errorStyle) == ("whole", "greaterThanOrEqual", "0", None)
    assert "Không lớn hơn" in opened(write_template(form_of(trial, "01"), "vi"))["Hướng dẫn"]["B10"].value
    assert {rule.formula1 for rule in rules.values() if rule.type == "list"} == {'"Trưởng,Phó"', '"không,có"'}
    assert sheet.freeze_panes == f"D{header + 1}"
    assert sheet.print_title_rows == f"${header}:${header}"
    assert [cell.number_format for cell in sheet[rows[0]][:1]] == ["@"]


def test_who_may_report_for_all_units_of_the_form_is_a_list_to_choose_from(tmp_path: Path) -> None:
    trial = Trial(tmp_path, source={"sender": "Người gửi"}, senders={"file": "senders.csv"})
    assert form_of(trial, "01").senders == ["Văn phòng tỉnh"]
    form = form_of(trial, "001")
    assert form.senders == ["Văn phòng tỉnh", "Xã Một"]
    path, sheet = filled(tmp_path, form, {(1, "Đã thu nhận"): 5, (1, "Đã kích hoạt"): 1, (1, "Người gửi"): "Xã Một"})
    assert '"Văn phòng tỉnh,Xã Một"' in {rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert verdict(trial, path)[:2] == ("accepted", [])


def test_a_fall_colours_the_cell_and_passes_once_a_correction_is_declared(tmp_path: Path) -> None:
    trial = Trial(tmp_path, source={"correction": "Đính chính"})
    trial.put("a.csv", csv("001;12/06/2023;10;2", headings=["Mã xã", "Ngày", "Đã thu nhận", "Đã kích hoạt"]))
    trial.take_in(NOON)
    form = form_of(trial, "001")
    values = {(1, "Đã thu nhận"): 8, (1, "Đã kích hoạt"): 2}
    path, sheet = filled(tmp_path, form, values)
    coloured = {str(area.sqref): [rule.formula for rule in rules] for area, rules in sheet.conditional_formatting._cf_rules.items()}
    header, *_ = table_of(sheet, "Mã xã")
    assert coloured[f"D{header + 1}"] == [[f"AND(ISNUMBER(D{header + 1}),ISNUMBER(G{header + 1}),D{header + 1}<G{header + 1})"]]
    assert verdict(trial, path)[:2] == ("held", ["cumulative_fall"])
    path, _ = filled(tmp_path, form, values | {(1, "Đính chính"): "có"})
    assert verdict(trial, path)[0] == "accepted"
    path, _ = filled(tmp_path, form, values | {(1, "Đính chính"): "không"})
    assert verdict(trial, path)[0] == "held"


def test_the_sums_stand_above_the_table_and_are_not_read(tmp_path: Path) -> None:
    sheet = opened(write_template(form_of(Trial(tmp_path), "01"), "vi")).worksheets[0]
    header, _, rows = table_of(sheet, "Mã xã")
    sums = [[cell.value for cell in line] for line in sheet.iter_rows(max_row=header - 1) if line[0].value == "Cộng các đơn vị (tự tính)"]
    assert [line[3] for line in sums] == [f"=SUM(D{rows[0]}:D{rows[-1]})"]
    assert rows == [header + 1, header + 2]


def test_a_long_source_gets_a_row_per_indicator(tmp_path: Path) -> None:
    trial = Trial(tmp_path, source=LONG)
    form = form_of(trial, "01")
    values = {(n, "Số liệu"): 7 for n in range(1, 5)}
    path, sheet = filled(tmp_path, form, values)
    _, columns, rows = table_of(sheet, "Mã xã")
    told = [(sheet.cell(row, columns["Mã xã"]).value, sheet.cell(row, columns["Chỉ tiêu"]).value) for row in rows]
    assert told == [(code, name) for code in ("001", "002") for name in ("Số thu nhận", "Số kích hoạt")]
    assert verdict(trial, path) == ("accepted", [], {"received": 4, "accepted": 4, "held": 0, "rejected": 0, "duplicate": 0})


def test_several_slots_a_day_are_chosen_from_a_list_and_the_next_open_one_stands_there(tmp_path: Path) -> None:
    slots = [{"id": "noon", "cutoff": "11:30", "levels": ["commune"]}, {"id": "evening", "cutoff": "17:00", "levels": ["commune"]}]
    trial = Trial(tmp_path, source={"slot": "Ca"}, slots=slots)
    form = form_of(trial, "001")
    path, sheet = filled(tmp_path, form, {(1, "Đã thu nhận"): 5, (1, "Đã kích hoạt"): 1})
    header, columns, _ = table_of(sheet, "Mã xã")
    assert sheet.cell(header + 1, columns["Ca"]).value == "evening"
    assert '"noon,evening"' in {rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert [line[0].value for line in sheet.iter_rows(min_row=3, max_row=4)] == [
        "Hạn nộp (noon): 11:30 ngày 13/06/2023. Tính theo giờ hệ thống nhận được tệp.",
        "Hạn nộp (evening): 17:00 ngày 13/06/2023. Tính theo giờ hệ thống nhận được tệp.",
    ]
    assert verdict(trial, path)[:2] == ("accepted", [])


def test_day_and_unit_that_the_source_takes_from_the_file_s_name_are_in_it(tmp_path: Path) -> None:
    own = {"unit": {}, "as_of": None, "as_of_from": "file_name", "file_name": r"^(?P<unit>\d{3})_(?P<as_of>\d{8})", "members": "*.xlsx"}
    trial = Trial(tmp_path, source=own)
    form = form_of(trial, "001")
    assert form.file_name.startswith("001_20230613")
    path, _ = filled(tmp_path, form, {(1, "Đã thu nhận"): 5, (1, "Đã kích hoạt"): 1})
    assert verdict(trial, path)[:2] == ("accepted", [])
    with pytest.raises(NotFoundError, match=r"a file of source 'reports' is of one unit, and '01' has 2\. Ask for one of them: 001, 002"):
        form_of(trial, "01")


def test_units_named_by_their_path_are_written_out(tmp_path: Path) -> None:
    trial = Trial(
        tmp_path, source={"unit": {"names": {"province": "Tỉnh", "commune": "Xã"}}, "options": {"sheet": "Nhập", "header_row": 2}}
    )
    form = form_of(trial, "01")
    path, sheet = filled(tmp_path, form, {(n, h): 4 for n in (1, 2) for h in ("Đã thu nhận", "Đã kích hoạt")})
    assert (sheet.title, [cell.value for cell in sheet[3]][:2]) == ("Nhập", ["Tỉnh Thử", "Xã Một"])
    assert verdict(trial, path)[:2] == ("accepted", [])


def test_a_source_that_takes_no_workbook_is_refused_and_another_that_does_is_taken(tmp_path: Path) -> None:
    sources = [SOURCE | {"id": "may", "format": "csv"}, SOURCE | {"id": "tay"}]
    trial = Trial(tmp_path, sources=sources)
    assert form_of(trial, "001").source.id == "tay"
    with pytest.raises(TiendoError, match="source may takes no filled-in workbooks"):
        form_of(trial, "001", source="may")


def test_the_same_form_is_the_same_bytes_and_says_it_in_english_too(tmp_path: Path) -> None:
    trial = Trial(tmp_path, name={"vi": "=1+1", "en": "=1+1"})
    form = form_of(trial, "01")
    assert write_template(form, "vi") == write_template(form, "vi")
    book = openpyxl.load_workbook(filled(tmp_path, form, {}, "en")[0])
    assert [sheet.title for sheet in book] == ["Report", "Compare", "Guide"]
    assert (book["Report"]["A1"].value, book["Report"]["A1"].data_type) == ("=1+1", "s")
    assert book["Report"]["A3"].value == "Cutoff: 2023-06-13 17:00. What counts is when the file reaches us."


def test_the_bundled_campaign_s_form_passes_when_filled_in(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", campaigns=(Path(__file__).resolve().parents[2] / "campaigns",))
    campaign = load_campaign(settings, "hai_phong_vneid_2023")
    form = form_for(settings, campaign, load_units(settings, campaign), "31", None, date(2023, 6, 20), NOON)
    assert len(form.rows) == 14  # 15 districts, one of them exempt
    figures = {"Hồ sơ đã thu nhận": 900, "Tài khoản đã kích hoạt": 800, "CCCD đã cấp": 1000}
    path, _ = filled(tmp_path, form, {(row, name): value + row for row in range(1, 15) for name, value in figures.items()})
    with check(settings, campaign, path, at=datetime(2023, 6, 20, 9, 0, tzinfo=UTC)) as found:
        (document,) = [each.document for each in found]
    assert (document["verdict"], document["findings"]["count"], document["rows"]["accepted"]) == ("accepted", 0, 14)


FROM_NAME = {"as_of": None, "as_of_from": "file_name"}
NAMED = [
    # sender, unit and day; a fixed word in front and a time behind
    (
        {"unit": {}, **FROM_NAME, "file_name": r"^BC_(?P<sender>[^_]+)_(?P<unit>\d{3})_(?P<as_of>\d{8})\.xlsx$"},
        "BC_Văn phòng tỉnh_001_20230613.xlsx",
    ),
    # the time of the figures: that of the cutoff
    (
        {**FROM_NAME, "dates": ["%d-%m-%Y_%H%M"], "file_name": r"(?P<sender>[a-z-]+)_(?P<as_of>[\d-]+_\d{4})\.(csv|xlsx)$"},
        "van-phong-tinh_13-06-2023_1700.xlsx",
    ),
    # the time at which it is sent, as a trusted archive has it, and a part that says nothing
    (
        {
            "file_name": r"^(?P<received>\d{8}-\d{4}) (?P<sender>.+) v\d+\.xlsx$",
            "received": {"by": "file_name", "format": "%Y%m%d-%H%M", "trusted": True},
        },
        "20230613-1200 Văn phòng tỉnh v0.xlsx",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("source", "name"), NAMED, ids=[name for _, name in NAMED])
def test_the_form_s_name_says_what_the_source_reads_from_names_and_the_filled_form_passes(
    tmp_path: Path, source: dict[str, Any], name: str
) -> None:
    trial = Trial(tmp_path, source=source, senders={"file": "senders.csv"})
    form = form_of(trial, "001")
    assert form.file_name == name
    path, _ = filled(tmp_path, form, {(1, "Đã thu nhận"): 5, (1, "Đã kích hoạt"): 1})
    with check(trial.settings, trial.campaign, path, at=NOON) as found:
        (judged,) = found
    assert (judged.document["verdict"], judged.unread) == ("accepted", ())


def test_a_name_of_one_s_own_is_kept_and_where_no_name_fits_it_is_asked_for(tmp_path: Path) -> None:
    trial = Trial(tmp_path, source={"file_name": r"(?P<sender>\d+)\.csv$", "members": "*.csv"})
    ask = (trial.settings, trial.campaign, trial.units, "001", None, date(2023, 6, 13), NOON)
    with pytest.raises(TiendoError, match=r"no name of a workbook fits source 'reports'\. Name the file yourself with -o"):
        form_for(*ask)
    assert form_for(*ask, named="của tôi.xlsx").file_name == ""
    free = Trial(tmp_path / "free")
    assert form_for(free.settings, free.campaign, *ask[2:], named="của tôi.xlsx").file_name == "của tôi.xlsx"


def test_each_row_of_a_parent_s_form_lists_who_may_report_its_unit_however_many_they_are(tmp_path: Path) -> None:
    trial = Trial(tmp_path, source={"sender": "Người gửi"}, senders={"file": "senders.csv"})
    many = [f"Cán bộ thứ {n:02}" for n in range(1, 31)]
    lines = ["Xã Một,001", *(f"{name},002" for name in many)]
    (trial.inbox.parent / "senders.csv").write_text("sender,unit_code\n" + "\n".join(lines) + "\n", encoding="utf-8")
    form = form_of(trial, "01")
    assert form.senders == []  # nobody may report for both
    values = {(n, h): 4 for n in (1, 2) for h in ("Đã thu nhận", "Đã kích hoạt")} | {(1, "Người gửi"): "Xã Một", (2, "Người gửi"): many[7]}
    path, sheet = filled(tmp_path, form, values)
    header, columns, _ = table_of(sheet, "Mã xã")
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    column = sheet.cell(header, columns["Người gửi"]).column_letter
    assert lists == {f"{column}{header + 1}": '"Xã Một"', f"{column}{header + 2}": "'Hướng dẫn'!$D$1:$D$30"}
    assert [cell.value for (cell,) in opened(path)["Hướng dẫn"]["D1:D30"]] == many
    assert verdict(trial, path)[:2] == ("accepted", [])
