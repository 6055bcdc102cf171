"""What the readers notice of texts: mended where it is sure what was meant, marked always."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from reading_trial import HEADING, read, workbook

from loaders.mending import mended
from loaders.old_fonts import TCVN3, VISCII
from loaders.parsing import sql_text
from loaders.reasons import REASONS, in_vietnamese

GOOD = "303;13/06/2023;5;1"


def marks(parsed: Any) -> list[tuple[Any, ...]]:
    return parsed.all("select mark, row_number, raw_text, count from marks order by all")


def written_in(table: dict[str, str], text: str) -> str:
    back = {letter: byte for byte, letter in table.items()}
    return "".join(back.get(letter, letter) for letter in text)


@pytest.mark.parametrize(
    ("text", "meant", "marked"),
    [
        ("Quận Hồng Bàng", "Quận Hồng Bàng", ()),
        ("Quáº­n Há»“ng BÃ ng", "Quận Hồng Bàng", ("mojibake",)),
        (written_in(TCVN3, "Huyện Cát Hải"), "Huyện Cát Hải", ("legacy_vietnamese_font",)),
        ("Huyeän Caùt Haûi", "Huyện Cát Hải", ("legacy_vietnamese_font",)),
        (unicodedata.normalize("NFD", "Lê Chân"), "Lê Chân", ("not_nfc",)),
        ("30\u200b3", "303", ("invisible_characters",)),
        ("Lê\u00a0Chân", "Lê Chân", ("invisible_characters",)),
        ("1\u00a0250", "1\u00a0250", ()),
        ("30\x073", "303", ("control_characters",)),
        ("\u041de Chan", "He Chan", ("lookalike_letters",)),
        ("３０３", "303", ("lookalike_letters",)),
        ("Москва", "Москва", ()),
        ("=1+2", "=1+2", ("formula_like_text",)),
        ("@SUM(A1)", "@SUM(A1)", ("formula_like_text",)),
        ("-cmd|'/c calc'!A0", "-cmd|'/c calc'!A0", ("formula_like_text",)),
        ("- Huyện An Lão", "- Huyện An Lão", ()),
        ("Forlì-Cesena", "Forlì-Cesena", ()),
        ("Vallée d'Aoste", "Vallée d'Aoste", ()),
    ],
)
def test_a_text_is_read_as_it_was_meant_and_nothing_right_is_touched(text: str, meant: str, marked: tuple[str, ...]) -> None:
    assert mended(text, True) == (meant, marked)


@pytest.mark.parametrize("form", ["tcvn3", "viscii", "vni", "windows-1258"])
def test_a_file_in_an_old_vietnamese_encoding_is_read_and_told(tmp_path: Path, form: str) -> None:
    heading, row = HEADING, "Quận Hồng Bàng;13/06/2023;5;1"
    if form == "vni":
        content = "Maõ;Ngaøy;Ñaõ thu nhaän;Ñaõ kích hoaït\nQuaän Hoàng Baøng;13/06/2023;5;1\n".encode("latin-1")
    elif form == "windows-1258":
        content = b"".join(_in_1258(letter) for letter in f"{heading}\n{row}\n")
    else:
        content = written_in(TCVN3 if form == "tcvn3" else VISCII, f"{heading}\n{row}\n").encode("latin-1")
    parsed = read(
        tmp_path,
        content,
        unit={"names": {"district": heading.split(";")[0]}} if form != "vni" else {"names": {"district": "Mã"}},
        **({} if form != "vni" else {"as_of": "Ngày", "indicators": {"received": "Đã thu nhận", "activated": "Đã kích hoạt"}}),
    )
    assert parsed.all("select encoding, status from files") == [(form, "read")]
    assert parsed.all("select unit_code from rows") == [("303",)]
    assert marks(parsed) == [("legacy_encoding", None, form, 1)]


def _in_1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        apart = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in apart if mark in "\u0300\u0301\u0303\u0309\u0323")
        return (unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in tone)) + tone).encode("cp1258")


def test_odd_texts_of_a_column_are_one_mark_with_their_number(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\n30\u200b3;13/06/2023;5;1\n{GOOD}\n\u200b311;13/06/2023;6;1\n")
    assert parsed.all("select unit_code from rows order by row_number") == [("303",), ("303",), ("311",)]
    assert marks(parsed) == [("invisible_characters", 2, "30[U+200B]3", 2)]


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("#N/A", "spreadsheet_error"), ("#REF!", "spreadsheet_error"), ("=B2+C2", "formula_for_number"), ("45%", "percent_for_number"),
        ("12 hồ sơ", "number_with_words"), ("1,2E+05", "scientific_notation"), ("3/4/2023", "date_for_number"),
    ],
)  # fmt: skip
def test_what_stands_instead_of_a_number_is_named(tmp_path: Path, text: str, mark: str) -> None:
    parsed = read(tmp_path, f"{HEADING}\n303;13/06/2023;{text};1\n")
    assert parsed.all("select cell, value, raw_text from cells where indicator_id = 'received'") == [("flawed", None, text)]
    assert parsed.all("select mark, row_number, indicator_id, raw_text from marks") == [(mark, 2, "received", text)]


def test_dots_and_commas_in_one_column_are_marked_on_each_such_cell_and_one_form_alone_is_not(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\n303;13/06/2023;1.234;1.000\n311;13/06/2023;1,234;2.000\n")
    assert marks(parsed) == [("mixed_separators", 2, "1.234", 1), ("mixed_separators", 3, "1,234", 1)]


def test_dates_that_read_two_ways_are_marked_where_the_file_has_one_the_other_way_round(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\n303;06/07/2023;5;1\n303;06/13/2023;6;1\n303;05/05/2023;5;1\n")
    assert marks(parsed) == [("ambiguous_date", 2, "06/07/2023", 1)]
    alone = read(tmp_path, f"{HEADING}\n303;06/07/2023;5;1\n303;13/06/2023;6;1\n", name="b.csv")
    assert marks(alone) == []


def test_a_spreadsheets_number_for_a_date_is_no_date(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\n303;45090;5;1\n")
    assert parsed.all("select as_of, fault_rule, fault_text from rows") == [(None, "spreadsheet_serial_date", "45090")]


def test_codes_written_as_numbers_are_codes_again(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\n303.0;13/06/2023;5;1\n3.11E+02;13/06/2023;6;1\n")
    assert parsed.all("select unit_code from rows order by row_number") == [("303",), ("311",)]
    assert marks(parsed) == [("code_as_number", 2, "303.0", 2)]


def test_a_cell_that_breaks_its_columns_form_is_marked_and_an_empty_one_is_not(tmp_path: Path) -> None:
    rows = "303;13/06/2023;5;1;180001\n303;14/06/2023;5;1;18001\n303;15/06/2023;5;1;\n"
    parsed = read(tmp_path, f"{HEADING};Mã bưu chính\n{rows}", checks={"Mã bưu chính": r"\d{6}"})
    assert marks(parsed) == [("column_form", 3, "18001", 1)]


def test_error_cells_and_formulas_without_a_value_are_not_empty_and_what_is_hidden_is_told(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, HEADING.split(";"))
        sheet.write_row(1, 0, ["303", "13/06/2023", 5, 1])
        sheet.write_row(2, 0, ["311", "13/06/2023", 6])
        sheet.write_formula(2, 3, "=1/0", None, "#DIV/0!")
        sheet.write_row(3, 0, ["303", "14/06/2023", 7])
        sheet.write_formula(3, 3, "=C4-1", None, "")
        sheet.set_row(1, None, None, {"hidden": True})
        other = book.add_worksheet("Tháng trước")
        other.write_row(0, 0, HEADING.split(";"))
        other.write_row(1, 0, ["303", "13/05/2023", 5, 1])

    parsed = read(tmp_path, workbook(fill), name="a.xlsx")
    assert marks(parsed) == [
        ("formula_for_number", 4, "=C4-1", 1), ("hidden_figures", None, "2", 1), ("more_sheets_with_figures", None, "Tháng trước", 1),
        ("spreadsheet_error", 3, "#DIV/0!", 1),
    ]  # fmt: skip


def test_a_typed_number_cannot_be_forged_by_a_control_character(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\n303;13/06/2023;\x1f1.5;1\n", numbers="vi")
    assert parsed.all("select cell from cells where indicator_id = 'received'") == [("unparsable",)]


def test_nil_is_zero_of_what_adds_up_and_no_change_of_a_level(tmp_path: Path) -> None:
    kinds = [
        {"id": "received", "name": {"vi": "a", "en": "a"}, "kind": "increment"},
        {"id": "activated", "name": {"vi": "b", "en": "b"}, "kind": "cumulative"},
    ]
    says = {"indicators_of": kinds, "nil_cells": ["Không phát sinh", "nil"], "nil_column": "Ghi chú"}
    rows = "303;13/06/2023;không phát sinh;NIL;\n303;14/06/2023;;;nil\n303;15/06/2023;;4;nil\n303;16/06/2023;;;khác\n"
    parsed = read(tmp_path, f"{HEADING};Ghi chú\n{rows}", **says)
    cells = "select row_number, value, cell from cells where indicator_id = ? order by row_number"
    assert parsed.all(cells.replace("?", sql_text("received"))) == [(2, 0, "nil"), (3, 0, "nil"), (4, 0, "nil"), (5, None, "missing")]
    assert parsed.all(cells.replace("?", sql_text("activated"))) == [
        (2, None, "nil"),
        (3, None, "nil"),
        (4, 4, "value"),
        (5, None, "missing"),
    ]


@pytest.mark.parametrize("english", [*REASONS])
def test_every_reason_has_its_vietnamese_words(english: str) -> None:
    filled = english.replace("{", "").replace("}", "")
    told = in_vietnamese(filled)
    assert told != filled
    assert "{" not in told


def test_a_missing_heading_is_told_in_vietnamese_throughout() -> None:
    english = "'Mã' (nearest: 'Ma xa'), 'Ngày' and 2 more; row 3 has 'Ma xa', 'x'. Sheet 'A'"
    assert in_vietnamese(english) == "'Mã' (gần giống: 'Ma xa'), 'Ngày' và 2 cột khác; dòng 3 có 'Ma xa', 'x'. Trang tính 'A'"
