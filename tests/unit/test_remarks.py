"""What units say beside their figures: read, marked where no code is meant, and put into the lake with its row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from acts_trial import CAMPAIGN, Trial
from reading_trial import HEADING, read

import pipeline
from tiendo import lake
from tiendo.campaign import Campaign

STUCK = {
    "id": "stuck", "name": {"vi": "Vướng mắc", "en": "Stuck on"}, "kind": "bottleneck",
    "codes": [
        {"id": "machines", "name": {"vi": "Máy móc", "en": "Machines"}, "words": ["thiếu máy", "hỏng máy"]},
        {"id": "people", "name": {"vi": "Nhân lực", "en": "People"}},
    ],
}  # fmt: skip
PRACTICE = {"id": "practice", "name": {"vi": "Cách làm", "en": "Practice"}, "kind": "practice"}
COLUMNS = {"stuck": "Vướng mắc", "practice": "Cách làm"}


def said(tmp_path: Path, *rows: str, heading: str = f"{HEADING};Vướng mắc;Cách làm") -> tuple[list[Any], list[Any]]:
    """(row, remark, code, text) and (row, column, text of the mark) of what the readers found."""
    parsed = read(tmp_path, "\n".join([heading, *rows]) + "\n", remarks_of=[STUCK, PRACTICE], remarks=COLUMNS)
    found = duckdb.sql(f"select row_number, remark_id, code, raw_text from '{parsed.folder}/remarks.parquet' order by all").fetchall()
    return found, parsed.all("select row_number, column_name, raw_text from marks where mark = 'unknown_remark' order by all")


def test_codes_names_and_words_mean_a_code_whatever_their_case_and_marks(tmp_path: Path) -> None:
    found, marks = said(
        tmp_path,
        '303;13/06/2023;5;1;"HỎNG MÁY; people";',
        "305;13/06/2023;5;1;Máy móc / máy móc;làm buổi tối",
        "311;13/06/2023;5;1;;",
    )
    assert [row for row in found if row[1] == "stuck"] == [
        (2, "stuck", "machines", "HỎNG MÁY; people"), (2, "stuck", "people", "HỎNG MÁY; people"),
        (3, "stuck", "machines", "Máy móc / máy móc"), (4, "stuck", None, None),
    ]  # fmt: skip
    assert [row for row in found if row[1] == "practice" and row[3]] == [(3, "practice", None, "làm buổi tối")]
    assert marks == []


def test_a_word_that_is_no_code_is_marked_and_counted_apart(tmp_path: Path) -> None:
    found, marks = said(tmp_path, "303;13/06/2023;5;1;thiếu máy, mất điện;")
    assert [row[2] for row in found if row[1] == "stuck"] == ["machines", "unknown"]
    assert marks == [(2, "Vướng mắc", "mất điện")]


def test_a_file_without_the_column_says_nothing_and_is_read_all_the_same(tmp_path: Path) -> None:
    assert said(tmp_path, "303;13/06/2023;5;1", heading=HEADING) == ([], [])


def test_personal_data_in_a_free_text_are_hidden(tmp_path: Path) -> None:
    found, _ = said(tmp_path, "303;13/06/2023;5;1;;gọi anh Nam 0912345678")
    assert [row[3] for row in found if row[1] == "practice"] == ["gọi anh Nam ••••••••••"]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"codes": []}, "a bottleneck needs codes"),
        ({"codes": [*STUCK["codes"], {"id": "line", "name": {"vi": "Đường truyền", "en": "machines"}}]}, "'machines' stands for both"),
        ({"codes": [{"id": "unknown", "name": {"vi": "Khác", "en": "Other"}}]}, "is ours"),
    ],
)
def test_codes_that_cannot_be_told_apart_are_a_fault(changed: dict[str, Any], fault: str) -> None:
    from tiendo.remarks import Remark

    with pytest.raises(ValueError, match=fault):
        Remark.model_validate(STUCK | changed)
    assert "remarks" in Campaign.model_fields


def test_remarks_stand_or_fall_with_their_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = Trial(tmp_path, monkeypatch)
    declared = (
        "    remarks: {stuck: vuong_mac}\nremarks:\n  - id: stuck\n    name: {vi: Vướng mắc, en: Stuck}\n    kind: bottleneck\n"
        "    codes: [{id: machines, name: {vi: Máy móc, en: Machines}}]\n"
    )
    (trial.folder / "campaign.yml").write_text(CAMPAIGN + declared, encoding="utf-8")
    rows = ["A,2023-06-02,10,máy móc", "B,2023-06-02,khoảng 5,máy móc", "B,2023-06-01,5,", "A,2023-06-01,3,mất điện"]
    rows.append("B,2023-06-03,6,máy móc 0912345678")  # personal data: rejected, and what it says with it
    text = "\n".join(["ma,ngay,so,vuong_mac", *rows]) + "\n"
    (trial.folder / "inbox" / "a.csv").write_text(text, encoding="utf-8")
    trial.at(3)
    pipeline.collect(trial.settings, "trial")
    (path,) = lake.paths(trial.settings, "remarks", "trial")
    found = duckdb.sql(f"select unit_code, as_of_date::varchar, remark_id, code, raw_text, lane from '{path}' order by 1, 2").fetchall()
    assert found == [
        ("A", "2023-06-01", "stuck", "unknown", "mất điện", "accepted"), ("A", "2023-06-02", "stuck", "machines", "máy móc", "accepted"),
        ("B", "2023-06-01", "stuck", None, None, "accepted"),
    ]  # fmt: skip
    (findings,) = lake.paths(trial.settings, "findings", "trial")
    assert duckdb.sql(f"select unit_code, severity, raw_text from '{findings}' where rule_id = 'unknown_remark'").fetchall() == [
        ("A", "flag", "mất điện")
    ]
