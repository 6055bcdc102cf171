"""Digests of the newest closed slot, and the ledger that keeps a re-run from sending twice."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

from publishers.marts_export import export_marts
from publishers.notify import LIMIT, due_messages, mark_sent, record_sent, sent, slot_messages, unsent
from tiendo.settings import Settings

make_warehouse = runpy.run_path(str(Path(__file__).with_name("publish_trial.py")))["make_warehouse"]

MANY = """
insert into marts.dim_unit by name select 'trial' as campaign_id, 'x' || i as unit_code, 'Xã Hòa Bình số ' || i as unit_name,
  'district' as level,
  'unit' as kind from range(2000) t(i);
insert into marts.fct_slot_status by name select * exclude (i) replace ('x' || i as unit_code) from marts.fct_slot_status, range(2000) t(i)
  where unit_code = '303' and slot_date = '2023-06-13';
"""


def published(folder: Path, also: str = "") -> Settings:
    settings = Settings(home=folder / "home", campaigns=())
    build = settings.builds / "b1"
    build.mkdir(parents=True)
    export_marts(make_warehouse(settings.warehouse / "warehouse.duckdb", also=also), build)
    os.symlink("builds/b1", settings.published)
    return settings


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("notify")).published / "marts.duckdb"


def test_late_missing_and_invalid_units_are_three_messages_about_the_newest_closed_slot(marts: Path) -> None:
    messages = slot_messages(marts, "trial")
    assert [(message.key, message.unit_codes) for message in messages] == [
        ("trial|daily/2023-06-13|missing", ("303",)),
        ("trial|daily/2023-06-13|invalid", ("309",)),
        ("trial|daily/2023-06-13|late", ("302", "305")),  # 95 minutes, then 12
    ]
    missing, invalid, late = messages
    assert late.body_vi.splitlines() == [
        "Kích hoạt tài khoản định danh: 2 đơn vị báo cáo muộn, kỳ 17:00 13/06/2023",
        "(Số liệu mô phỏng)",
        "- Quận Ngô Quyền: muộn 95 phút",
        "- Quận Kiến An: muộn 12 phút",
        "Báo cáo đã nhận. Các kỳ sau đề nghị gửi trước hạn nộp.",
        "Liên hệ: đầu mối tổng hợp của chiến dịch",
    ]
    assert "- Huyện An Dương: The cumulative figure fell from 4,100 to 3,900" in invalid.body_en
    assert missing.subject_en == "Activation of identity accounts: missing reports: 1, slot 13 Jun 2023, 17:00"
    for message in messages:
        others = {"303", "309", "302", "305"} - set(message.unit_codes)
        names = {"303": "Lê Chân", "309": "An Dương", "302": "Ngô Quyền", "305": "Kiến An"}
        assert not [code for code in others if names[code] in message.text("vi") + message.text("en")]


def test_an_exempt_unit_and_a_unit_that_does_not_owe_are_in_no_message(tmp_path: Path) -> None:
    settings = published(tmp_path, "update marts.fct_slot_status set is_owed = false where unit_code = '303'")
    codes = [code for message in slot_messages(settings.published / "marts.duckdb", "trial") for code in message.unit_codes]
    assert sorted(codes) == ["302", "305", "309"]


def test_two_thousand_silent_units_fit_a_chat_and_the_rest_is_counted(tmp_path: Path) -> None:
    settings = published(tmp_path, MANY)
    message = slot_messages(settings.published / "marts.duckdb", "trial", contact="Nguyễn Văn A, 0900 000 000")[0]
    assert len(message.unit_codes) == 2001
    for language in ("vi", "en"):
        text = message.text(language)
        assert 1500 < len(text) <= LIMIT
        assert "Nguyễn Văn A, 0900 000 000" in text.splitlines()[-1]
    listed = [line for line in message.body_vi.splitlines() if line.startswith("- ")]
    left = f"{2001 - len(listed):,}".replace(",", ".")
    assert f"… và {left} đơn vị khác, xem trang của chiến dịch." in message.body_vi.splitlines()


def test_names_cannot_break_the_lines_or_call_people_in_a_chat(tmp_path: Path) -> None:
    bad = "Xã\n@all <script>\x07 =cmd()"
    settings = published(tmp_path, f"update marts.dim_unit set unit_name = '{bad}' where unit_code = '303'")
    message = slot_messages(settings.published / "marts.duckdb", "trial")[0]
    assert "- Xã ＠all ‹script› =cmd()" in message.body_vi.splitlines()


def test_a_campaign_without_slots_and_a_home_without_publication_have_no_messages(tmp_path: Path) -> None:
    settings = published(tmp_path, "delete from marts.dim_slot")
    assert slot_messages(settings.published / "marts.duckdb", "trial") == []
    assert slot_messages(settings.published / "marts.duckdb", "unknown") == []
    assert due_messages(Settings(home=tmp_path / "nothing", campaigns=()), "trial") == []


def test_what_was_sent_is_not_due_again_and_what_was_not_stays_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIENDO_NOW", "2023-06-13T17:01:00+07:00")
    settings = published(tmp_path)
    due = due_messages(settings, "trial")
    assert len(due) == 3
    mark_sent(settings, due[:2], "log")
    assert [message.kind for message in due_messages(settings, "trial")] == ["late"]
    assert [message.kind for message in due_messages(settings, "trial", channel="log")] == ["late"]
    assert len(due_messages(settings, "trial", channel="mail")) == 3
    mark_sent(settings, due, "mail")
    assert due_messages(settings, "trial", channel="mail") == []
    assert [(record["channel"], record["kind"], record["sent_at"]) for record in sent(settings, "trial")][:2] == [
        ("log", "invalid", "2023-06-13T10:01:00+00:00"), ("mail", "invalid", "2023-06-13T10:01:00+00:00"),
    ]  # fmt: skip


def test_the_ledger_only_grows_and_keeps_the_first_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = published(tmp_path)
    messages = slot_messages(settings.published / "marts.duckdb", "trial")
    monkeypatch.setenv("TIENDO_NOW", "2023-06-13T10:01:00+00:00")
    record_sent(settings, messages, "log")
    folder = settings.lake / "notifications" / "campaign_id=trial"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setenv("TIENDO_NOW", "2023-06-14T10:01:00+00:00")
    record_sent(settings, messages, "log")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before and len(before) == 3
    assert unsent(settings, messages, "log") == []
