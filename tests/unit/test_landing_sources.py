"""Where files come from (paths, globs, URLs, variables) and when they arrived (name, index, column)."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import fsspec
import pytest

from loaders import connectors
from loaders.arrivals import parse_moment
from loaders.landing import LandResult, land
from loaders.receipts import read_receipts
from tiendo.campaign_file import read_campaign
from tiendo.errors import SourceError
from tiendo.settings import Settings, expand_path

NOW = datetime(2023, 6, 13, 10, 0, tzinfo=UTC)
CAMPAIGN = """\
id: c
name: {vi: C, en: C}
time_zone: Asia/Ho_Chi_Minh
starts_on: 2023-05-15
ends_on: 2023-06-30
levels: [{id: district, name: {vi: Huyện, en: District}}]
units: {discover: true}
indicators: [{id: activated, name: {vi: Kích hoạt, en: Activated}, kind: cumulative}]
sources:
"""
SOURCE = "  - {id: %s, as_of: day, unit: {code: code}, indicators: {activated: n}, %s}\n"
INDEXED = "received: {by: index, index: INDEX.csv, column: at, index_file_column: file, index_key_column: day, trusted: true}"
BY_NAME = "received: {by: file_name, format: '%Y%m%d', trusted: true}"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "c" / "inbox"
    folder.mkdir(parents=True)
    return folder


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def taken(inbox: Path, *says: str) -> tuple[LandResult, dict[str, dict]]:
    """Land sources s0, s1, ... that say so; receipts by container and name."""
    folder = inbox.parent
    sources = "".join(SOURCE % (f"s{n}", text) for n, text in enumerate(says))
    (folder / "campaign.yml").write_text(CAMPAIGN + sources, encoding="utf-8")
    settings = Settings(home=folder.parent / "home", campaigns=(folder.parent,))
    result = land(settings, read_campaign(folder), NOW)
    receipts = read_receipts(settings, "c")
    return result, {"/".join(filter(None, (r["container_name"], r["file_name"]))): r for r in receipts}


def names(inbox: Path, says: str) -> list[str]:
    return sorted(taken(inbox, says)[1])


def test_a_folder_gives_its_files_with_their_path_and_nothing_that_is_hidden_or_under_way(inbox: Path) -> None:
    put(inbox, "a.csv", "deep/er/b.csv", ".hidden.csv", ".git/c.csv", "~$lock.xlsx", "d.csv.part", "e.csv.filepart")
    assert names(inbox, "path: inbox") == ["a.csv", "deep/er/b.csv"]


def test_a_file_a_glob_and_a_deep_glob_name_what_they_say(inbox: Path) -> None:
    put(inbox, "a.csv", "b.txt", "deep/c.csv", "deep/er/d.csv")
    assert names(inbox, "path: inbox/deep/c.csv") == ["c.csv"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("inbox/*.csv", ["a.csv"]),
        ("inbox/*/*.csv", ["deep/c.csv"]),
        ("inbox/**/*.csv", ["a.csv", "deep/c.csv", "deep/er/d.csv"]),
        ("inbox/[ab].*", ["a.csv", "b.txt"]),
        ("inbox/none*.csv", []),
    ],
)
def test_a_glob_gives_what_matches_and_names_it_from_its_fixed_folder(inbox: Path, path: str, found: list[str]) -> None:
    put(inbox, "a.csv", "b.txt", "deep/c.csv", "deep/er/d.csv")
    assert names(inbox, f"path: '{path}'") == found


def test_members_choose_by_name_or_path_in_folders_and_archives(inbox: Path) -> None:
    put(inbox, "a.csv", "b.xlsx", "c.txt")
    (inbox / "d.csv.gz").write_bytes(gzip.compress(b"d"))
    (inbox / "e.txt.gz").write_bytes(gzip.compress(b"e"))
    with tarfile.open(inbox / "f.tar", "w") as tar:
        for name in ("in/f.csv", "in/g.txt", "in/.f.csv"):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    assert names(inbox, "path: inbox, members: '*.csv|*.xlsx'") == ["a.csv", "b.xlsx", "d.csv.gz/d.csv", "f.tar/in/f.csv"]


def test_members_may_name_the_archive_too(inbox: Path) -> None:
    for archive in ("x.tar", "y.tar"):
        with tarfile.open(inbox / archive, "w") as tar:
            tar.addfile(tarfile.TarInfo("f.csv"), io.BytesIO(b""))
    assert names(inbox, "path: inbox, members: 'x.tar/*.csv'") == ["x.tar/f.csv"]


def test_a_name_in_decomposed_letters_is_kept_composed_and_one_in_no_known_encoding_is_kept_readable(inbox: Path) -> None:
    put(inbox, "Ho\u0302\u0300ng.csv")
    with open(os.fsencode(inbox) + b"/H\xf4ng.csv", "wb") as file:  # a name that is not UTF-8
        file.write(b"x")
    assert names(inbox, "path: inbox") == ["Hồng.csv", "H\ufffdng.csv"]


def test_one_source_that_cannot_be_reached_does_not_stop_the_others(inbox: Path) -> None:
    put(inbox, "a.csv")
    result, receipts = taken(inbox, "path: nowhere", "path: inbox", "path: 'gone/*.csv'")
    assert list(receipts) == ["a.csv"]
    assert list(result.failed_sources) == ["s0", "s2"]
    assert "there is no file or folder" in result.problems[0]
    assert "campaign c, source s0" in result.problems[0]


def test_a_file_without_permission_is_a_line_and_is_tried_again(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(inbox, "a.csv")
    real = connectors.offers

    def denied() -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(connectors, "offers", lambda *given: (replace(offer, open=denied) for offer in real(*given)))
        result, receipts = taken(inbox, "path: inbox")
    assert (result.refused, receipts) == (1, {})
    assert "inbox/a.csv: cannot be landed (Permission denied)" in result.problems[0]
    assert taken(inbox, "path: inbox")[0] == LandResult(new=1)


def test_a_file_that_is_still_being_written_waits_for_the_next_run(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(inbox, "a.csv")
    real = connectors.offers
    with monkeypatch.context() as patched:
        patched.setattr(connectors, "offers", lambda *given: (replace(offer, stamp="3:1") for offer in real(*given)))
        result, receipts = taken(inbox, "path: inbox")
    assert (result.refused, receipts) == (1, {})
    assert "still being written" in result.problems[0]
    assert taken(inbox, "path: inbox")[0] == LandResult(new=1)


def test_a_variable_is_filled_in_and_a_missing_one_is_named(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(inbox, "a.csv")
    monkeypatch.setenv("TIENDO_TRIAL", str(inbox))
    monkeypatch.delenv("TIENDO_NONE", raising=False)
    assert expand_path("${TIENDO_NONE:-inbox}/x") == "inbox/x"
    result, receipts = taken(inbox, "path: '${TIENDO_TRIAL}'", "path: '${TIENDO_NONE}/x'")
    assert list(receipts) == ["a.csv"]
    assert "TIENDO_NONE is not set" in result.problems[0]


def test_a_path_from_home_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert expand_path("~/in") == "/somewhere/in"
    assert expand_path("s3://bucket/~x") == "s3://bucket/~x"


@pytest.fixture
def bucket():
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("memory://bucket", ["a.csv", "deep/b.csv.gz/b.csv"]),
        ("memory://bucket/a.csv", ["a.csv"]),
        ("memory://bucket/*.csv", ["a.csv"]),
    ],
)
def test_a_url_gives_a_folder_a_file_or_a_glob(inbox: Path, bucket, path: str, found: list[str]) -> None:
    bucket.pipe({"/bucket/a.csv": b"a", "/bucket/deep/b.csv.gz": gzip.compress(b"b")})
    result, receipts = taken(inbox, f"path: '{path}'")
    assert (sorted(receipts), result) == (found, LandResult(new=len(found)))
    assert receipts["a.csv"]["origin"] == "memory://bucket/a.csv"
    assert taken(inbox, f"path: '{path}'")[0] == LandResult(unchanged=len(found))


def test_a_file_url_is_a_local_path(inbox: Path) -> None:
    put(inbox, "a.csv")
    assert names(inbox, f"path: 'file://{inbox}'") == ["a.csv"]


def test_a_protocol_that_does_not_exist_and_an_empty_place_are_source_errors(inbox: Path, bucket) -> None:
    result, _ = taken(inbox, "path: 'nosuch://x/y'", "path: 'memory://nothing/here'")
    assert list(result.failed_sources) == ["s0", "s1"]
    assert "nosuch" in result.problems[0]
    assert "memory://nothing/here: nothing is there" in result.problems[1]


def test_a_package_that_is_missing_is_named(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(url: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    result, _ = taken(inbox, "path: 's3://bucket/in'")
    assert "s3://bucket/in: Install s3fs to access S3" in result.problems[0]


def test_no_password_reaches_messages_or_receipts(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(url: str) -> None:
        raise ConnectionError(f"could not open {url}")

    monkeypatch.setattr(fsspec.core, "url_to_fs", refused)
    result, _ = taken(inbox, "path: 'sftp://lan:s3cret@host/in?token=abc'")
    assert "s3cret" not in result.problems[0]
    assert connectors._bare_url("sftp://lan:s3cret@host/in", "/in/a.csv") == "sftp://host/in/a.csv"
    assert connectors._bare_url("https://lan:s3cret@host/in", "https://host/in/a.csv?token=abc") == "https://host/in/a.csv"


def test_the_arrival_is_read_from_the_name_as_the_campaigns_wall_clock(inbox: Path) -> None:
    put(inbox, "day_20230601.csv")
    _, receipts = taken(inbox, rf"path: inbox, file_name: '(?P<received>\d{{8}})', {BY_NAME}")
    receipt = receipts["day_20230601.csv"]
    assert (receipt["received_at"], receipt["received_by"]) == ("2023-05-31T17:00:00+00:00", "file_name")  # 00:00 in Viet Nam
    assert receipt["landed_at"] == "2023-06-13T10:00:00+00:00"


def test_a_name_that_does_not_say_when_gets_our_clock_and_a_line(inbox: Path) -> None:
    put(inbox, "day.csv", "day_20231399.csv")
    result, receipts = taken(inbox, rf"path: inbox, file_name: '(?P<received>\d{{8}})', {BY_NAME}")
    assert {(r["received_at"], r["received_by"]) for r in receipts.values()} == {("2023-06-13T10:00:00+00:00", "clock")}
    assert result.new == 2
    assert "inbox/day.csv: day.csv: its name does not say when it arrived" in result.problems[0]
    assert "says '20231399', which is no time" in result.problems[1]


def test_facts_may_stand_in_the_folder_or_in_the_archives_name(inbox: Path) -> None:
    put(inbox, "2021-01-05/x.csv")
    with tarfile.open(inbox / "303_2021-01-06.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("x.csv"), io.BytesIO(b""))
    _, receipts = taken(inbox, r"path: inbox, file_name: '((?P<unit>\d{3})_)?(?P<as_of>\d{4}-\d\d-\d\d)'")
    assert receipts["2021-01-05/x.csv"]["facts"] == {"as_of": "2021-01-05"}
    assert receipts["303_2021-01-06.tar/x.csv"]["facts"] == {"unit": "303", "as_of": "2021-01-06"}


INDEX = """\
day,at,file
2021-01-05,2021-01-05T23:26:11+00:00,data/x.csv
2021-01-06,2021-01-06T08:00:00+07:00,data/x.csv
2021-01-06,2021-01-06T08:00:00,data/y.csv
"""
ARRIVALS = {
    "2021-01-05/x.csv": ("2021-01-05T23:26:11+00:00", "index"),
    "2021-01-06/x.csv": ("2021-01-06T01:00:00+00:00", "index"),
    "2021-01-06/y.csv": ("2021-01-06T01:00:00+00:00", "index"),  # no offset: the campaign's wall clock
    "2021-01-07/x.csv": ("2023-06-13T10:00:00+00:00", "clock"),  # not in the index
}


def arrivals(receipts: dict[str, dict]) -> dict[str, tuple[str, str]]:
    return {r["file_name"]: (r["received_at"], r["received_by"]) for r in receipts.values()}


def test_an_index_in_a_folder_says_when_files_arrived(inbox: Path) -> None:
    put(inbox, *ARRIVALS)
    (inbox / "INDEX.csv").write_text("\ufeff" + INDEX, encoding="utf-8")
    result, receipts = taken(inbox, f"path: inbox, {INDEXED}")
    assert arrivals(receipts) == ARRIVALS
    assert len(result.problems) == 1
    assert "2021-01-07/x.csv: the index INDEX.csv does not say when it arrived; our clock was taken" in result.problems[0]


@pytest.mark.parametrize("top", ["", "snapshots/"])
def test_an_index_in_an_archive_says_so_too_even_as_its_last_member(inbox: Path, top: str) -> None:
    with tarfile.open(inbox / "a.tar.gz", "w:gz") as tar:
        for name, content in {**{name: name.encode() for name in ARRIVALS}, "INDEX.csv": INDEX.encode()}.items():
            info = tarfile.TarInfo(top + name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    _, receipts = taken(inbox, f"path: inbox, {INDEXED}")
    assert arrivals(receipts) == {top + name: said for name, said in ARRIVALS.items()}


def test_an_index_beside_archives_and_globs_is_found(inbox: Path, bucket) -> None:
    with tarfile.open(inbox / "a.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("2021-01-05/x.csv"), io.BytesIO(b""))
    put(inbox, "2021-01-06/y.csv")
    (inbox / "2021-01-06" / "y.csv.gz").write_bytes(gzip.compress(b"y"))
    (inbox / "INDEX.csv").write_text(INDEX)
    bucket.pipe({"/bucket/2021-01-05/x.csv": b"a", "/bucket/INDEX.csv": INDEX.encode()})
    _, receipts = taken(inbox, f"path: inbox, {INDEXED}", f"path: 'memory://bucket/**/*.csv', {INDEXED}")
    assert {r["received_by"] for r in receipts.values()} == {"index"}
    assert len(receipts) == 4


def test_an_index_without_the_column_is_one_line_per_file(inbox: Path) -> None:
    put(inbox, "2021-01-05/x.csv")
    (inbox / "INDEX.csv").write_text("day,when,file\n")
    result, receipts = taken(inbox, f"path: inbox, {INDEXED}")
    assert receipts["2021-01-05/x.csv"]["received_by"] == "clock"
    assert "has no column at; it has day, when, file" in result.problems[0]


def test_two_rows_of_an_index_that_differ_settle_nothing(inbox: Path) -> None:
    put(inbox, "2021-01-05/x.csv")
    (inbox / "INDEX.csv").write_text(INDEX + "2021-01-05,2021-01-09T00:00:00Z,other/x.csv\n")
    assert taken(inbox, f"path: inbox, {INDEXED}")[1]["2021-01-05/x.csv"]["received_by"] == "clock"


def test_many_files_of_unknown_arrival_are_five_lines_and_a_count(inbox: Path) -> None:
    put(inbox, *(f"{n}.csv" for n in range(12)))
    result, _ = taken(inbox, f"path: inbox, {INDEXED}")
    assert (result.new, len(result.problems)) == (12, 6)
    assert result.problems[-1] == "source s0: the arrival of 7 more files is not told either"


def test_arrivals_in_a_column_are_left_to_the_rows(inbox: Path) -> None:
    put(inbox, "a.csv")
    _, receipts = taken(inbox, "path: inbox, received: {by: column, column: at, trusted: true}")
    assert (receipts["a.csv"]["received_by"], receipts["a.csv"]["received_at"]) == ("column", "2023-06-13T10:00:00+00:00")


def test_equal_bytes_of_two_days_are_two_files_where_the_arrival_says_the_day(inbox: Path) -> None:
    for day in ("20230601", "20230602"):
        (inbox / f"{day}.csv").write_bytes(b"same")
    says = rf"path: inbox, file_name: '(?P<received>\d{{8}})', {BY_NAME}"
    assert taken(inbox, f"{says}, as_of_from: received")[0] == LandResult(new=2)


@pytest.mark.parametrize("text", ["2023-06-01T07:00:00", "2023-06-01T00:00:00Z", "20230601070000", "2023-06-01 07:00"])
def test_a_time_is_read_with_its_offset_or_as_wall_clock(inbox: Path, text: str) -> None:
    (inbox.parent / "campaign.yml").write_text(CAMPAIGN + SOURCE % ("s", "path: inbox"), encoding="utf-8")
    assert parse_moment(read_campaign(inbox.parent), text, None) == datetime(2023, 6, 1, tzinfo=UTC)


def test_a_source_error_leaves_with_its_exit_code() -> None:
    with pytest.raises(SourceError) as raised:
        expand_path("${TIENDO_SURELY_NOT_SET}")
    assert raised.value.exit_code == 3


def test_a_file_behind_http_is_landed_as_it_is(inbox: Path, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (served / "day.csv").write_bytes(b"code;n\n303;12\n")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(served)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        result, receipts = taken(inbox, f"path: 'http://127.0.0.1:{server.server_port}/day.csv'")
        assert result == LandResult(new=1)
        assert receipts["day.csv"]["size_bytes"] == 14
        gone, _ = taken(inbox, f"path: 'http://127.0.0.1:{server.server_port}/other.csv'")
        assert list(gone.failed_sources) == ["s0"]
    finally:
        server.shutdown()
        server.server_close()
