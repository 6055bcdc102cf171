"""Workbooks, JSON and Parquet: typed cells need no locale, and what is damaged is one clear failure."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading_trial import read, workbook

HEADINGS = ["Mã đơn vị", "Ngày", "Đã thu nhận", "Đã kích hoạt"]


def report(sheet: Any, book: Any) -> None:
    """A sheet as people send it: a merged title, headings in row 3, typed and text cells, a formula, a blank row."""
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.merge_range(0, 0, 0, 3, "BÁO CÁO NGÀY")
    sheet.write_row(2, 0, HEADINGS)
    sheet.write(3, 0, "303")
    sheet.write_datetime(3, 1, datetime(2023, 6, 13), day)
    sheet.write_number(3, 2, 1167685)
    sheet.write_formula(3, 3, "=C4/2", None, 583842.5)
    sheet.write_row(5, 0, [305, "13/06/2023", "1.167.685", "38,5"])
    sheet.set_row(5, None, None, {"hidden": True})


def test_a_workbook_gives_typed_numbers_dates_and_stored_formula_values(tmp_path: Path) -> None:
    parsed = read(tmp_path, workbook(report), name="report.xlsx")
    assert parsed.figures == [(4, "activated", 583842.5), (4, "received", 1167685.0), (6, "activated", 38.5), (6, "received", 1167685.0)]
    assert parsed.all("select unit_code, as_of, sheet from rows order by row_number") == [
        ("303", datetime(2023, 6, 13), "Báo cáo"), ("305", datetime(2023, 6, 13), "Báo cáo"),
    ]  # fmt: skip
    assert parsed.one("select format, sheet, header_row from files") == ("xlsx", "Báo cáo", 3)
    assert parsed.one("select raw_text from cells where row_number = 4 and indicator_id = 'received'") == "1167685"


def test_a_merged_name_counts_for_each_of_its_rows_and_a_merged_number_once(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, HEADINGS)
        sheet.merge_range(1, 0, 2, 0, "303")
        sheet.write(1, 1, "12/06/2023")
        sheet.write(2, 1, "13/06/2023")
        sheet.merge_range(1, 2, 2, 2, 70)

    parsed = read(tmp_path, workbook(fill), name="report.xlsx")
    assert parsed.all("select unit_code from rows") == [("303",), ("303",)]
    assert parsed.all("select row_number, cell, value from cells where indicator_id = 'received' order by 1") == [
        (2, "value", 70.0), (3, "missing", None),
    ]  # fmt: skip


def test_the_first_sheet_with_the_headings_is_read_unless_one_is_named(tmp_path: Path) -> None:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("Bìa").write(0, 0, "Báo cáo tháng 6")
        for name, value in (("Kỳ này", 5), ("Kỳ trước", 4)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADINGS)
            sheet.write_row(1, 0, ["303", "13/06/2023", value, value])
    assert read(tmp_path, buffer.getvalue(), name="a.xlsx").one("select sheet from files") == "Kỳ này"
    named = read(tmp_path, buffer.getvalue(), name="a.xlsx", options={"sheet": "kỳ trước"})
    assert named.one("select sheet from files") == "Kỳ trước"
    assert named.one("select max(value) from cells") == 4
    rule, text = read(tmp_path, buffer.getvalue(), name="a.xlsx", options={"sheet": "Kỳ sau"}).failure
    assert rule == "missing_heading"
    assert "'Kỳ trước'" in text


def far_cells() -> bytes:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, HEADINGS)
        sheet.write(1_048_575, 16_383, 1)

    return workbook(fill)


def wide_sheet() -> bytes:
    return workbook(lambda sheet, book: sheet.write_row(0, 0, [*HEADINGS, *range(3000)]))


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(600):
                member.write(b" " * (1 << 20))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "rule", "said"),
    [
        (lambda: workbook(report)[:3000], "unreadable_file", "cannot be opened"),
        (lambda: b"not a workbook \x00\x01", "unreadable_file", "damaged"),
        (lambda: workbook(lambda sheet, book: None), "empty_file", "no sheet"),
        (lambda: workbook(lambda sheet, book: sheet.write_row(0, 0, HEADINGS)), "no_rows", "row 1"),
        (wide_sheet, "too_many_columns", "at most 2,000"),
        (far_cells, "unreadable_file", "nearly all empty"),
        (bomb, "unreadable_file", "unpacks to"),
    ],
    ids=["cut short", "something else", "empty", "header only", "wide", "far cells", "bomb"],
)
def test_a_damaged_or_hostile_workbook_is_one_clear_failure(tmp_path: Path, content: Any, rule: str, said: str) -> None:
    found, text = read(tmp_path, content(), name="report.xlsx").failure
    assert (found, said in text) == (rule, True), text


RECORDS = [
    {"Mã đơn vị": "303", "Ngày": "13/06/2023", "Đã thu nhận": 1500, "Ghi chú": None},
    {"Mã đơn vị": "305", "Ngày": "13/06/2023", "Đã thu nhận": "1.500", "Đã kích hoạt": None},
]


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        (json.dumps(RECORDS, ensure_ascii=False), "a.json", {}),
        ("\ufeff" + json.dumps({"data": {"rows": RECORDS}}), "a.json", {"records": "data.rows"}),
        ("\n".join(json.dumps(record) for record in RECORDS), "a.jsonl", {}),
        ("\n".join(json.dumps(record) for record in RECORDS), "a.json", {}),
    ],
    ids=["list", "path", "lines", "lines called json"],
)
def test_json_records_and_lines_give_the_same_figures(tmp_path: Path, text: str, name: str, options: dict[str, str]) -> None:
    parsed = read(tmp_path, text, name=name, options=options)
    assert parsed.figures == [(1, "activated", None), (1, "received", 1500.0), (2, "activated", None), (2, "received", 1500.0)]
    assert parsed.all("select unit_code, as_of from rows order by row_number") == [
        ("303", datetime(2023, 6, 13)),
        ("305", datetime(2023, 6, 13)),
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [('{"a": [1, 2}', "unreadable_file"), ('{"a": 1}', "missing_heading"), ("[]", "no_rows"), ('"text"', "missing_heading")],
)
def test_json_without_records_is_one_clear_failure(tmp_path: Path, text: str, rule: str) -> None:
    assert read(tmp_path, text, name="a.json").failure[0] == rule


def test_parquet_is_read_by_its_types(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    columns = {"Mã đơn vị": ["303", "305"], "Ngày": [date(2023, 6, 13), None], "Đã thu nhận": [1167685, None], "Đã kích hoạt": [38.5, 1e20]}
    pq.write_table(pa.table(columns), buffer)
    parsed = read(tmp_path, buffer.getvalue(), name="a.parquet")
    assert parsed.figures == [(1, "activated", 38.5), (1, "received", 1167685.0), (2, "activated", 1e20), (2, "received", None)]
    assert parsed.all("select as_of from rows order by row_number") == [(datetime(2023, 6, 13),), (None,)]
    assert read(tmp_path, buffer.getvalue()[:-20], name="a.parquet").failure[0] == "unreadable_file"


def test_a_workbook_called_csv_is_read_for_what_it_is_unless_csv_is_declared(tmp_path: Path) -> None:
    assert read(tmp_path, workbook(report), name="report.csv").one("select format from files") == "xlsx"
    assert read(tmp_path, workbook(report), name="report.csv", format="csv").failure == (
        "not_a_table",
        "the campaign declares csv, but the file is an Excel workbook",
    )
