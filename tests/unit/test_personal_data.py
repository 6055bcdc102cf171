"""Personal data in any cell of any column: hidden, marked, its row judged no further. All numbers here are made up."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from landing_trial import Trial
from reading_trial import HEADING, landed, read, read_receipts, workbook

from loaders.personal_data import hidden
from loaders.restricted import set_apart
from loaders.store import bytes_path, restricted_path, store
from tiendo.settings import Settings

CITIZEN = "031099004217"


def found(parsed: Any) -> list[tuple[Any, ...]]:
    return parsed.all("select row_number, column_name, raw_text from marks where mark = 'personal_data' order by all")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (CITIZEN, "••••••••••••"), ("031 099 004 217", "••••••••••••"), ("031.099.004.217", "••••••••••••"), ("CCCD:031099004217;x", None),
        ("０３１０９９００４２１７", "••••••••••••"), ("031099\u200b004217", "••••••••••••"),
        ("CMND 031234567", "CMND •••••••••"),
        ("031234567", "•••••••••"), ("2345 6789 0123", "••••••••••••"), ("234567890125", "•••••••••"),
        ("4111 1111 1111 1111", "••••••••••••"),
        ("GD4797931234567", "••••••••••••"), ("0912345678", "••••••••••"),
        ("0912.345.678", "••••••••••"), ("091 234 5678", "••••••••••"),
        ("+84 912 345 678", "••••••••••"), ("+84912345678", "••••••••••"), ("84912345678", "••••••••••"),
        ("Lan: 0987-654-321", "Lan: ••••••••••"),
        ("a.b@c.gov.vn", "•••@•••"),
    ],
)  # fmt: skip
def test_personal_data_in_a_column_that_nobody_reads_is_hidden(tmp_path: Path, cell: str, shown: str | None) -> None:
    parsed = read(tmp_path, f'{HEADING};Ghi chú\n303;13/06/2023;5;1;"{cell}"\n')
    (mark,) = found(parsed)
    assert mark[:2] == (2, "Ghi chú")
    assert shown is None or mark[2] == shown
    assert cell not in mark[2]
    assert parsed.all("select fault_rule, unit_code from rows") == [("personal_data", "303")]
    assert parsed.one("select has_personal_data from files") is True


@pytest.mark.parametrize(
    "cell",
    ["13/06/2023 17:00", "09.06.2023 12:00", "202306131700", "20230613170000", "1.167.685.000", "-1.234.567", "0,912345678", "20.8449115",
     "QĐ 1234/2023/UBND", "000.00.00.H24-230613-0001", "Quyển 12, số 345678", "123456789", "12345", "310990012000", "1686650000123"],
)  # fmt: skip
def test_what_only_looks_like_it_is_let_be(tmp_path: Path, cell: str) -> None:
    assert found(read(tmp_path, f"{HEADING};Ghi chú\n303;13/06/2023;5;1;{cell}\n")) == []


@pytest.mark.parametrize("number", ["999999999", "912345678", "1.167.685", "1500000000", "0", "84"])
def test_a_plausible_count_is_never_taken_for_a_person(tmp_path: Path, number: str) -> None:
    parsed = read(tmp_path, f"{HEADING}\n303;13/06/2023;{number};1\n311;13/06/2023;5;1\n")
    assert found(parsed) == []
    assert parsed.one("select count(*) from cells where cell in ('value', 'zero')") == 4


@pytest.mark.parametrize("number", [CITIZEN, "123456789012", "31099004217", "0912345678", "84912345678"])
def test_a_citizens_number_in_a_column_of_counts_is_found(tmp_path: Path, number: str) -> None:
    parsed = read(tmp_path, f"{HEADING}\n303;13/06/2023;{number};1\n311;13/06/2023;5;1\n")
    assert [mark[:2] for mark in found(parsed)] == [(2, "Đã thu nhận")]
    assert number not in str(parsed.all("select * from cells")) + str(parsed.all("select * from rows"))


def test_counts_of_a_column_that_is_as_large_throughout_are_counts(tmp_path: Path) -> None:
    rows = "".join(f"303;{day}/06/2023;{900_000_000 + day};1\n" for day in range(10, 20))
    assert found(read(tmp_path, f"{HEADING}\n{rows}303;20/06/2023;31099004217;1\n")) == []


def test_numbers_typed_in_a_workbook_are_found_by_their_size_or_their_heading(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, [*HEADING.split(";"), "Số CCCD", "Kinh phí"])
        sheet.write_row(1, 0, ["303", "13/06/2023", 31099004217, 1, "", 310990012340000])
        sheet.write_row(2, 0, ["311", "13/06/2023", 5, 1, 31099004217, 31099004217])

    assert [mark[:2] for mark in found(read(tmp_path, workbook(fill), name="a.xlsx"))] == [(2, "Đã thu nhận"), (3, "Số CCCD")]


def test_a_registered_code_is_nobodys_number(tmp_path: Path) -> None:
    units = f"unit_code,unit_name,level,parent_code\n31,Hải Phòng,city,\n{CITIZEN},Quận Hồng Bàng,district,31\n"
    parsed = read(tmp_path, f"{HEADING}\n{CITIZEN};13/06/2023;5;1\n031099004218;13/06/2023;5;1\n", units=units)
    assert [mark[:2] for mark in found(parsed)] == [(3, "Mã đơn vị")]


def test_a_line_that_is_no_row_is_hidden_whole(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"{HEADING}\n303;13/06/2023;5;1;Nguyễn Văn A;{CITIZEN}\n{HEADING.replace('Mã', '303')}\n")
    assert parsed.all("select fault_rule, fault_text from rows where row_number = 2") == [("row_unreadable", "•••")]


def test_a_sender_may_be_known_by_an_address_but_not_by_a_citizens_number(tmp_path: Path) -> None:
    rows = f"303;13/06/2023;5;1;lan@haiphong.gov.vn\n311;13/06/2023;5;1;Lan {CITIZEN}\n"
    parsed = read(tmp_path, f"{HEADING};Người gửi\n{rows}", sender="Người gửi")
    assert found(parsed) == [(3, "Người gửi", "Lan ••••••••••••")]


def test_the_offices_own_telephone_above_the_table_is_no_personal_data_and_a_citizens_number_is(tmp_path: Path) -> None:
    assert read(tmp_path, f"ĐT: 0912345678\n{HEADING}\n303;13/06/2023;5;1\n").all("select mark from marks") == []
    parsed = read(tmp_path, f"Người lập: CCCD {CITIZEN}\n{HEADING}\n303;13/06/2023;5;1\n", name="b.csv")
    assert parsed.all("select mark, reach from marks") == [("personal_data_in_name", "file")]


def test_what_a_file_that_is_no_report_holds_is_not_told(tmp_path: Path) -> None:
    parsed = read(tmp_path, f"Họ tên;Số\nA;{CITIZEN}\n{CITIZEN};x\n")
    assert CITIZEN not in parsed.failure[1]
    assert parsed.one("select has_personal_data from files") is True


def test_bytes_are_moved_apart_once_and_found_where_they_are(tmp_path: Path) -> None:
    content = f"{HEADING};Ghi chú\n303;13/06/2023;5;1;{CITIZEN}\n".encode()
    receipts, settings = [landed(tmp_path, content)], Settings(tmp_path / "home", ())
    sha256 = receipts[0]["sha256"]
    first = read_receipts(tmp_path, receipts)
    assert [set_apart(settings, receipts, first.folder) for _ in range(2)] == [1, 0]
    assert bytes_path(settings, sha256) == restricted_path(settings, sha256)
    assert bytes_path(settings, sha256).read_bytes() == content
    kept = restricted_path(settings, sha256)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (kept, kept.parent)] == [0o600, 0o700]
    with bytes_path(settings, sha256).open("rb") as again:
        assert store(settings, again).path == restricted_path(settings, sha256)
    assert not (tmp_path / "home" / "landing" / "bytes" / sha256[:2] / sha256).exists()
    assert read_receipts(tmp_path, receipts).one("select status from files") == "read"


def test_a_file_name_with_a_citizens_number_is_written_nowhere_but_apart(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    trial.put(f"{CITIZEN}.csv", b"code,date,done\n1,2023-06-13,5\n")
    trial.put("031099004218.csv", b"code,date,done\n2,2023-06-13,6\n")
    trial.land()
    assert trial.land().new == 0
    written = [path for path in trial.settings.landing.rglob("*") if path.is_file()]
    holders = [path for path in written if CITIZEN in path.name or CITIZEN.encode() in path.read_bytes()]
    assert [path.parent.name for path in holders] == ["names"]
    assert stat.S_IMODE(holders[0].stat().st_mode) == 0o600
    assert len(list(trial.settings.landing.glob("receipts/*/*.json"))) == 2


def test_hiding_leaves_times_and_counts_in_a_text_as_they_are() -> None:
    said = "bao_cao_202306131700.csv 1.167.685 dòng, ngày 13/06/2023"
    assert hidden(said) == said
