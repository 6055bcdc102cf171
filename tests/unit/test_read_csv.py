"""Delimited files: whatever program wrote them, each row is read or kept with its reason."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from pathlib import Path

import pytest
from reading_trial import HEADING, read

ROW = "303;13/06/2023;1.167.685;38,5"


def test_a_report_with_dots_for_thousands_is_read_with_row_numbers_as_in_the_file(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\n{ROW}\n305;13/06/2023;0;\n")
    assert parsed.figures == [(2, "activated", 38.5), (2, "received", 1167685.0), (3, "activated", None), (3, "received", 0.0)]
    assert parsed.all("select row_number, indicator_id, cell from cells order by all")[2:] == [
        (3, "activated", "missing"),
        (3, "received", "zero"),
    ]
    assert parsed.all("select row_number, unit_code, unit_match, as_of from rows order by 1") == [
        (2, "303", "code", datetime(2023, 6, 13)), (3, "305", "code", datetime(2023, 6, 13)),
    ]  # fmt: skip
    assert parsed.one("select format, encoding, delimiter, header_row, status, rows_received from files") == (
        "csv",
        "utf-8",
        ";",
        1,
        "read",
        2,
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_gives_the_same_figures(tmp_path: Path, delimiter: str, end: str) -> None:
    text = end.join([HEADING.replace(";", delimiter), "303;13/06/2023;1.500;20".replace(";", delimiter), ""])
    parsed = read(tmp_path, text)
    assert parsed.figures == [(2, "activated", 20.0), (2, "received", 1500.0)]
    assert parsed.one("select delimiter from files") == delimiter


def windows_1258(text: str) -> bytes:
    """As Windows writes it: the tones apart from their letters."""
    out = bytearray()
    for char in unicodedata.normalize("NFC", text):
        try:
            out += char.encode("cp1258")
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFD", char)
            tone = next(c for c in plain if c in "\u0300\u0301\u0303\u0309\u0323")
            out += unicodedata.normalize("NFC", plain.replace(tone, "")).encode("cp1258") + tone.encode("cp1258")
    return bytes(out)


@pytest.mark.parametrize(
    ("encode", "recorded"),
    [
        (lambda text: text.encode("utf-8-sig"), "utf-8"),
        (lambda text: text.encode("utf-16"), "utf-16"),
        (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "utf-16"),
        (lambda text: text.encode("utf-16-le"), "utf-16"),
        (windows_1258, "windows-1258"),
        (lambda text: unicodedata.normalize("NFD", text).encode(), "utf-8"),
    ],
    ids=["utf-8 with mark", "utf-16 le", "utf-16 be", "utf-16 without mark", "windows-1258", "decomposed"],
)  # fmt: skip
def test_vietnamese_is_read_from_every_encoding_and_the_encoding_recorded(tmp_path: Path, encode, recorded: str) -> None:  # type: ignore[no-untyped-def]
    text = "Đơn vị;Ngày;Đã thu nhận;Đã kích hoạt\nHuyện Thủy Nguyên;13/06/2023;1.500;20\nQuận Lê Chân;13/06/2023;2.500;20\n"
    parsed = read(tmp_path, encode(text), unit={"names": {"district": "Đơn vị"}})
    assert parsed.one("select encoding from files") == recorded
    assert parsed.all("select unit_code from rows order by row_number") == [("311",), ("305",)]
    assert parsed.one("select sum(value) from cells where indicator_id = 'received'") == 4000
    if recorded != "utf-8":
        assert parsed.one("select unit_raw from rows where row_number = 2") == "Huyện Thủy Nguyên"


def test_latin_1_is_told_from_windows_1258_by_where_the_tones_would_stand(tmp_path: Path) -> None:
    text = "Unità;Ngày;Đã thu nhận\nForlì-Cesena è più;2020;1\n".replace("Đã thu nhận", "Tot").replace("Ngày", "Data")
    units = "unit_code,unit_name,level,parent_code\n40,Forlì-Cesena è più,city,\n"
    more = {"unit": {"names": {"city": "Unità"}}, "as_of": "Data", "dates": ["%Y"], "indicators": {"received": "Tot"}, "numbers": "en"}
    parsed = read(tmp_path, text.encode("latin-1"), units=units, time_zone="Europe/Rome", **more)
    assert parsed.one("select encoding from files") == "latin-1"
    assert parsed.one("select unit_code from rows") == "40"


def test_na_and_null_are_texts_and_an_empty_cell_is_missing_never_zero(tmp_path: Path) -> None:
    units = "unit_code,unit_name,level,parent_code\nNA,Napoli,city,\nNULL,Nulla,city,\n"
    parsed = read(tmp_path, f"{HEADING}\nNA;13/06/2023;5;NULL\nNULL;13/06/2023;;NA\n", units=units)
    assert parsed.all("select unit_code from rows order by row_number") == [("NA",), ("NULL",)]
    assert parsed.all("select raw_text, cell, value from cells order by row_number, indicator_id") == [
        ("NULL", "unparsable", None), ("5", "value", 5.0), ("NA", "unparsable", None), ("", "missing", None),
    ]  # fmt: skip


def test_only_a_declared_text_means_no_figure(tmp_path: Path) -> None:
    text = f"{HEADING}\n303;13/06/2023;-;không\n"
    assert read(tmp_path, text).all("select cell from cells") == [("unparsable",), ("unparsable",)]
    declared = read(tmp_path, text, empty_cells=["", "-", "không"])
    assert declared.all("select cell, value from cells") == [("missing", None), ("missing", None)]


def test_titles_and_blank_lines_above_the_heading_are_passed_over(tmp_path: Path) -> None:
    text = f"BÁO CÁO NGÀY;;;\n\n(đơn vị: hồ sơ);;;\n\n{HEADING}\n{ROW}\n;;;\n\n;;;\n"
    parsed = read(tmp_path, text)
    assert parsed.one("select header_row, rows_received from files") == (5, 1)
    assert parsed.one("select row_number from rows") == 6


def test_a_heading_in_two_rows_is_put_together(tmp_path: Path) -> None:
    text = "Mã đơn vị;Ngày;Hồ sơ;\n;;Đã thu nhận;Đã kích hoạt\n" + ROW + "\n"
    parsed = read(tmp_path, text)
    assert parsed.figures == [(3, "activated", 38.5), (3, "received", 1167685.0)]


def test_a_row_that_numbers_the_columns_belongs_to_the_heading(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\nA;B;(1);(2=1/2)\n{ROW}\n")
    assert parsed.all("select row_number from rows") == [(3,)]


def test_a_heading_that_repeats_under_two_upper_ones_is_named_by_both(tmp_path: Path) -> None:
    text = "Mã đơn vị;Ngày;Thu nhận;;Kích hoạt;\n;;Hôm nay;Lũy kế;Hôm nay;Lũy kế\n303;13/06/2023;1;20;2;40\n"
    parsed = read(tmp_path, text, indicators={"received": "Thu nhận lũy kế", "activated": "Kích hoạt lũy kế"})
    assert parsed.figures == [(3, "activated", 40.0), (3, "received", 20.0)]


def test_a_declared_heading_that_stands_twice_is_refused_rather_than_guessed(tmp_path: Path) -> None:
    rule, text = read(tmp_path, f"{HEADING};Đã thu nhận\n{ROW};7\n").failure
    assert rule == "heading_twice"
    assert "'Đã thu nhận' stands in columns 3 and 5" in text


def test_other_columns_may_repeat_and_trailing_empty_columns_do_no_harm(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING};Ghi chú;Ghi chú;;\n{ROW};a;b;;\n305;13/06/2023;1;2;;;;;;\n")
    assert parsed.one("select count(*), count(fault_rule) from rows") == (2, 0)


def test_old_headings_are_mapped_and_folded(tmp_path: Path) -> None:
    parsed = read(tmp_path, "MA DON VI;ngay;Số thu nhận\n303;13/06/2023;5\n", headings={"Số thu nhận": "Đã thu nhận"})
    assert parsed.figures == [(2, "received", 5.0)]  # the other indicator is not required: no cell, no missing figure
    assert parsed.one("select column_name from cells") == "Số thu nhận"


def test_quoted_cells_keep_delimiters_quotes_and_line_ends_and_the_rows_after_them_their_numbers(tmp_path: Path) -> None:
    text = f'Ghi chú;{HEADING}\n"a;b";303;13/06/2023;1;2\n"dòng 1\ndòng ""2""";305;13/06/2023;3;4\n5" màn hình;311;13/06/2023;5;6\n'
    parsed = read(tmp_path, text)
    assert parsed.all("select row_number, unit_code, fault_rule from rows order by 1") == [
        (2, "303", None),
        (3, "305", None),
        (5, "311", None),
    ]
    assert [value for _, _, value in parsed.figures] == [2, 1, 4, 3, 6, 5]


def test_rows_with_extra_cells_or_broken_quotes_are_kept_with_their_text_and_the_others_read(tmp_path: Path) -> None:
    text = f'{HEADING}\n303;13/06/2023;1;2;3;4\n"305;13/06/2023;1;2\n311;13/06/2023;7;8\n'
    parsed = read(tmp_path, text)
    assert parsed.all("select row_number, unit_code, unit_match, fault_rule, fault_text from rows order by 1") == [
        (2, None, "unknown", "row_unreadable", "303;13/06/2023;1;2;3;4"),
        (3, None, "unknown", "row_unreadable", '"305;13/06/2023;1;2'),
        (4, "311", "code", None, None),
    ]
    assert parsed.figures == [(4, "activated", 8.0), (4, "received", 7.0)]
    assert parsed.one("select rows_received from files") == 3


def test_a_row_that_ends_early_has_missing_cells(tmp_path: Path) -> None:
    assert read(tmp_path, f"{HEADING}\n303;13/06/2023;7\n").all("select indicator_id, cell from cells order by 1") == [
        ("activated", "missing"), ("received", "value"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "rule", "said"),
    [
        (b"", "empty_file", "empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty_file", "white space"),
        (HEADING.encode() + b"\n\n;;;\n", "no_rows", "row 1"),
        ("Mã đơn vị;Ngày;Da thu nhan so\n303;13/06/2023;1\n".encode(), "missing_heading", "'Đã thu nhận' (nearest: 'Da thu nhan so')"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_table", "PNG"),
        (bytes(range(256)) * 20, "not_a_table", "binary"),
        (b"PK\x03\x04" + b"\x00" * 50, "not_a_table", "zip"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "not_a_table", "web page"),
        (b"hello world\nthis is a letter\n", "missing_heading", "'Mã đơn vị'"),
    ],
    ids=["empty", "blank", "header only", "other heading", "picture", "binary", "zip", "web page", "letter"],
)  # fmt: skip
def test_a_file_that_is_no_report_fails_with_one_clear_reason_and_the_next_is_read(
    tmp_path: Path, content: bytes, rule: str, said: str
) -> None:
    parsed = read(tmp_path, content, f"{HEADING}\n{ROW}\n")
    assert parsed.failure[0] == rule
    assert said in parsed.failure[1]
    assert "\n" not in parsed.failure[1]
    assert parsed.one("select sum(rows_received) from files") == 1


def test_a_wrong_delimiter_is_named_beside_the_one_declared(tmp_path: Path) -> None:
    rule, text = read(tmp_path, f"{HEADING}\n{ROW}\n", options={"delimiter": ","}).failure
    assert rule == "missing_heading"
    assert "separated by semicolon, but the campaign declares comma" in text


def test_a_wrong_encoding_is_named_with_the_likely_one(tmp_path: Path) -> None:
    content = windows_1258("Đơn vị;Ngày;Đã thu nhận\n" + "Huyện Thủy Nguyên;13/06/2023;1\n" * 9)
    rule, text = read(tmp_path, content, unit={"names": {"district": "Đơn vị"}}, options={"encoding": "utf-8"}).failure
    assert rule == "missing_heading"
    assert "looks like windows-1258" in text


def test_a_million_columns_are_refused_at_once(tmp_path: Path) -> None:
    rule, text = read(tmp_path, b"a," * 1_000_000 + b"\n" + b"1," * 1_000_000 + b"\n").failure
    assert rule == "too_many_columns"
    assert "at most 2,000" in text


def test_a_million_cells_in_one_row_make_that_row_unreadable(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\n{ROW}\n" + "1;" * 1_000_000 + "\n305;13/06/2023;1;2\n")
    assert parsed.all("select row_number, fault_rule from rows order by 1") == [(2, None), (3, "row_unreadable"), (4, None)]
