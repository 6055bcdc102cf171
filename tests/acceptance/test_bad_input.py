"""A whole inbox of bad files beside one good one, through the command line: each gets one clear finding, nothing is lost."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from tiendo.cli.starter import write_starter

HEAD = "Mã đơn vị;Ngày;Đã kích hoạt\n"
GOOD = HEAD + "00001;05/01/2026;1.250\n00002;05/01/2026;980\n"


def xlsx(rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, str) and cell.startswith("="):
                    sheet.write_formula(row, column, cell, None, 1250)
                else:
                    sheet.write(row, column, cell)
    return buffer.getvalue()


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return buffer.getvalue()


# file name -> (bytes, rule that the finding must name, words that its English message or remedy must hold)
FAULTY: dict[str, tuple[bytes, str, str]] = {
    "empty.csv": (b"", "empty_file", "empty"),
    "header_only.csv": (HEAD.encode(), "no_rows", "row"),
    "wrong_delimiter.csv": (GOOD.replace(";", "#").encode(), "missing_heading", "Mã đơn vị"),
    "binary.csv": (bytes(range(256)) * 40, "not_a_table", "table"),
    "truncated.csv.gz": (gzip.compress(GOOD.encode() * 50)[:-30], "truncated_archive", "Send"),
    "bomb.zip": (zipped(bomb_csv=b"0" * 60_000_000), "archive_too_large", "Send"),
    "outside.zip": (zipped(**{"..__outside_csv": GOOD.encode()}), "unsafe_archive_member", ".."),
    "million_columns.csv": ((";".join(f"c{n}" for n in range(1_000_000)) + "\n").encode(), "too_many_columns", "columns"),
    "misspelt_heading.csv": (GOOD.replace("Đã kích hoạt", "Đã kich hoạch").encode(), "missing_heading", "Đã kich hoạch"),
    "words_for_numbers.csv": ((HEAD + "00001;06/01/2026;khoảng 1.300\n").encode(), "unparsable_number", "khoảng 1.300"),
    "unknown_unit.csv": ((HEAD + "00009;06/01/2026;1.300\n").encode(), "unknown_unit", "00009"),
    "american_date.csv": ((HEAD + "00001;2026/06/01;1.300\n").encode(), "unparsable_date", "2026/06/01"),
}
# these are read as they are meant
READABLE: dict[str, bytes] = {
    "formula.xlsx": xlsx([["Mã đơn vị", "Ngày", "Đã kích hoạt"], ["00001", "07/01/2026", "=1000+250"]]),
    "two_header_rows.xlsx": xlsx([["Báo cáo", "", "Kết quả"], ["Mã đơn vị", "Ngày", "Đã kích hoạt"], ["00002", "07/01/2026", 990]]),
}


def tiendo(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TIENDO_NOW": "2026-01-08T03:00:00+00:00", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "tiendo", *words, "--home", str(home), "--campaigns", str(home / "campaigns"), "--lang", "en"]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    home = tmp_path_factory.mktemp("bad_input")
    folder = home / "campaigns" / "trial"
    write_starter(folder, "trial")
    campaign = folder / "campaign.yml"
    campaign.write_text(campaign.read_text(encoding="utf-8").replace('members: "*.csv|*.xlsx"', 'members: "*"'), encoding="utf-8")
    inbox = folder / "inbox"
    (inbox / "good.csv").write_text(GOOD, encoding="utf-8")
    for name, (content, _, _) in FAULTY.items():
        (inbox / name).write_bytes(content)
    for name, content in READABLE.items():
        (inbox / name).write_bytes(content)
    return home, tiendo(home, "run", "trial")


def marts(home: Path, sql: str, *parameters: object) -> list[tuple[object, ...]]:
    with duckdb.connect(str((home / "published" / "marts.duckdb").resolve()), read_only=True) as connection:
        return connection.execute(sql, list(parameters)).fetchall()


def test_the_run_goes_on_and_ends_well(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, run = ran
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stdout + run.stderr


@pytest.mark.parametrize("name", FAULTY)
def test_each_bad_file_gets_one_finding_with_a_way_out(ran: tuple[Path, subprocess.CompletedProcess[str]], name: str) -> None:
    home, _ = ran
    _, rule, words = FAULTY[name]
    found = marts(
        home,
        "select f.rule_id, f.message_en || ' ' || f.remedy_en, f.message_vi, f.remedy_vi from marts.fct_findings as f"
        " join marts.fct_files as b using (file_id) where (? in (b.file_name, b.container_name) or b.file_name = ?)"
        " and f.rule_id <> 'after_cutoff'",
        name,
        name.removesuffix(".gz"),
    )
    assert [row[0] for row in found] == [rule]
    assert words.casefold() in str(found[0][1]).casefold()
    assert found[0][2]
    assert found[0][3]


def test_what_can_be_read_is_accepted(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = ran
    figures = marts(home, "select unit_code, as_of_date::varchar, value from marts.fct_figures order by all")
    assert figures == [
        ("00001", "2026-01-02", 1250.0),
        ("00001", "2026-01-05", 1250.0),
        ("00001", "2026-01-07", 1250.0),
        ("00002", "2026-01-02", 980.0),
        ("00002", "2026-01-05", 980.0),
        ("00002", "2026-01-07", 990.0),
    ]


def test_every_file_is_kept_and_the_counts_add_up(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = ran
    assert tiendo(home, "reconcile").returncode == 0
    kept = {path.read_bytes() for path in (home / "landing" / "bytes").rglob("*") if path.is_file()}
    for name, (content, _, _) in FAULTY.items():
        assert content in kept, f"{name} is not in the landing"
    (balance,) = marts(home, "select rows_received, rows_accepted, rows_held, rows_rejected, rows_duplicate from marts.reconciliation")
    assert balance == (9, 6, 0, 3, 0)


def test_a_second_run_takes_nothing_in_and_changes_nothing(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = ran
    before = {path: path.stat().st_mtime_ns for path in sorted(home.rglob("*")) if path.is_file() and path.name != "timings.json"}
    again = tiendo(home, "run", "trial")
    assert again.returncode == 0
    assert "No new files" in again.stdout
    after = {path: path.stat().st_mtime_ns for path in sorted(home.rglob("*")) if path.is_file() and path.name != "timings.json"}
    assert {path for path in after if "lock" not in path.name and before.get(path) != after[path]} == set()


def test_a_campaign_file_with_a_typo_is_one_line_and_exit_2(ran: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    write_starter(tmp_path / "campaigns" / "typo", "typo")
    campaign = tmp_path / "campaigns" / "typo" / "campaign.yml"
    campaign.write_text(campaign.read_text(encoding="utf-8").replace("kind: cumulative", "kind: cumulativ"), encoding="utf-8")
    run = tiendo(tmp_path, "run", "typo")
    assert run.returncode == 2
    assert "campaign.yml:17: indicators.0.kind: found 'cumulativ'" in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


def test_an_unknown_campaign_is_one_line_and_exit_8(tmp_path: Path) -> None:
    run = tiendo(tmp_path, "run", "nowhere")
    assert run.returncode == 8
    assert "no campaign 'nowhere'" in run.stderr


def test_findings_of_a_rule_or_unit_that_is_none_are_exit_8(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = ran
    for words, said in ((("--rule", "nope"), "trial has no rule 'nope'"), (("--unit", "999"), "trial has no unit with code '999'")):
        run = tiendo(home, "findings", "trial", *words)
        assert run.returncode == 8
        assert said in run.stderr
    assert tiendo(home, "findings", "trial", "--rule", "unknown_unit", "--unit", "00001").returncode == 0
