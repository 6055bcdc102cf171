"""Numbers of citizens planted in an inbox: after a whole run they are under landing/restricted and nowhere else."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from tiendo.cli.starter import write_starter

HEAD = "Mã đơn vị;Ngày;Đã kích hoạt;Ghi chú\n"
SAYS = 'members: "*"\n    nil_cells: [không phát sinh]'
# all made up: no such person, telephone or address
PLANTED = {
    "note": "031099004217", "count": "034188007733", "phone": "0912.345.678", "phone_84": "+84987654321",
    "email": "nguyen.van.a@example.vn",
    "typed": "31095003344", "sheet": "001202009988", "other_sheet": "092301012345", "name": "079090123456", "member": "048097007001",
    "unit": "030094001112", "heading": "066185004455", "broken": "031077008899", "again": "038089006655",
}  # fmt: skip


def _workbook(sheet_name: str = "Báo cáo", note: str = "", second: str = "", typed: int | None = None) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet(sheet_name)
        sheet.write_row(0, 0, HEAD.strip().split(";"))
        sheet.write_row(1, 0, ["00001", "06/01/2026", typed or 1300, note])
        sheet.write_row(2, 0, ["00002", "06/01/2026", 990, ""])
        if second:
            book.add_worksheet("Danh sách").write(0, 0, second)
    return buffer.getvalue()


def _inbox() -> dict[str, bytes]:
    p = PLANTED
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("commune.csv", f"{HEAD}00001;07/01/2026;1350;{p['member']}\n00002;07/01/2026;995;\n")
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("one.csv", f"{HEAD}00001;07/01/2026;1351;{p['again']}\n")
    return {
        "note.csv": f"{HEAD}00001;05/01/2026;1250;CCCD {p['note']}\n00002;05/01/2026;980;{p['phone']}\n".encode(),
        "count.csv": f"{HEAD}00001;05/01/2026;{p['count']};\n00002;05/01/2026;981;{p['email']}, {p['phone_84']}\n".encode(),
        "unit.csv": f"{HEAD}{p['unit']};05/01/2026;5;\n".encode(),
        "heading.csv": f"{HEAD.strip()};Số {p['heading']}\n00001;05/01/2026;1249;;1\n".encode(),
        "broken.csv": f"Không;phải;biểu mẫu\n1;2;{p['broken']}\n".encode(),
        f"to trinh {p['name']}.csv": f"{HEAD}00001;05/01/2026;1251;\n".encode(),
        "typed.xlsx": _workbook(typed=int(p["typed"])),
        "sheet.xlsx": _workbook(sheet_name=p["sheet"]),
        "other_sheet.xlsx": _workbook(second=p["other_sheet"]),
        "packed.zip": archive.getvalue(),
        "packed again.zip": again.getvalue(),
        "nil.csv": f"{HEAD}00001;09/01/2026;Không phát sinh;\n".encode(),
        "clean.csv": f"{HEAD}00001;08/01/2026;1400;ĐT cơ quan\n00002;08/01/2026;999999999;tăng 12.345.678\n".encode(),
    }


def _tiendo(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TIENDO_NOW": "2026-01-09T03:00:00+00:00", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "tiendo", *words, "--home", str(home), "--campaigns", str(home.parent / "campaigns")]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    base = tmp_path_factory.mktemp("personal")
    folder = base / "campaigns" / "trial"
    write_starter(folder, "trial")
    campaign = folder / "campaign.yml"
    campaign.write_text(campaign.read_text(encoding="utf-8").replace('members: "*.csv|*.xlsx"', SAYS), encoding="utf-8")
    for name, content in _inbox().items():
        (folder / "inbox" / name).write_bytes(content)
    run = _tiendo(base / "home", "run", "trial")
    assert run.returncode == 0, run.stderr
    second = _tiendo(base / "home", "run", "trial")
    assert second.returncode == 0, second.stderr
    return base / "home", run.stdout + run.stderr + second.stdout + second.stderr


def _as_text(path: Path) -> str:
    """What a file says, packed or not."""
    if path.suffix == ".parquet":
        return str(duckdb.execute("select * from read_parquet(?, hive_partitioning = false)", [str(path)]).fetchall())
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as con:
            names = con.execute(
                "select table_schema || '.' || table_name from information_schema.tables where table_type = 'BASE TABLE'"
            ).fetchall()
            return "".join(str(con.execute(f"from {name}").fetchall()) for (name,) in names)
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            content += b"".join(archive.read(name) for name in archive.namelist())
    return content.decode("utf-8", "replace")


def _texts(home: Path) -> dict[Path, str]:
    """Name and content of every file of a home folder."""
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    return {path.relative_to(home): f"{path.name}\n{_as_text(path)}" for path in files}


def test_no_planted_number_is_outside_the_restricted_folder(ran: tuple[Path, str]) -> None:
    home, said = ran
    texts = _texts(home)
    assert {path.parts[0] for path in texts} >= {"landing", "lake", "warehouse", "builds"}
    for kind, number in PLANTED.items():
        assert {path.parts[:2] for path, text in texts.items() if number in text} == {("landing", "restricted")}, kind
        assert number not in said


def test_only_the_owner_may_enter_and_read(ran: tuple[Path, str]) -> None:
    home, _ = ran
    paths = [home / "landing" / "restricted", *(home / "landing" / "restricted").rglob("*")]
    modes = {path.is_dir(): set() for path in paths}
    for path in paths:
        modes[path.is_dir()].add(stat.S_IMODE(path.stat().st_mode))
    assert modes == {True: {0o700}, False: {0o600}}


def test_rows_with_personal_data_are_rejected_and_their_neighbours_count(ran: tuple[Path, str]) -> None:
    home, _ = ran
    with duckdb.connect(str((home / "published").resolve() / "marts.duckdb"), read_only=True) as con:
        files = "select file_name, rows_accepted, rows_rejected from marts.fct_files where file_name = any(?) order by all"
        names = ["note.csv", "count.csv", "heading.csv", "typed.xlsx", "other_sheet.xlsx", "commune.csv", "clean.csv"]
        assert con.execute(files, [names]).fetchall() == [
            ("clean.csv", 2, 0), ("commune.csv", 1, 1), ("count.csv", 0, 2), ("heading.csv", 0, 1), ("note.csv", 0, 2),
            ("other_sheet.xlsx", 0, 2), ("typed.xlsx", 1, 1),
        ]  # fmt: skip
        rules = (
            "select distinct rule_id from marts.fct_findings join marts.fct_files using (file_id) where fct_files.file_name = 'note.csv'"
        )
        assert {rule for (rule,) in con.execute(rules).fetchall()} - {"after_cutoff"} == {"personal_data"}
        assert con.execute("select count(*) from marts.fct_files where file_name like 'to trinh •%'").fetchone() == (1,)


def test_a_nil_return_carries_a_level_on_to_its_own_day(ran: tuple[Path, str]) -> None:
    home, _ = ran
    with duckdb.connect(str((home / "published").resolve() / "marts.duckdb"), read_only=True) as con:
        nil = "select value, cell from marts.fct_figures where unit_code = '00001' and as_of_date = date '2026-01-09'"
        assert con.execute(nil).fetchall() == [(None, "nil")]
        carried = "select value, last_as_of_date::varchar from marts.progress where unit_code = '00001' and as_of_date = date '2026-01-09'"
        assert con.execute(carried).fetchall() == [(1400.0, "2026-01-09")]


def test_the_accounts_hold_and_the_bytes_are_found_where_they_are(ran: tuple[Path, str]) -> None:
    home, _ = ran
    done = _tiendo(home, "reconcile")
    assert done.returncode == 0, done.stdout + done.stderr
    kept = {path.read_bytes() for path in (home / "landing").rglob("*") if path.is_file()}
    offered = list((home.parent / "campaigns" / "trial" / "inbox").iterdir())
    assert len(offered) > len(_inbox())
    assert [path.name for path in offered if path.read_bytes() not in kept] == []
