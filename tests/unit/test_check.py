"""A file can be judged without being sent: same words as a run, and nothing is kept."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result
from sender_trial import DAY, NOON, SOURCE, Trial, csv, opened, workbook

from pipeline.check import check, source_of
from publishers.receipts import store
from tiendo.cli import cli
from tiendo.cli.senders import NOT_ACCEPTED
from tiendo.errors import NotFoundError, TiendoError
from tiendo.settings import ROOT

pytestmark = pytest.mark.slow

SCHEMA = json.loads((ROOT / "docs" / "receipt.schema.json").read_text(encoding="utf-8"))
BAD = csv("001;13/06/2023;12;3", "777;13/06/2023;5;5", "002;13/06/2023;khoảng 5;5")


def judged(trial: Trial, file: Path, **options: object) -> list[dict]:
    with check(trial.settings, trial.campaign, file, **({"at": NOON} | options)) as found:
        for each in found:
            jsonschema.validate(each.document, SCHEMA)
            assert each.bytes_path.is_file()
        return [each.document for each in found]


def run(trial: Trial, *args: str) -> Result:
    places = ["--home", str(trial.settings.home), "--campaigns", str(trial.settings.campaigns[0])]
    return CliRunner().invoke(cli, [*args, *places])


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def outside(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_a_check_says_what_the_receipt_says_and_leaves_no_trace(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    trial.put("first.csv", csv("001;12/06/2023;10;2"))
    trial.take_in(NOON - timedelta(days=1))
    before = everything(tmp_path)
    file = outside(tmp_path, "a.csv", csv("001;13/06/2023;9;3", "777;13/06/2023;5;5", "002;13/06/2023;khoảng 5;5"))
    (trial_said,) = judged(trial, file)
    assert everything(tmp_path) == before | {"a.csv": file.read_bytes()}
    trial.put("a.csv", file.read_bytes())
    trial.take_in()
    store.write_missing(trial.settings, trial.campaign)
    receipt = next(
        document
        for path in store.receipts_folder(trial.settings, "trial").glob("*/receipt.json")
        if (document := json.loads(path.read_bytes()))["file"]["file_name"] == "a.csv"
    )
    assert {f["rule_id"] for f in trial_said["findings"]["listed"]} == {"cumulative_fall", "unknown_unit", "unparsable_number"}
    differs = {"is_landed", "batch_id"}
    assert {k: v for k, v in trial_said.items() if k not in differs} == {k: v for k, v in receipt.items() if k not in differs}


def test_history_is_what_had_arrived_by_then(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    trial.put("first.csv", csv("001;12/06/2023;10;2"))
    trial.take_in(NOON)
    file = outside(tmp_path, "a.csv", csv("001;13/06/2023;9;1"))
    assert [d["verdict"] for d in judged(trial, file, at=NOON + timedelta(minutes=1))] == ["held"]
    assert [d["verdict"] for d in judged(trial, file, at=NOON - timedelta(minutes=1))] == ["accepted"]


def test_a_file_that_was_taken_in_is_a_duplicate_and_going_back_to_an_older_one_is_not(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    one, two = csv("001;13/06/2023;12;3"), csv("001;13/06/2023;13;3")
    trial.put("a.csv", one)
    trial.take_in()
    assert [d["verdict"] for d in judged(trial, outside(tmp_path, "a.csv", one), at=NOON + timedelta(minutes=1))] == ["duplicate"]
    trial.put("a.csv", two)
    trial.take_in(NOON + timedelta(minutes=2))
    (back,) = judged(trial, outside(tmp_path, "a.csv", one), at=NOON + timedelta(minutes=3))
    assert (back["verdict"], back["file"]["status"]) == ("accepted", "read")


def test_members_of_an_archive_are_judged_one_by_one(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tot.csv", csv("001;13/06/2023;12;3"))
        archive.writestr("xau.csv", BAD)
    found = judged(Trial(tmp_path), outside(tmp_path, "goi.zip", packed.getvalue()))
    assert {d["file"]["file_name"]: d["verdict"] for d in found} == {"tot.csv": "accepted", "xau.csv": "rejected"}
    assert {d["file"]["container_name"] for d in found} == {"goi.zip"}


def test_a_damaged_archive_gets_its_file_rule(tmp_path: Path) -> None:
    (got,) = judged(Trial(tmp_path), outside(tmp_path, "goi.zip", b"PK\x03\x04 cut"))
    assert (got["verdict"], got["file"]["status"]) == ("rejected", "unreadable")
    assert got["findings"]["listed"][0]["rule_id"] in {"truncated_archive", "unreadable_archive"}


def test_the_source_is_the_one_that_fits_else_it_is_asked_for(tmp_path: Path) -> None:
    named = [SOURCE | {"id": "sang", "members": "sang_*"}, SOURCE | {"id": "chieu", "members": "chieu_*"}]
    campaign = Trial(tmp_path, sources=named).campaign
    assert source_of(campaign, Path("chieu_1.csv"), None).id == "chieu"
    assert source_of(campaign, Path("chieu_1.csv"), "sang").id == "sang"
    with pytest.raises(NotFoundError, match=r"fits no source by its name\. Say which with --source\. Allowed: sang, chieu"):
        source_of(campaign, Path("toi_1.csv"), None)
    with pytest.raises(NotFoundError, match="no source 'toi'"):
        source_of(campaign, Path("chieu_1.csv"), "toi")


def test_a_name_that_the_source_does_not_take_is_an_error_and_no_verdict(tmp_path: Path) -> None:
    trial = Trial(tmp_path, source={"members": "*.xlsx"})
    with pytest.raises(TiendoError, match=r"source 'reports' takes no file of that name \(members: \*\.xlsx\)"):
        judged(trial, outside(tmp_path, "a.csv", BAD))


def test_the_command_prints_the_verdict_and_its_exit_code_says_it_too(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    good = run(
        trial, "check", str(outside(tmp_path, "a.csv", csv("001;13/06/2023;12;3"))), "--campaign", "trial", "--at", "2023-06-13T12:00"
    )
    assert good.exit_code == 0
    assert good.output.startswith("ĐƯỢC CHẤP NHẬN (kiểm tra thử, chưa gửi)\n1 dòng = 1 được chấp nhận")
    assert "Hạn nộp 17:00 ngày 13/06/2023: còn 5 giờ." in good.output
    late = run(
        trial, "check", str(outside(tmp_path, "b.csv", BAD)), "--campaign", "trial", "--at", "2023-06-13T18:00", "--lang", "en", "--json",
        "--sender", "Xã Một",
    )  # fmt: skip
    assert late.exit_code == NOT_ACCEPTED
    (document,) = json.loads(late.output)
    assert (document["verdict"], document["sender"], document["slots"][0]["standing"]) == ("rejected", "Xã Một", "late")
    assert not trial.settings.home.exists()


def test_the_command_writes_the_marked_workbook_where_it_is_told_to(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    file, out = outside(tmp_path, "a.xlsx", workbook([["777", DAY, 5, 5]])), tmp_path / "ket_qua.xlsx"
    done = run(trial, "check", str(file), "--campaign", "trial", "--at", "2023-06-13T12:00", "--xlsx", str(out))
    assert done.exit_code == NOT_ACCEPTED
    assert "Tệp có đánh dấu ô sai: ket_qua.xlsx" in done.output
    assert opened(out)["Báo cáo"]["A2"].comment.text.startswith("unknown_unit: Dòng 2")


def test_on_the_sender_s_own_machine_personal_data_is_marked_and_not_repeated(tmp_path: Path) -> None:
    trial, person = Trial(tmp_path), "031095001234"
    headings = ["Mã xã", "Ngày", "Đã thu nhận", "Đã kích hoạt", "Ghi chú"]
    file, out = outside(tmp_path, "a.xlsx", workbook([["001", DAY, 5, 5, f"CCCD {person}"]], headings=headings)), tmp_path / "out.xlsx"
    done = run(trial, "check", str(file), "--campaign", "trial", "--at", "2023-06-13T12:00", "--xlsx", str(out))
    cell = opened(out)["Báo cáo"]["E2"]
    assert cell.value == f"CCCD {person}"  # their own file
    assert cell.comment.text.startswith("personal_data: ")
    assert person not in cell.comment.text + done.output


def test_a_name_that_does_not_say_what_the_source_reads_from_names_is_told_as_a_collection_would_take_it(tmp_path: Path) -> None:
    named = {"as_of": None, "as_of_from": "file_name", "file_name": r"^(?P<sender>[a-z]+)_(?P<as_of>\d{8})\.csv$"}
    trial = Trial(tmp_path, source=named)
    good, bad = (
        outside(tmp_path, name, csv("001;12;3", headings=["Mã xã", "Đã thu nhận", "Đã kích hoạt"]))
        for name in ("an_20230613.csv", "an.csv")
    )
    with check(trial.settings, trial.campaign, good, at=NOON) as found:
        assert [(each.document["verdict"], each.unread) for each in found] == [("accepted", ())]
    with check(trial.settings, trial.campaign, bad, at=NOON) as found:
        assert [(each.document["verdict"], each.unread) for each in found] == [("rejected", ("as_of", "sender"))]
    said = run(trial, "check", str(bad), "--campaign", "trial", "--at", "2023-06-13T12:00")
    assert "an.csv: tên tệp không theo mẫu của nguồn 'reports'. Khi thu thập, tệp vẫn được lấy vào nhưng không biết: " in said.stderr
    assert "không biết: ngày của số liệu, người gửi." in said.stderr
    assert said.exit_code == NOT_ACCEPTED


def test_a_file_that_the_source_s_path_would_not_find_is_an_error_and_no_verdict(tmp_path: Path) -> None:
    trial = Trial(tmp_path, source={"path": "inbox/bc_*.csv"})
    with pytest.raises(TiendoError, match=r"source 'reports' takes no file of that name \(path: inbox/bc_\*\.csv\)"):
        judged(trial, outside(tmp_path, "a.csv", BAD))
