"""`python tests/corpus/make_corpus.py`: the malformed files, each named after its fault, written into tests/corpus/files.

Every file holds one report that would be in order but for its fault. What the gate must say of it stands in expected.yml.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

FILES = Path(__file__).parent / "files"
HEADINGS = ["Ngày báo cáo", "Mã đơn vị", "Tên đơn vị", "Tiếp nhận", "Kích hoạt", "Đã cấp", "Chức vụ"]
GOOD = ["12/06/2023", "031", "Quận Hồng Bàng", "120", "100", "4.500", "Trưởng Công an"]
OTHER = ["12/06/2023", "032", "Quận Ngô Quyền", "90", "80", "3.200", "Trưởng Công an"]
_MOMENT = (2023, 6, 12, 9, 0, 0)


def table(*rows: list[str], headings: list[str] | None = None, encoding: str = "utf-8") -> bytes:
    """A CSV with semicolons."""
    return "".join(";".join(row) + "\n" for row in [headings or HEADINGS, *rows]).encode(encoding)


def row(*, given: list[str] | None = None, **changes: str) -> list[str]:
    """A good row with some cells changed: day, code, name, received, activated, issued, role."""
    keys = ["day", "code", "name", "received", "activated", "issued", "role"]
    cells = list(given or GOOD)
    for key, text in changes.items():
        cells[keys.index(key)] = text
    return cells


def one(**changes: str) -> bytes:
    """A report of one row with some cells changed."""
    return table(row(**changes))


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip with fixed times, so that it is the same on every machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def tarred(name: str, link: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = tarfile.SYMTYPE, link
        archive.addfile(member)
    return gzip.compress(buffer.getvalue(), mtime=0)


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2023, 6, 12)})
        fill(book)
    return buffer.getvalue()


def sheet(book: xlsxwriter.Workbook, rows: list[list[Any]], name: str = "Báo cáo") -> Any:
    page = book.add_worksheet(name)
    for number, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            page.write(number, column, cell)
    return page


TYPED: list[Any] = ["12/06/2023", "031", "Quận Hồng Bàng", 120, 100, 4500, "Trưởng Công an"]


def _formula_without_value(book: xlsxwriter.Workbook) -> None:
    page = sheet(book, [HEADINGS, TYPED])
    page.write_formula(1, 3, "=100+20", None, "")


def _without_results(book: bytes) -> bytes:
    """A workbook whose formulas were never worked out, as programs other than a spreadsheet write them."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet_name = "xl/worksheets/sheet1.xml"
    members[sheet_name] = members[sheet_name].replace(b' t="str"', b"").replace(b"<v></v>", b"")
    return zipped(members)


def _error_cell(book: xlsxwriter.Workbook) -> None:
    page = sheet(book, [HEADINGS, TYPED])
    page.write_formula(1, 3, "=VLOOKUP(1,A1:A2,1,0)", None, "#N/A")


def _hidden_row(book: xlsxwriter.Workbook) -> None:
    page = sheet(book, [HEADINGS, TYPED, [*OTHER[:3], 90, 80, 3200, OTHER[6]]])
    page.set_row(2, None, None, {"hidden": True})


def _hidden_column(book: xlsxwriter.Workbook) -> None:
    sheet(book, [HEADINGS, TYPED]).set_column(4, 4, None, None, {"hidden": True})


def _merged(book: xlsxwriter.Workbook) -> None:
    page = sheet(book, [HEADINGS, TYPED, [*OTHER[:3], 90, 80, 3200, OTHER[6]]])
    page.merge_range(1, 3, 2, 3, 210)


def _two_sheets(book: xlsxwriter.Workbook) -> None:
    sheet(book, [HEADINGS, TYPED])
    sheet(book, [HEADINGS, [*OTHER[:3], 90, 80, 3200, OTHER[6]]], "Bổ sung")


def _date_serial(book: xlsxwriter.Workbook) -> None:
    sheet(book, [HEADINGS, [45089, *TYPED[1:]]])


def _citizen_number_typed(book: xlsxwriter.Workbook) -> None:
    sheet(book, [HEADINGS, [*TYPED[:3], 31095001234, *TYPED[4:]]])


def parquet_bytes() -> bytes:
    path = FILES / ".scratch.parquet"
    columns = ", ".join(f"'{cell}' AS \"{heading}\"" for heading, cell in zip(HEADINGS, GOOD, strict=True))
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {columns}) TO '{path}' (FORMAT parquet)")
    content = path.read_bytes()
    path.unlink()
    return content


def _records() -> list[dict[str, str]]:
    return [dict(zip(HEADINGS, GOOD, strict=True))]


def _changed(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def _encrypted_zip() -> bytes:
    content = bytearray(zipped({"bao_cao.csv": table(GOOD)}))
    content[6] |= 1
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    return bytes(content)


def _tcvn3(text: str) -> bytes:
    """Text in the bytes of a legacy font of the north, for the letters used here."""
    table_ = {"Q": "Q", "ậ": "Ë", "ồ": "å", "à": "μ", "ơ": "¬", "ư": "­", "ở": "ë", "ô": "«", "ă": "¨", "đ": "®", "ị": "Þ", "ê": "ª"}
    return "".join(table_.get(letter, letter) for letter in text).encode("latin-1", "replace")


def _mojibake(text: str) -> str:
    return text.encode().decode("cp1252", "replace")


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016)


def corpus() -> dict[str, bytes]:
    """File name -> bytes."""
    good = table(GOOD)
    book = workbook(lambda b: sheet(b, [HEADINGS, TYPED]) and None)
    archive = zipped({"bao_cao.csv": table(*[GOOD] * 200)})
    return {
        # whole files
        "no_bytes.csv": b"",
        "only_white_space.csv": b" \r\n\t\r\n\r\n",
        "only_a_byte_order_mark.csv": b"\xef\xbb\xbf",
        "headings_and_no_row.csv": table(),
        "headings_missing.csv": table(GOOD)[len(";".join(HEADINGS).encode()) + 1 :],
        "heading_of_the_unit_missing.csv": table(GOOD[:1] + GOOD[3:], headings=HEADINGS[:1] + HEADINGS[3:]),
        "heading_of_a_figure_misspelt.csv": table(GOOD, headings=[h.replace("Tiếp nhận", "Tiếp nhạn số") for h in HEADINGS]),
        "heading_twice.csv": table([*GOOD, "130"], headings=[*HEADINGS, "Tiếp nhận"]),
        "wrong_delimiter.csv": good.replace(b";", b"#"),
        "picture_named_csv.csv": PNG,
        "pdf_named_csv.csv": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
        "web_page_of_an_error.csv": b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>",
        "random_bytes.csv": bytes((n * 197 + 31) % 256 for n in range(3000)),
        "twenty_thousand_columns.csv": (";".join(f"c{n}" for n in range(20_000)) + "\n").encode(),
        "null_bytes.csv": good + b"\x00" * 500,
        "utf16_cut_in_half.csv": good.decode().encode("utf-16")[:-1],
        "quote_never_closed.csv": table(row(name='"Quận Hồng Bàng'), OTHER),
        "workbook_cut_short.xlsx": book[: len(book) // 2],
        "workbook_of_noise.xlsx": b"PK\x03\x04" + bytes((n * 89) % 256 for n in range(900)),
        "workbook_with_password.xlsx": OLE,
        "workbook_without_figures.xlsx": workbook(lambda b: b.add_worksheet("Trang 1") and None),
        "workbook_of_another_form.xlsx": workbook(lambda b: sheet(b, [["Họ tên", "Ghi chú"], ["A", "B"]]) and None),
        "word_document_named_xlsx.xlsx": zipped({"word/document.xml": b"<w:document/>", "[Content_Types].xml": b"<Types/>"}),
        "parquet_cut_short.parquet": parquet_bytes()[:-20],
        "json_cut_short.json": json.dumps(_records(), ensure_ascii=False).encode()[:-15],
        "json_of_numbers.json": b"[1, 2, 3]",
        "json_without_records.json": b'{"trang_thai": "ok"}',
        "text_named_json.json": b"bao cao ngay 12/6",
        # archives
        "archive_cut_short.zip": archive[:-40],
        "archive_with_password.zip": _encrypted_zip(),
        "archive_with_a_wrong_checksum.zip": _changed(zipped({"bao_cao.csv": b"x" * 64 + good}), 60),
        "archive_writing_outside.zip": zipped({"../bao_cao.csv": good}),
        "archive_with_an_absolute_path.zip": zipped({"/etc/bao_cao.csv": good}),
        "archive_that_blows_up.zip": zipped({"bao_cao.csv": b"0" * 40_000_000}),
        "archive_with_nothing_in_it.zip": zipped({}),
        "gzip_cut_short.csv.gz": gzip.compress(table(*[GOOD] * 300), mtime=0)[:-25],
        "gzip_of_noise.csv.gz": b"\x1f\x8b\x08" + bytes((n * 61) % 256 for n in range(300)),
        "tar_with_a_link_outside.tar.gz": tarred("bao_cao.csv", "/etc/passwd"),
        # units
        "unit_code_unknown.csv": one(code="999", name="Quận Không Có"),
        "unit_code_digits_swapped.csv": one(code="013"),
        "unit_name_unknown.csv": one(code="", name="Quận Hồng Bảng Cũ"),
        "unit_name_of_two_units.csv": one(code="", name="Châu Thành"),
        "unit_code_and_name_disagree.csv": one(name="Quận Ngô Quyền"),
        "unit_left_empty.csv": one(code="", name=""),
        "unit_code_without_its_zero.csv": one(code="31"),
        "unit_code_as_a_float.csv": one(code="31.0"),
        "unit_closed_long_ago.csv": one(code="036", name="Quận Đã Giải Thể"),
        "total_row_among_units.csv": table(GOOD, row(code="", name="Tổng cộng", received="210")),
        "parent_among_units.csv": table(GOOD, row(code="01", name="Thành phố Thử", received="210", given=OTHER)),
        "invisible_letters_in_a_code.csv": one(code="0\u200b31"),
        "cyrillic_letters_in_a_name.csv": one(code="", name="Quận Нồng Bàng"),
        "full_width_digits_in_a_code.csv": one(code="０３１"),
        "right_to_left_override_in_a_name.csv": one(name="Quận \u202eHồng Bàng"),
        "control_characters_in_a_name.csv": one(name="Quận\x07 Hồng Bàng"),
        # dates
        "day_that_does_not_exist.csv": one(day="31/06/2023"),
        "day_and_month_swapped.csv": one(day="06/12/2023"),
        "day_in_american_order.csv": one(day="06/13/2023"),
        "day_in_another_form.csv": one(day="2023.06.12"),
        "day_left_empty.csv": one(day=""),
        "day_in_words.csv": one(day="hôm qua"),
        "day_in_the_future.csv": one(day="28/06/2023"),
        "day_before_the_campaign.csv": one(day="12/06/2019"),
        "day_as_a_serial_number.xlsx": workbook(_date_serial),
        "day_with_two_digits_for_the_year.csv": one(day="12/06/23"),
        # numbers
        "number_with_about_before_it.csv": one(received="khoảng 120"),
        "number_with_a_unit_after_it.csv": one(received="120 hồ sơ"),
        "number_with_the_letter_o.csv": one(received="12O"),
        "number_in_words.csv": one(received="một trăm hai mươi"),
        "number_as_a_fraction_of_the_target.csv": one(received="120/150"),
        "number_with_a_percent_sign.csv": one(received="95%"),
        "number_with_a_plus.csv": one(received="100+20"),
        "number_in_scientific_form.csv": one(received="1,2E+02"),
        "number_infinite.csv": one(received="inf"),
        "number_that_is_none.csv": one(received="NaN"),
        "number_with_forty_digits.csv": one(received="9" * 40),
        "number_negative.csv": one(received="-120", activated="0"),
        "number_with_a_half.csv": one(received="120,5"),
        "number_with_points_and_commas_mixed.csv": one(received="1,234.567,8"),
        "number_left_empty.csv": one(received=""),
        "number_as_a_dash.csv": one(received="-"),
        "number_of_arabic_digits.csv": one(received="١٢٠"),
        "part_above_its_whole.csv": one(activated="150"),
        "error_cell.xlsx": workbook(_error_cell),
        "formula_without_its_value.xlsx": _without_results(workbook(_formula_without_value)),
        "figures_in_a_hidden_row.xlsx": workbook(_hidden_row),
        "figures_in_a_hidden_column.xlsx": workbook(_hidden_column),
        "figures_in_merged_cells.xlsx": workbook(_merged),
        "figures_on_two_sheets.xlsx": workbook(_two_sheets),
        # rows
        "row_twice.csv": table(GOOD, GOOD),
        "rows_that_contradict.csv": table(GOOD, row(received="125")),
        "row_with_a_cell_too_many.csv": table([*GOOD, "thừa"], OTHER),
        "row_with_cells_missing.csv": table(GOOD[:3], OTHER),
        "line_break_inside_a_row.csv": table(row(name="Quận Hồng\nBàng"), OTHER),
        "signed_by_a_deputy.csv": one(role="Phó Trưởng Công an"),
        # text
        "names_as_mojibake.csv": one(code="", name=_mojibake("Quận Hồng Bàng")),
        "names_in_a_legacy_font.csv": table(row(code="", name="@")).replace(b"@", _tcvn3("Quận Hồng Bàng")),
        "names_decomposed.csv": one(name=unicodedata.normalize("NFD", "Quận Hồng Bàng")),
        "names_without_diacritics_of_no_unit.csv": one(code="", name="Quan Hong Banh"),
        "formula_in_a_name.csv": one(name='=HYPERLINK("http://example.org")'),
        "command_in_a_name.csv": one(name="=cmd|' /C calc'!A0"),
        "script_in_a_name.csv": one(name="<script>alert(1)</script>"),
        "very_long_cell.csv": one(name="Quận " + "a" * 40_000),
        # personal data where only counts belong
        "citizen_number_in_a_name.csv": one(name="Nguyễn Văn A 031095001234"),
        "citizen_number_as_a_count.csv": one(received="031095001234"),
        "citizen_number_typed_as_a_number.xlsx": workbook(_citizen_number_typed),
        "phone_number_in_a_name.csv": one(role="Trưởng Công an, ĐT 0912 345 678"),
        "mail_address_in_a_cell.csv": one(role="nguyen.van.a@example.org"),
        "citizen_number_in_a_column_of_its_own.csv": table([*GOOD, "031095001234"], headings=[*HEADINGS, "Số CCCD"]),
    }


def main() -> None:
    """Write the files that are not there or differ."""
    FILES.mkdir(exist_ok=True)
    for name, content in corpus().items():
        path = FILES / name
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)


if __name__ == "__main__":
    main()
