"""Every file received is answered: what a receipt says, that it adds up, that it can be made again."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import jsonschema
import openpyxl
import pytest
from click.testing import CliRunner, Result
from openpyxl.comments import Comment
from openpyxl.styles import Font
from sender_trial import DAY, HEADINGS, NOON, Trial, csv, opened, workbook

from publishers.receipts import store
from publishers.receipts.text import CHAT, render, span
from publishers.receipts.workbook import MAX_ROWS
from tiendo.cli import cli
from tiendo.errors import NotFoundError
from tiendo.settings import ROOT

PERSON = "031095001234"
SCHEMA = json.loads((ROOT / "docs" / "receipt.schema.json").read_text(encoding="utf-8"))


def receipts(trial: Trial) -> dict[str, dict]:
    """Receipt by file name, each checked against the documented schema."""
    found = {}
    for path in sorted(store.receipts_folder(trial.settings, "trial").glob("*/receipt.json")):
        document = json.loads(path.read_bytes())
        jsonschema.validate(document, SCHEMA)
        rows = document["rows"]
        assert rows["received"] == rows["accepted"] + rows["held"] + rows["rejected"] + rows["duplicate"]
        assert path.parent.name == document["receipt_id"]
        found[document["file"]["file_name"]] = document
    return found


def answer(trial: Trial, name: str, content: bytes, now: datetime = NOON) -> dict:
    """The receipt of one file that came alone."""
    trial.put(name, content)
    trial.take_in(now)
    store.write_missing(trial.settings, trial.campaign)
    return receipts(trial)[name]


def rich_workbook(tmp_path: Path) -> bytes:
    """A sender's workbook with a second sheet, formulas, widths, merged cells, a comment of theirs and text that looks like a formula."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Số liệu"
    sheet.append(["Mã xã", "Ngày", "Đã thu nhận", "Đã kích hoạt", "Ghi chú"])
    sheet.append(["777", DAY, 5, 5, None])
    sheet["E2"].value = "=HYPERLINK(1)"
    sheet["E2"].data_type = "s"
    sheet["A2"].comment = Comment("xem lại mã", "người gửi")
    sheet["A2"].font = Font(bold=True)
    sheet.column_dimensions["B"].width = 33
    other = book.create_sheet("Phụ lục")
    other["A1"], other["A2"], other["A3"] = 2, 3, "=A1+A2"
    other.merge_cells("C1:D2")
    other["C1"] = "ghép"
    other.sheet_properties.tabColor = "00FF00"
    path = tmp_path / "rich.xlsx"
    book.save(path)
    return path.read_bytes()


def macro_workbook() -> bytes:
    plain, made = zipfile.ZipFile(io.BytesIO(workbook([["777", DAY, 5, 5]]))), io.BytesIO()
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    with zipfile.ZipFile(made, "w") as target:
        for name in plain.namelist():
            part = plain.read(name)
            if name == "[Content_Types].xml":
                default = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
                part = part.replace(kind, macro).replace(b"<Default ", default + b"<Default ", 1)
            target.writestr(name, part)
        target.writestr("xl/vbaProject.bin", b"macros as they came")
    return made.getvalue()


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trial, dict[str, dict]]:
    """Files that came together, and their receipts; each says something of its own."""
    folder = tmp_path_factory.mktemp("answered")
    trial = Trial(folder)
    trial.put("good.csv", csv("001;13/06/2023;12;3"))
    trial.put("partly.csv", csv("001;13/06/2023;12;3", "777;13/06/2023;5;5", "002;13/06/2023;khoảng 5;5", "004;13/06/2023;4;9"))
    trial.put("headings.csv", b"Ma;So\r\n001;5\r\n")
    trial.put("long.csv", csv(*(f"9{n:04};13/06/2023;1;1" for n in range(1500))))
    trial.put("rich.xlsx", rich_workbook(folder))
    trial.put("macros.xlsm", macro_workbook())
    trial.put("person.xlsx", workbook([["001", DAY, 5, 5, f"CCCD {PERSON}"]], headings=[*HEADINGS, "Ghi chú"]))
    trial.take_in()
    store.write_missing(trial.settings, trial.campaign)
    return trial, receipts(trial)


def test_a_good_file_is_accepted_with_the_time_that_was_left(answered: tuple[Trial, dict[str, dict]]) -> None:
    got = answered[1]["good.csv"]
    assert (got["verdict"], got["is_partial"]) == ("accepted", False)
    assert got["rows"] == {"received": 1, "accepted": 1, "held": 0, "rejected": 0, "duplicate": 0}
    assert [(u["unit_code"], u["unit_name"], u["lane"]) for u in got["units"]["listed"]] == [("001", "Xã Một", "accepted")]
    assert got["findings"] == {"count": 0, "by_rule": [], "listed": []}
    (slot,) = got["slots"]
    assert (slot["slot_id"], slot["standing"], slot["minutes_left"], slot["units"]) == ("daily/2023-06-13", "in_time", 300, 1)
    assert {t["indicator_id"]: t["accepted"] for t in got["totals"]} == {"received": 12, "activated": 3}


def test_the_time_left_is_by_our_clock_and_grace_counts(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    cases = {
        "10:00:00": ("in_time", 0, "còn 0 phút"),
        "10:00:01": ("in_grace", -1, "còn trong thời gian gia hạn"),
        "10:10:00": ("in_grace", -10, "còn trong thời gian gia hạn"),
        "10:10:01": ("late", -11, "đã qua 11 phút"),
    }
    for n, clock in enumerate(cases):
        trial.put(f"{clock}.csv", csv(f"001;13/06/2023;{12 + n};3"))
        trial.land(datetime.fromisoformat(f"2023-06-13T{clock}+00:00"))
    trial.take_in(NOON + timedelta(hours=6))
    store.write_missing(trial.settings, trial.campaign)
    got = receipts(trial)
    for clock, (standing, left, words) in cases.items():
        (slot,) = got[f"{clock}.csv"]["slots"]
        assert (slot["standing"], slot["minutes_left"]) == (standing, left)
        assert words in render(got[f"{clock}.csv"], "vi")


def test_a_file_that_is_partly_wrong_says_where_and_how_to_mend_it_and_that_the_rest_counts(
    answered: tuple[Trial, dict[str, dict]],
) -> None:
    got = answered[1]["partly.csv"]
    assert (got["verdict"], got["is_partial"]) == ("rejected", True)
    assert got["rows"] == {"received": 4, "accepted": 1, "held": 1, "rejected": 2, "duplicate": 0}
    told = [(f["effect"], f["rule_id"], f["place"]["row"], f["place"]["column"], f["found"]) for f in got["findings"]["listed"]]
    assert told[:2] == [
        ("reject", "unknown_unit", 3, None, "777"), ("reject", "unparsable_number", 4, "Đã thu nhận", "khoảng 5"),
    ]  # fmt: skip
    assert ("hold", "part_exceeds_whole", 5) in [t[:3] for t in told]
    text = render(got, "vi")
    assert text.startswith("BỊ LOẠI MỘT PHẦN\n4 dòng = 1 được chấp nhận + 1 bị treo + 2 bị loại + 0 trùng\nTệp: partly.csv\n")
    assert "dòng 4, cột “Đã thu nhận”, ghi “khoảng 5”, unparsable_number" in text
    assert "→ Xin ghi Thu nhận của Xã Hai (002) bằng chữ số" in text
    assert "gửi lại cả tệp không bị tính hai lần" in text
    assert "Hạn nộp 17:00 ngày 13/06/2023: còn 5 giờ." in text
    assert "REJECTED IN PART" in render(got, "en")


def test_a_file_that_cannot_be_read_gets_its_rule_s_words_and_the_next_cutoff(answered: tuple[Trial, dict[str, dict]]) -> None:
    got = answered[1]["headings.csv"]
    assert (got["verdict"], got["rows"]["received"], got["file"]["status"]) == ("rejected", 0, "unreadable")
    assert [f["rule_id"] for f in got["findings"]["listed"]] == ["missing_heading"]
    assert got["slots"][0]["slot_id"] == "daily/2023-06-13"
    text = render(got, "vi")
    assert "BỊ LOẠI: không đọc được tệp" in text
    assert "Xin dùng đúng tiêu đề của biểu mẫu" in text


def test_a_file_sent_again_is_told_that_it_is_known(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    answer(trial, "a.csv", csv("001;13/06/2023;12;3"))
    got = answer(trial, "b.csv", csv("001;13/06/2023;12;3"), NOON + timedelta(minutes=5))
    assert (got["verdict"], got["rows"]["duplicate"]) == ("duplicate", 1)
    assert render(got, "vi").startswith("TRÙNG")


def test_a_long_list_is_cut_with_a_count_of_the_rest_and_fits_into_one_message(answered: tuple[Trial, dict[str, dict]]) -> None:
    got = answered[1]["long.csv"]
    assert (got["findings"]["count"], len(got["findings"]["listed"])) == (1500, 1000)
    assert {row["rule_id"]: row["count"] for row in got["findings"]["by_rule"]} == {"unknown_unit": 1500}
    text = render(got, "vi")
    shown = text.count(", unknown_unit\n")
    assert 0 < shown < 20
    assert f"Còn {1500 - shown:,} phát hiện".replace(",", ".") in text
    assert len(text) <= CHAT
    assert text.rstrip().endswith(got["receipt_id"])


def test_shadow_findings_are_not_told_and_waived_ones_are_notes(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    trial.put("a.csv", csv("001;13/06/2023;12;30", "002;13/06/2023;5;x"))
    batch = trial.take_in()
    path = trial.settings.lake / "findings" / "campaign_id=trial" / f"{batch}.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            """CREATE TABLE f AS SELECT * REPLACE (
                   'none' AS effect, CASE rule_id WHEN 'part_exceeds_whole' THEN 'waiver' ELSE 'shadow' END AS effect_reason)
               FROM read_parquet($1)""",
            [str(path)],
        )
        connection.execute(f"COPY f TO '{path}' (FORMAT parquet)")
    store.write_missing(trial.settings, trial.campaign)
    got = receipts(trial)["a.csv"]
    assert got["findings"]["count"] == 0
    assert [note["rule_id"] for note in got["notes"]] == ["part_exceeds_whole"]
    assert "Được miễn trừ, không ảnh hưởng: part_exceeds_whole" in render(got, "vi")


def test_receipts_are_whole_made_up_after_a_kill_and_the_same_when_rebuilt(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    trial.put("a.xlsx", workbook([["777", DAY, 5, 5]]))
    trial.put("b.csv", csv("001;13/06/2023;12;3"))
    trial.take_in()
    folder = store.receipts_folder(trial.settings, "trial")
    assert store.write_missing(trial.settings, trial.campaign) == 2
    first = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
    assert {path.name for path in first} == {"receipt.json", "receipt.vi.txt", "receipt.en.txt", "marked.xlsx"}
    assert store.write_missing(trial.settings, trial.campaign) == 0
    lost = next(path.parent for path in folder.glob("*/marked.xlsx"))
    lost.rename(tmp_path / "lost")  # as if the run had been killed before it
    assert store.write_missing(trial.settings, trial.campaign) == 1
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")} == first
    assert store.rebuild(trial.settings, trial.campaign) == 2
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")} == first
    assert not list(trial.settings.scratch.glob("receipts-*"))


def test_a_receipt_is_found_by_file_name_and_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    first = answer(trial, "a.csv", csv("001;13/06/2023;12;3"))
    trial.put("a.csv", csv("001;13/06/2023;13;3"))
    trial.take_in(NOON + timedelta(minutes=5))
    store.write_missing(trial.settings, trial.campaign)
    newest = store.find(trial.settings, "a.csv").name
    assert newest != first["receipt_id"]
    assert store.find(trial.settings, first["receipt_id"][:12]).name == first["receipt_id"]
    with pytest.raises(NotFoundError, match=r"no receipt of 'c\.csv'"):
        store.find(trial.settings, "c.csv")


def marked_of(answered: tuple[Trial, dict[str, dict]], name: str) -> tuple[dict, openpyxl.Workbook, Path]:
    trial, got = answered[0], answered[1][name]
    path = store.receipts_folder(trial.settings, "trial") / got["receipt_id"] / got["workbook"]["name"]
    return got, opened(path), path


def test_the_wrong_cells_of_the_sender_s_workbook_are_marked_with_the_reason(tmp_path: Path) -> None:
    rows = [["777", DAY, 5, 5], ["001", DAY, "khoảng 5", 3], ["002", DAY, 4, 9]]
    trial = Trial(tmp_path)
    got = answer(trial, "marked.xlsx", workbook(rows, ["Báo cáo ngày", ""]))
    _, book, path = marked_of((trial, {"marked.xlsx": got}), "marked.xlsx")
    sheet = book["Báo cáo"]
    comments = {cell.coordinate: cell.comment.text for line in sheet.iter_rows() for cell in line if cell.comment}
    assert {place: text.split(":")[0] for place, text in comments.items()} == {
        "A4": "unknown_unit", "C5": "unparsable_number", "D6": "part_exceeds_whole",
    }  # fmt: skip
    assert "→ Xin sửa mã hoặc tên đơn vị" in comments["A4"]
    assert [sheet[place].fill.fgColor.rgb for place in ("A4", "C5", "D6", "B4")] == ["FFFF9999", "FFFF9999", "FFFFCC80", "00000000"]
    assert [[cell.value for cell in line] for line in sheet.iter_rows(min_row=4)] == rows
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_other_sheets_formats_formulas_and_comments_are_kept_and_text_never_becomes_a_formula(
    answered: tuple[Trial, dict[str, dict]],
) -> None:
    _, book, _ = marked_of(answered, "rich.xlsx")
    sheet, other = book["Số liệu"], book["Phụ lục"]
    assert sheet["A2"].comment.text.startswith("xem lại mã\n\nunknown_unit: ")
    assert sheet["A2"].font.bold
    assert sheet.column_dimensions["B"].width == 33
    assert (sheet["E2"].value, sheet["E2"].data_type) == ("=HYPERLINK(1)", "s")
    assert (other["A3"].value, other["A3"].data_type) == ("=A1+A2", "f")
    assert [str(area) for area in other.merged_cells.ranges] == ["C1:D2"]
    assert other.sheet_properties.tabColor.rgb == "0000FF00"


def test_macros_are_kept_and_never_run(answered: tuple[Trial, dict[str, dict]]) -> None:
    got, _, path = marked_of(answered, "macros.xlsm")
    assert got["workbook"]["name"] == "marked.xlsm"
    assert zipfile.ZipFile(path).read("xl/vbaProject.bin") == b"macros as they came"


def test_a_workbook_that_cannot_be_marked_is_declined_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = Trial(tmp_path)
    monkeypatch.setattr("publishers.receipts.workbook.MAX_ROWS", 1)
    got = answer(trial, "long.xlsx", workbook([["777", DAY, 5, 5], ["778", DAY, 5, 5]]))
    assert got["workbook"]["name"] is None
    assert f"over {MAX_ROWS:,} rows" in got["workbook"]["reason"]
    got = answer(trial, "good.xlsx", workbook([["001", DAY, 5, 5]]), NOON + timedelta(minutes=1))
    assert got["workbook"] == {"name": None, "reason": "no finding has a place in it"}


def test_personal_data_is_in_no_receipt_and_no_marked_copy_is_made_of_it(answered: tuple[Trial, dict[str, dict]]) -> None:
    trial, got = answered[0], answered[1]["person.xlsx"]
    assert (got["verdict"], got["findings"]["listed"][0]["rule_id"]) == ("rejected", "personal_data")
    assert got["workbook"] == {"name": None, "reason": "it holds personal data, so no copy of it is made: the places are named above"}
    told = list((store.receipts_folder(trial.settings, "trial") / got["receipt_id"]).iterdir())
    assert len(told) == 3
    assert not any(PERSON in path.read_text(encoding="utf-8") for path in told)


def test_the_command_shows_a_receipt_copies_its_workbook_and_makes_all_again(
    answered: tuple[Trial, dict[str, dict]], tmp_path: Path
) -> None:  # fmt: skip
    trial, got = answered

    def run(*args: str) -> Result:
        places = ["--home", str(trial.settings.home), "--campaigns", str(trial.settings.campaigns[0])]
        return CliRunner().invoke(cli, ["receipt", *args, *places])

    assert run("good.csv").output == render(got["good.csv"], "vi")
    assert run(got["good.csv"]["receipt_id"], "--lang", "en").output == render(got["good.csv"], "en")
    assert json.loads(run("good.csv", "--json").output) == got["good.csv"]
    assert run("rich.xlsx", "--xlsx", str(tmp_path / "copy.xlsx")).exit_code == 0
    assert "Số liệu" in opened(tmp_path / "copy.xlsx").sheetnames
    assert isinstance(run("good.csv", "--xlsx", str(tmp_path / "none.xlsx")).exception, NotFoundError)
    assert run("--rebuild", "trial").output.startswith("7 biên nhận: ")
    assert receipts(trial) == got


@pytest.mark.parametrize(
    ("minutes", "vi", "en"), [(0, "0 phút", "0 min"), (59, "59 phút", "59 min"), (142, "2 giờ 22 phút", "2 h 22 min"),
                              (60 * 24 * 3 + 5, "3 ngày 5 phút", "3 d 5 min")],
)  # fmt: skip
def test_a_length_of_time_is_said_in_its_two_largest_units(minutes: int, vi: str, en: str) -> None:
    assert (span(minutes, "vi"), span(minutes, "en")) == (vi, en)
