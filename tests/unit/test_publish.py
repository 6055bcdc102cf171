"""Builds, the swap and what readers see."""

from __future__ import annotations

import hashlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from publishers import build, publish
from publishers.marts_export import GRAIN
from tiendo.errors import LockedError, TiendoError, WarehouseError
from tiendo.home import only_one
from tiendo.settings import Settings

pytestmark = pytest.mark.slow

make_warehouse = runpy.run_path(str(Path(__file__).with_name("publish_trial.py")))["make_warehouse"]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("finished") / "warehouse.duckdb")


@pytest.fixture
def settings(tmp_path: Path, warehouse: Path) -> Settings:
    home = Settings(home=tmp_path / "home", campaigns=())
    home.warehouse.mkdir(parents=True)
    shutil.copy(warehouse, home.warehouse / "warehouse.duckdb")
    return home


@pytest.fixture
def no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds without pages, for tests of the swap alone."""
    monkeypatch.setattr("publishers.page.render_pages", lambda *given: [])


def bytes_of(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_build_holds_every_mart_as_duckdb_and_as_parquet_and_the_pages(settings: Settings) -> None:
    steps: list[tuple[str, int, int]] = []
    folder = publish(settings, "b1", lambda *step: steps.append(step))
    assert folder == settings.builds / "b1"
    assert os.readlink(settings.published) == "builds/b1"
    assert {path.stem for path in (folder / "parquet").iterdir()} == set(GRAIN)
    assert {path.name for path in folder.iterdir()} == {"marts.duckdb", "parquet", "pages"}  # no WAL is left
    assert {str(path.relative_to(folder / "pages")) for path in (folder / "pages").rglob("*.html")} == {
        "index.html", "index.en.html", "trial/index.html", "trial/index.en.html",
    }  # fmt: skip
    assert steps[len(GRAIN) - 1 :] == [("marts", len(GRAIN), len(GRAIN)), ("pages", 2, 4), ("pages", 4, 4)]
    with duckdb.connect(str(settings.published / "marts.duckdb"), read_only=True) as con:
        for table in GRAIN:
            parquet = settings.published / "parquet" / f"{table}.parquet"
            assert con.execute(f"from {table}").fetchall() == con.execute(f"from '{parquet}'").fetchall(), table
        assert con.execute("select count(*) from marts.leaderboard").fetchone() == (30,)


def test_comments_of_tables_and_columns_reach_duckdb_and_parquet(settings: Settings) -> None:
    publish(settings, "b1")
    with duckdb.connect(str(settings.published / "marts.duckdb"), read_only=True) as con:
        tables = con.execute("select count(*) from duckdb_tables() where comment like 'One row per grain of%it''s a trial.'").fetchone()
        column = con.execute("select comment from duckdb_columns() where table_name = 'leaderboard' and column_name = 'rank'").fetchone()
        kept = dict(
            con.execute(
                f"select decode(key), decode(value) from parquet_kv_metadata('{settings.published}/parquet/leaderboard.parquet')"
            ).fetchall()
        )
    assert tables == (len(GRAIN),)
    assert column == ("Thứ hạng: 1 + số đơn vị tốt hơn.",)
    assert kept == {"comment": "One row per grain of leaderboard; it's a trial.", "comment:rank": "Thứ hạng: 1 + số đơn vị tốt hơn."}


def test_rows_are_sorted_by_grain_whatever_their_order_in_the_warehouse(settings: Settings, no_pages: None) -> None:
    with duckdb.connect(str(settings.warehouse / "warehouse.duckdb")) as con:
        con.execute("create table other as from marts.dim_unit order by unit_code desc; drop table marts.dim_unit")
        con.execute("create table marts.dim_unit as from other")
    publish(settings, "b1")
    with duckdb.connect() as con:
        codes = [code for (code,) in con.execute(f"select unit_code from '{settings.published}/parquet/dim_unit.parquet'").fetchall()]
    assert codes == [*(str(code) for code in range(301, 310)), "31", *(str(code) for code in range(310, 316))]


def test_the_same_warehouse_gives_the_same_bytes_of_parquet_and_pages(settings: Settings) -> None:
    first, second = publish(settings, "b1"), publish(settings, "b2")
    for part in ("parquet", "pages"):
        assert bytes_of(first / part) == bytes_of(second / part)
        assert len(bytes_of(first / part)) >= 4


def test_a_build_that_readers_already_have_is_not_written_again(settings: Settings, no_pages: None) -> None:
    folder = publish(settings, "b1")
    before = {path: path.stat().st_mtime_ns for path in [settings.home, settings.builds, folder, *folder.rglob("*")]}
    (settings.warehouse / "warehouse.duckdb").unlink()  # would be an error if it were read
    assert publish(settings, "b1") == folder
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_the_last_three_builds_stay_and_the_linked_one_always(settings: Settings, no_pages: None) -> None:
    for name in ("b1", "b2", "b3", "b4"):
        publish(settings, name)
    assert {path.name for path in settings.builds.iterdir() if path.is_dir()} == {"b2", "b3", "b4"}
    publish(settings, "b2")  # going back to an older build only moves the link
    assert os.readlink(settings.published) == "builds/b2"
    publish(settings, "b5")
    assert {path.name for path in settings.builds.iterdir() if path.is_dir()} == {"b4", "b2", "b5"}


@pytest.mark.parametrize(
    "station", ["publishers.build.export_marts", "publishers.page.render_pages", "publishers.build._to_disk", "publishers.build._swap"]
)
def test_a_run_that_dies_anywhere_leaves_the_old_build_and_the_next_run_recovers(
    settings: Settings, no_pages: None, monkeypatch: pytest.MonkeyPatch, station: str
) -> None:
    publish(settings, "b1")

    def die(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(station, die)
        with pytest.raises(KeyboardInterrupt):
            publish(settings, "b2")
    assert os.readlink(settings.published) == "builds/b1"
    (settings.builds / ".making-killed").mkdir()
    publish(settings, "b2")
    assert os.readlink(settings.published) == "builds/b2"
    assert {path.name for path in settings.builds.iterdir()} == {".lock", "b1", "b2"}


def test_a_missing_warehouse_or_mart_is_one_clear_line_and_nothing_changes(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse / "warehouse.duckdb")) as con:
        con.execute("drop table marts.leaderboard")
    with pytest.raises(WarehouseError, match=r"warehouse.duckdb: marts are missing: leaderboard\. docs/data.md"):
        publish(settings, "b1")
    (settings.warehouse / "warehouse.duckdb").unlink()
    with pytest.raises(WarehouseError, match="there is no finished warehouse to publish"):
        publish(settings, "b1")
    assert not settings.published.exists()
    assert [path.name for path in settings.builds.iterdir()] == [".lock"]


def test_a_second_publisher_is_turned_away_and_a_name_cannot_leave_the_folder(settings: Settings) -> None:
    with only_one(settings.builds / ".lock", "the published builds"), pytest.raises(LockedError):
        publish(settings, "b1")
    for name in ("../b1", ".hidden", "", "a/b"):
        with pytest.raises(TiendoError, match="cannot name a build"):
            publish(settings, name)


# New connections over and over; every answer must be of one build: both tables carry the build's number.
READER = """
import duckdb, json, os, sys, time
seen, faults, stopped = [], [], False
while not stopped:
    stopped = os.path.exists(sys.argv[2])
    try:
        with duckdb.connect(sys.argv[1] + "/marts.duckdb", read_only=True) as con:
            one = con.execute("select distinct value from marts.parent_sums_build").fetchall()
            time.sleep(0.005)
            two = con.execute("select distinct value from marts.progress_build").fetchall()
        if one != two or len(one) != 1:
            faults.append(f"mixed: {one} {two}")
        seen.append(one[0][0])
    except duckdb.Error as error:
        faults.append(str(error))
print(json.dumps([seen, faults]))
"""


def test_readers_in_other_processes_see_whole_builds_and_no_error_during_swaps(settings: Settings, no_pages: None) -> None:
    def number(value: int) -> None:
        with duckdb.connect(str(settings.warehouse / "warehouse.duckdb")) as con:
            for table in ("parent_sums_build", "progress_build"):
                con.execute(f"create or replace table marts.{table} as select {value} as value from range(1000)")

    number(0)
    publish(settings, "n0")
    staying = duckdb.connect(str(settings.published / "marts.duckdb"), read_only=True)
    assert staying.execute("select max(value) from progress_build").fetchone() == (0,)
    stop = settings.home / "stop"
    command = [sys.executable, "-c", READER, str(settings.published), str(stop)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    last = 6
    for build_number in range(1, last + 1):
        number(build_number)
        publish(settings, f"n{build_number}")
        time.sleep(0.3)
    stop.touch()
    found = [json.loads(reader.communicate(timeout=60)[0]) for reader in readers]
    assert [faults for _, faults in found] == [[], [], []]
    for seen, _ in found:
        assert seen == sorted(seen) and len(set(seen)) >= 2 and seen[-1] == last
    # Its build is gone by now, yet the connection that was open goes on reading it.
    assert not (settings.builds / "n0").exists()
    assert staying.execute("select count(*), min(value), max(value) from progress_build").fetchone() == (1000, 0, 0)
    staying.close()


def test_linked_build_is_none_before_the_first_publication(settings: Settings) -> None:
    assert build.linked_build(settings) is None
