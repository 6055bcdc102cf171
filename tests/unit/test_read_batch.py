"""One batch: its files, whoever sent them, and what each row takes from its file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from reading_trial import HEADING, landed, read, read_receipts

from tiendo import lake

ROWS = f"{HEADING}\n303;13/06/2023;1;1\n305;13/06/2023;2;2\n"


def test_a_file_seen_again_is_a_duplicate_with_the_rows_of_the_first(tmp_path: Path) -> None:
    first = landed(tmp_path, ROWS)
    again = first | {"receipt_id": "r-2", "status": "seen", "received_at": "2023-06-14T08:00:00+00:00", "file_name": "report (1).csv"}
    parsed = read_receipts(tmp_path, [again, first])
    assert parsed.all("select file_id, status, duplicate_of, rows_received from files order by received_at") == [
        (first["file_id"], "read", None, 2), ("r-2", "duplicate", first["file_id"], 2),
    ]  # fmt: skip
    assert parsed.one("select count(*) from rows") == 2
    assert parsed.one("select any_value(batch_id) from files") == lake.batch_id("20230614T080000Z", [first["file_id"], "r-2"])


def test_a_failure_of_the_landing_stays_the_files_failure(tmp_path: Path) -> None:
    broken = landed(tmp_path, b"x") | {"failure_rule": "truncated_archive", "failure_text": "cut short at byte 17"}
    parsed = read_receipts(tmp_path, [broken, landed(tmp_path, ROWS)])
    assert parsed.failure == ("truncated_archive", "cut short at byte 17")
    assert parsed.one("select sum(rows_received) from files") == 2


def test_a_file_whose_bytes_are_gone_is_one_clear_failure(tmp_path: Path) -> None:
    receipt = landed(tmp_path, ROWS)
    (tmp_path / "home" / "landing" / "bytes" / receipt["sha256"][:2] / receipt["sha256"]).unlink()
    assert read_receipts(tmp_path, [receipt]).failure == ("unreadable_file", "its bytes are not in the landing store any more")


def test_nothing_but_unreadable_files_still_gives_the_four_tables(tmp_path: Path) -> None:
    parsed = read(tmp_path, b"")
    assert [parsed.one(f"select count(*) from {name}") for name in ("files", "rows", "cells", "units")] == [1, 0, 0, 0]


def test_the_time_may_come_from_the_file_name_or_the_arrival_in_the_campaigns_zone(tmp_path: Path) -> None:
    text = "Mã đơn vị;Đã thu nhận\n303;1\n"
    late = landed(tmp_path, text, facts={"as_of": "20230612"}, received_at="2023-06-13T20:00:00+00:00")
    named = read_receipts(tmp_path, [late], as_of=None, as_of_from="file_name", file_name="(?P<as_of>\\d{8})", dates=["%Y%m%d"])
    assert named.one("select as_of from rows") == datetime(2023, 6, 12)
    arrived = read_receipts(tmp_path, [late], as_of=None, as_of_from="received")
    assert arrived.one("select as_of from rows") == datetime(2023, 6, 14)  # 03:00 in Viet Nam


def test_a_whole_file_may_be_of_one_unit_by_code_or_by_name(tmp_path: Path) -> None:
    text = "Ngày;Đã thu nhận\n13/06/2023;1\n"
    by_code = landed(tmp_path, text, facts={"unit": "303", "slot": "daily"})
    by_name = landed(tmp_path, text + "14/06/2023;2\n", facts={"unit": "le chan"})
    parsed = read_receipts(tmp_path, [by_code, by_name], unit={}, file_name="(?P<unit>.+)")
    assert set(parsed.all("select unit_code, unit_match, unit_raw, slot_raw from rows")) == {
        ("303", "code", "303", "daily"),
        ("305", "name", "le chan", None),
    }
    assert read_receipts(tmp_path, [landed(tmp_path, text)], unit={}, unit_code="311").one("select unit_code from rows") == "311"


def test_sender_role_correction_and_arrival_come_from_their_columns(tmp_path: Path) -> None:
    text = f"{HEADING};Người gửi;Chức vụ;Đính chính;Lúc\n303;13/06/2023;1;1;Lan;Phó;x;2023-06-13 18:00\n305;13/06/2023;1;1;;;không;\n"
    received = {"by": "column", "column": "Lúc", "format": "%Y-%m-%d %H:%M", "trusted": True}
    parsed = read(tmp_path, text, sender="Người gửi", sender_role="Chức vụ", correction="Đính chính", received=received)
    assert parsed.all("select sender, sender_role, is_correction, received_at from rows order by row_number") == [
        ("Lan", "Phó", True, datetime(2023, 6, 13, 11, tzinfo=UTC)), ("", None, False, datetime(2023, 6, 13, 10, tzinfo=UTC)),
    ]  # fmt: skip


@pytest.mark.parametrize("written", ["2023-06-13 18:00", "2023-06-13T18:00", "2023-06-13 18:00:00", "2023-06-13T18:00:00"])
def test_an_arrival_without_a_format_is_read_with_t_or_blank_with_or_without_seconds(tmp_path: Path, written: str) -> None:
    received = {"by": "column", "column": "Lúc", "trusted": True}
    parsed = read(tmp_path, f"{HEADING};Lúc\n303;13/06/2023;1;1;{written}\n", received=received)
    assert parsed.one("select received_at from rows") == datetime(2023, 6, 13, 11, tzinfo=UTC)


def test_a_long_layout_gives_one_cell_per_row_and_unknown_names_are_faults(tmp_path: Path) -> None:
    text = "Mã đơn vị;Ngày;Chỉ tiêu;Số\n303;13/06/2023;THU NHẬN;1.500\n303;13/06/2023;kich hoat;20\n303;13/06/2023;Khác;7\n"
    more = {"layout": "long", "indicator": "Chỉ tiêu", "value": "Số", "indicators": {}}
    parsed = read(tmp_path, text, **more)
    assert parsed.figures == [(2, "received", 1500.0), (3, "activated", 20.0)]
    assert parsed.all("select row_number, fault_rule, fault_text from rows where fault_rule is not null") == [
        (4, "unknown_indicator", "Khác")
    ]
    mapped = read(tmp_path, text, **more, indicator_names={"Khác": "activated", "Thu nhận": "received"})
    assert mapped.figures == [(2, "received", 1500.0), (4, "activated", 7.0)]


def test_equal_rows_have_one_key_only_where_rows_add_up(tmp_path: Path) -> None:
    text = f"{HEADING}\n303;13/06/2023;1;1\n303;13/06/2023;1;1\n303;13/06/2023;1;2\n"
    assert read(tmp_path, text, rows="summed").one("select count(distinct row_key) from rows") == 2
    keyed = read(tmp_path, text, rows="summed", row_key=["Mã đơn vị", "Ngày"])
    assert keyed.one("select count(distinct row_key), count(distinct row_hash) from rows") == (1, 2)
    assert read(tmp_path, text).one("select count(row_key), count(distinct row_hash) from rows") == (0, 2)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    receipts = [landed(tmp_path, ROWS), landed(tmp_path, ROWS.replace("303", "311"), name="b.csv")]
    first = read_receipts(tmp_path, receipts)
    before = {path.name: path.read_bytes() for path in first.folder.glob("*.parquet")}
    second = read_receipts(tmp_path, receipts[::-1])
    assert {path.name: path.read_bytes() for path in second.folder.glob("*.parquet")} == before
    assert sorted(before) == ["cells.parquet", "files.parquet", "marks.parquet", "rows.parquet", "units.parquet"]


def test_a_crash_inside_a_reader_is_that_files_failure_with_the_librarys_reason(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def crash(*_: object) -> None:
        raise RuntimeError("inner state\nlost")

    monkeypatch.setattr("loaders.formats.open_xlsx", crash)
    parsed = read_receipts(tmp_path, [landed(tmp_path, b"PK\x03\x04", name="a.xlsx"), landed(tmp_path, ROWS)])
    assert parsed.failure == ("unreadable_file", "inner state lost (RuntimeError)")
    assert parsed.one("select count(*) from rows") == 2
