from __future__ import annotations

import gzip
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from landing_trial import NOW, ROWS, Trial, sha

from loaders.landing import LandResult, pending
from loaders.receipts import read_receipts
from loaders.store import bytes_path
from tiendo import lake


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Every path below a folder with its time of change and inode: anything written shows."""
    paths = [folder, *folder.rglob("*")]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_ino) for path in paths}


def test_the_bytes_are_kept_as_received_and_cannot_be_written(trial: Trial) -> None:
    trial.put("day.csv", ROWS)
    assert trial.land() == LandResult(new=1)
    kept = bytes_path(trial.settings, sha(ROWS))
    assert kept == trial.settings.landing / "bytes" / sha(ROWS)[:2] / sha(ROWS)
    assert kept.read_bytes() == ROWS
    assert stat.S_IMODE(kept.stat().st_mode) == 0o444


def test_a_receipt_says_who_sent_what_when(trial: Trial) -> None:
    trial.says(r"file_name: '(?P<as_of>\d{8})_(?P<unit>\d+)_(?P<sender>\w+)'")
    trial.put("deep/20230613_303_lan.csv", ROWS)
    trial.land()
    (receipt,) = read_receipts(trial.settings, "c")
    file_id = lake.file_id("c", "s", sha(ROWS), ["as_of=20230613", "unit=303", "sender=lan"])
    assert receipt == {
        "receipt_id": receipt["receipt_id"], "campaign_id": "c", "source_id": "s", "file_id": file_id,
        "sha256": sha(ROWS), "size_bytes": 14, "file_name": "deep/20230613_303_lan.csv", "container_name": "",
        "container_sha256": "", "origin": "inbox/deep/20230613_303_lan.csv", "received_at": "2023-06-13T10:00:00+00:00",
        "received_by": "clock", "landed_at": "2023-06-13T10:00:00+00:00", "sender": "lan", "after": "", "status": "new",
        "facts": {"as_of": "20230613", "unit": "303", "sender": "lan"}, "failure_rule": "", "failure_text": "",
    }  # fmt: skip


def test_the_same_bytes_from_another_sender_are_a_report_of_its_own(trial: Trial) -> None:
    trial.says(r"file_name: '(?P<as_of>\d{8})_(?P<sender>\w+)'")
    trial.put("20230613_lan.csv", ROWS)
    trial.put("20230613_minh.csv", ROWS)
    trial.put("20230613_minh (1).csv", ROWS)
    trial.land()
    assert trial.pending() == [("20230613_lan.csv", "new"), ("20230613_minh (1).csv", "new"), ("20230613_minh.csv", "seen")]


def test_gz_zip_and_tar_give_their_members_and_are_kept_themselves(trial: Trial) -> None:
    archives = {"a.csv.gz": gzip.compress(b"1\n"), "b.zip": zipped(**{"in/b.csv": b"2\n"}), "c.tar.gz": tarred({"in/c.csv": b"3\n"})}
    for name, content in archives.items():
        trial.put(name, content)
    assert trial.land() == LandResult(new=3)
    receipts = trial.receipts()
    assert {name: (r["container_name"], r["sha256"]) for name, r in receipts.items()} == {
        "a.csv": ("a.csv.gz", sha(b"1\n")),
        "in/b.csv": ("b.zip", sha(b"2\n")),
        "in/c.csv": ("c.tar.gz", sha(b"3\n")),
    }
    for receipt in receipts.values():
        container = archives[receipt["container_name"]]
        assert receipt["container_sha256"] == sha(container)
        assert bytes_path(trial.settings, sha(container)).read_bytes() == container


def test_a_run_without_news_writes_nothing(trial: Trial) -> None:
    trial.put("day.csv", ROWS)
    trial.put("more.zip", zipped(**{"x.csv": b"x\n", "../evil.csv": b"e\n"}))
    trial.put("cut.csv.gz", gzip.compress(ROWS)[:-9])
    first = trial.land()
    assert (first.new, first.refused, len(first.problems)) == (4, 2, 2)
    before = state(trial.settings.home)
    assert trial.land(NOW + timedelta(days=1)) == LandResult(unchanged=4)
    assert state(trial.settings.home) == before


def test_a_file_that_was_only_touched_gets_no_second_receipt(trial: Trial) -> None:
    path = trial.put("day.csv", ROWS)
    trial.land()
    os.utime(path, (1, 1))
    assert trial.land(NOW + timedelta(days=1)) == LandResult(unchanged=1)
    assert trial.receipts()["day.csv"]["received_at"] == "2023-06-13T10:00:00+00:00"


def test_without_its_memory_the_landing_writes_no_receipt_twice(trial: Trial) -> None:
    trial.put("day.csv", ROWS)
    trial.land()
    (trial.settings.landing / "seen" / "campaign_id=c.json").write_text("{broken")
    assert trial.land() == LandResult(unchanged=1)


def test_a_receipt_that_is_gone_is_written_again(trial: Trial) -> None:
    trial.put("day.csv", ROWS)
    trial.land()
    next((trial.settings.landing / "receipts" / "campaign_id=c").iterdir()).unlink()
    assert trial.land() == LandResult(new=1)


def test_a_file_that_changed_in_place_is_a_new_version(trial: Trial) -> None:
    trial.put("day.csv", ROWS)
    trial.land()
    trial.put("day.csv", ROWS + b"304,7\n")
    assert trial.land() == LandResult(new=1)
    assert len(read_receipts(trial.settings, "c")) == 2


def test_a_file_that_goes_back_to_earlier_bytes_is_a_new_version_once(trial: Trial) -> None:
    versions = [ROWS, ROWS + b"304,7\n", ROWS]
    for hour, content in enumerate(versions):
        trial.put("day.csv", content)
        assert trial.land(NOW + timedelta(hours=hour)) == LandResult(new=1)
    waiting = pending(trial.settings, trial.campaign)
    assert [(r["sha256"], r["status"]) for r in waiting] == [(sha(content), "new") for content in versions]
    assert len({receipt["file_id"] for receipt in waiting}) == 3
    trial.record(*waiting)
    (trial.settings.landing / "seen" / "campaign_id=c.json").unlink()
    assert trial.land(NOW + timedelta(hours=3)) == LandResult(unchanged=1)
    assert trial.pending() == []


def test_a_whole_series_that_goes_back_is_news_and_a_repeat_of_the_last_is_not(trial: Trial) -> None:
    trial.says("resubmits: whole_series")
    contents = {"1.csv": ROWS, "2.csv": ROWS + b"304,7\n", "3.csv": ROWS, "4.csv": ROWS}
    for hour, (name, content) in enumerate(contents.items()):
        trial.put(name, content)
        trial.land(NOW + timedelta(hours=hour))
    assert trial.pending() == [("1.csv", "new"), ("2.csv", "new"), ("3.csv", "new"), ("4.csv", "seen")]
    trial.record(*pending(trial.settings, trial.campaign))
    assert trial.pending() == []


def test_the_same_bytes_under_another_name_are_seen_and_pending_once(trial: Trial) -> None:
    trial.put("a.csv", ROWS)
    trial.put("b.csv", ROWS)
    assert trial.land() == LandResult(new=1, seen=1)
    receipts = trial.receipts()
    assert receipts["a.csv"]["file_id"] == receipts["b.csv"]["file_id"]
    assert trial.pending() == [("a.csv", "new"), ("b.csv", "seen")]
    trial.record(*pending(trial.settings, trial.campaign))
    assert trial.pending() == []


def test_a_duplicate_that_comes_after_the_batch_is_pending_alone(trial: Trial) -> None:
    trial.put("b.csv", ROWS)
    trial.land()
    trial.record(*pending(trial.settings, trial.campaign))
    trial.put("a.csv", ROWS)
    trial.land(NOW + timedelta(hours=1))
    assert trial.pending() == [("a.csv", "seen")]
    trial.record(*pending(trial.settings, trial.campaign))
    assert trial.pending() == []


def test_equal_bytes_about_another_day_are_another_file(trial: Trial) -> None:
    trial.says(r"file_name: '(?P<as_of>\d{8})'")
    trial.put("20230612.csv", ROWS)
    trial.put("20230613.csv", ROWS)
    assert trial.land() == LandResult(new=2)


def test_a_mended_pattern_takes_the_files_anew(trial: Trial) -> None:
    trial.put("20230612.csv", ROWS)
    trial.land()
    trial.says(r"file_name: '(?P<as_of>\d{8})'")
    assert trial.land() == LandResult(new=1)


def test_what_arrived_first_is_the_original_whichever_was_landed_first(trial: Trial) -> None:
    trial.says(r"file_name: '(?P<received>\d{8})', received: {by: file_name, trusted: true}")
    trial.put("a_20230620.csv", ROWS)
    trial.put("b_20230610.csv", ROWS)
    assert trial.land() == LandResult(new=1, seen=1)
    assert trial.pending() == [("b_20230610.csv", "new"), ("a_20230620.csv", "seen")]
    original, _ = pending(trial.settings, trial.campaign)
    trial.record(original)
    assert trial.pending() == [("a_20230620.csv", "seen")]
    trial.put("c_20230601.csv", ROWS)  # an earlier one that comes later does not take its place
    trial.land()
    assert trial.pending() == [("c_20230601.csv", "seen"), ("a_20230620.csv", "seen")]


def test_pending_keeps_to_its_bounds_and_to_the_order_of_arrival(trial: Trial) -> None:
    trial.says(r"file_name: '(?P<received>\d{8})', received: {by: file_name, trusted: true}")
    for day in ("20230603", "20230601", "20230602"):
        trial.put(f"{day}.csv", day.encode())
    trial.land()
    assert [name for name, _ in trial.pending()] == ["20230601.csv", "20230602.csv", "20230603.csv"]
    second = datetime(2023, 6, 1, 17, tzinfo=UTC)  # 2023-06-02 00:00 in Viet Nam
    assert trial.pending(until=second) == [("20230601.csv", "new"), ("20230602.csv", "new")]
    assert trial.pending(first=second) == [("20230602.csv", "new"), ("20230603.csv", "new")]


def test_a_truncated_gz_is_kept_and_pending_as_a_failure(trial: Trial) -> None:
    cut = gzip.compress(ROWS * 1000)[:-12]
    trial.put("day.csv.gz", cut)
    trial.put("good.csv", ROWS)
    result = trial.land()
    assert (result.new, result.refused) == (2, 1)
    assert result.problems == [
        "inbox/day.csv.gz: it ends in the middle. Send the whole file again (rule truncated_archive; the bytes are kept)"
    ]
    receipt = trial.receipts()["day.csv.gz"]
    assert (receipt["failure_rule"], receipt["sha256"], receipt["size_bytes"]) == ("truncated_archive", sha(cut), len(cut))
    assert bytes_path(trial.settings, sha(cut)).read_bytes() == cut
    assert len(trial.pending()) == 2


def test_two_unsafe_members_are_two_failures_and_their_neighbour_is_taken(trial: Trial) -> None:
    trial.put("a.zip", zipped(**{"../1.csv": b"e\n", "good.csv": ROWS, "/2.csv": b"e\n"}))
    result = trial.land()
    assert (result.new, result.seen, result.refused, len(result.problems)) == (3, 0, 2, 2)
    receipts = trial.receipts()
    assert {name: r["failure_rule"] for name, r in receipts.items()} == {
        "../1.csv": "unsafe_archive_member",
        "/2.csv": "unsafe_archive_member",
        "good.csv": "",
    }
    assert not list(trial.settings.home.rglob("*.csv"))


def test_of_a_damaged_archive_nothing_is_taken(trial: Trial) -> None:
    content = bytearray(tarred({"x.csv": ROWS}))
    content[-6] ^= 1  # the checksum
    trial.put("a.tar.gz", bytes(content))
    trial.land()
    assert {name: r["failure_rule"] for name, r in trial.receipts().items()} == {"a.tar.gz": "unreadable_archive"}


def test_a_bomb_is_one_line_and_the_run_goes_on(trial: Trial) -> None:
    trial.put("bomb.csv.gz", gzip.compress(bytes(12 * 1024 * 1024)))
    trial.put("good.csv", ROWS)
    result = trial.land()
    assert (result.new, result.refused) == (2, 1)
    assert "archive_too_large" in result.problems[0]


def test_a_scratch_file_of_a_killed_run_harms_nothing_and_goes_after_a_day(trial: Trial) -> None:
    folder = trial.settings.landing / "bytes"
    folder.mkdir(parents=True)
    (folder / ".old.part").write_bytes(b"half")
    (folder / ".young.part").write_bytes(b"half")
    os.utime(folder / ".old.part", (time.time() - 90_000,) * 2)
    trial.put("day.csv", ROWS)
    assert trial.land() == LandResult(new=1)
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == [".young.part"]


def test_a_run_killed_between_bytes_and_receipt_is_caught_up_to_the_same_state(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        trial.put(f"{n}.csv", str(n).encode())
    calls = []

    def killed(path: Path, document: object) -> None:
        calls.append(path)
        if len(calls) == 3:
            raise KeyboardInterrupt
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("loaders.landing.write_json", killed)
        trial.land()
    assert trial.land() == LandResult(new=2, unchanged=2)
    whole = Trial(trial.inbox.parent.parent / "other")
    for n in range(4):
        whole.put(f"{n}.csv", str(n).encode())
    whole.land()
    assert trial.receipts() == whole.receipts()


LAND = """
import sys
from datetime import datetime
from pathlib import Path
from loaders.landing import land
from tiendo.campaign_file import read_campaign
from tiendo.settings import Settings
folder = Path(sys.argv[1])
settings = Settings(home=folder / "home", campaigns=(folder,))
sys.exit(land(settings, read_campaign(folder / "c"), datetime.fromisoformat(sys.argv[2])).refused)
"""


def test_two_runs_at_once_leave_one_receipt_per_file(trial: Trial) -> None:
    for n in range(60):
        trial.put(f"{n:02}.csv", str(n // 2).encode())  # each pair is the same bytes
    folder = str(trial.inbox.parent.parent)
    runs = [subprocess.Popen([sys.executable, "-c", LAND, folder, NOW.isoformat()]) for _ in range(2)]
    assert [run.wait(timeout=120) for run in runs] == [0, 0]
    assert len(trial.receipts()) == 60
    statuses = [status for _, status in trial.pending()]
    assert (statuses.count("new"), statuses.count("seen")) == (30, 30)
    assert not list(trial.settings.home.rglob("*.part"))


def test_memory_does_not_follow_the_size_of_a_file(trial: Trial) -> None:
    block = bytes(n * n % 251 for n in range(65_536)) * 16
    with (trial.inbox / "big.csv").open("wb") as file:
        for _ in range(64):
            file.write(block)
    tracemalloc.start()
    result = trial.land()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result == LandResult(new=1)
    assert trial.receipts()["big.csv"]["size_bytes"] == 64 * 1024 * 1024
    assert peak < 8 * 1024 * 1024


def test_a_thousand_receipts_are_judged_in_under_a_second(trial: Trial) -> None:
    trial.put("many.zip", zipped(**{f"{n}.csv": str(n).encode() for n in range(1000)}))
    trial.land()
    trial.record(*pending(trial.settings, trial.campaign)[:500])
    started = time.perf_counter()
    assert len(trial.pending()) == 500
    assert time.perf_counter() - started < 1
