"""Senders of a campaign: what senders.csv may say, and the role that it lends."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_batches import UNITS, campaign, run_batch, table

from tiendo.campaign import Campaign
from tiendo.errors import CampaignError
from tiendo.senders import load_senders


def listed(folder: Path, text: str) -> Campaign:
    (folder / "senders.csv").write_text(text, encoding="utf-8")
    found = campaign(senders={"file": "senders.csv"}, source={"allowed_roles": ["Trưởng phòng"]})
    found._folder = folder
    return found


def test_a_sender_stands_for_its_unit_and_keeps_the_zeros_of_its_contact(tmp_path: Path) -> None:
    found = load_senders(listed(tmp_path, "sender,unit_code,contact,shift\nAn,303,0225,night\n"), UNITS)
    assert found[["sender", "unit_code", "contact", "position"]].to_numpy().tolist() == [["An", "303", "0225", 1]]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("An,999,vi", ":3: found unit_code '999', which is no unit"),
        ("AN,303,vi", ":3: found 'AN' for unit '303' again, as on line 2"),
        (",303,vi", ":3: found an empty sender or unit_code"),
        ("Bình,303,fr", ":3: found language 'fr'. Allowed: vi, en"),
    ],
)
def test_a_fault_of_the_list_is_told_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(CampaignError) as caught:
        load_senders(listed(tmp_path, f"sender,unit_code,language\nAn,303,vi\n{line}\n"), UNITS)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{tmp_path / 'senders.csv'}{told}")


@pytest.mark.slow
def test_who_signs_without_a_role_has_the_one_of_the_list(tmp_path: Path) -> None:
    given = listed(tmp_path, "sender,unit_code,role\nAn,303,Trưởng phòng\nBình,304,Nhân viên\n")
    rows = [
        {"unit": "303", "received": 100, "sender": "AN"},
        {"unit": "304", "received": 100, "sender": "Bình"},
        {"unit": "303", "received": 110, "sender": "An", "sender_role": "Nhân viên", "at": "2023-06-12"},
    ]
    run_batch(tmp_path, given, rows)
    held = sorted(f["row_number"] for f in table(tmp_path, "findings") if f["rule_id"] == "reporter_role")
    assert held == [3, 4]
