from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import IO

import pytest

from loaders.archives import STANDARD, Fault, Limits, kind_of, unpack
from loaders.member_names import bare_name, unsafe_name

ROWS = b"code,n\n303,12\n"


def opened(path: Path, name: str | None = None, limits: Limits = STANDARD, wanted: str = "") -> tuple[dict[str, bytes], list[Fault]]:
    """Members taken whole, and the faults."""
    taken: dict[str, bytes] = {}

    def take(member: str, stream: IO[bytes]) -> None:
        content = b""
        while piece := stream.read(65536):
            content += piece
        taken[member] = content

    return taken, unpack(path, name or path.name, lambda member: member.endswith(wanted), take, limits)


def tar_of(path: Path, members: dict[str, bytes], mode: str = "w:gz", **kinds: bytes) -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for name, kind in kinds.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/hostname"
            tar.addfile(info)
    return path


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def rules(faults: list[Fault]) -> list[str]:
    return [fault.rule for fault in faults]


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_a_compressed_file_is_one_file_without_the_suffix(tmp_path: Path, suffix: str, pack) -> None:
    path = tmp_path / f"day.csv.{suffix}"
    path.write_bytes(pack(ROWS))
    assert opened(path) == ({"day.csv": ROWS}, [])


@pytest.mark.parametrize(
    ("name", "mode"), [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("a.tar.xz", "w:xz")]
)
def test_members_of_a_tar_are_files_of_their_own(tmp_path: Path, name: str, mode: str) -> None:
    sizes = {"2021-01-05/x.csv": ROWS, "2021-01-06/x.csv": b"a" * 512, "2021-01-07/x.csv": b"", "2021-01-08/x.csv": b"b" * 100_001}
    assert opened(tar_of(tmp_path / name, sizes, mode)) == (sizes, [])


def test_an_archive_without_a_file_is_an_empty_file(tmp_path: Path) -> None:
    for path in (tar_of(tmp_path / "a.tar.gz", {}), zip_of(tmp_path / "a.zip", {})):
        members, faults = opened(path)
        assert members == {} and "empty_file" in str(faults)


def test_members_of_a_zip_are_files_of_their_own_and_unwanted_ones_are_left(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"Quận/x.csv": ROWS, "notes.txt": b"no"})
    assert opened(path, wanted=".csv") == ({"Quận/x.csv": ROWS}, [])


def test_a_zip_name_in_utf8_that_does_not_say_so_keeps_its_marks(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"Hồng Bàng.csv": ROWS})
    # clear the flag (bit 11) that says UTF-8, in the member's header and in the list at the end
    content = bytearray(path.read_bytes())
    content[7] &= ~0x08
    content[content.index(b"PK\x01\x02") + 9] &= ~0x08
    path.write_bytes(content)
    assert opened(path) == ({"Hồng Bàng.csv": ROWS}, [])


@pytest.mark.parametrize("name", ["../evil.csv", "a/../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "..\\evil.csv", "\\\\host\\evil.csv"])
@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_a_member_that_leads_out_of_the_folder_is_refused_and_the_rest_is_taken(tmp_path: Path, name: str, pack) -> None:
    path = pack(tmp_path / ("a.zip" if pack is zip_of else "a.tar.gz"), {"before.csv": ROWS, name: b"evil", "after.csv": ROWS})
    taken, faults = opened(path)
    assert taken == {"before.csv": ROWS, "after.csv": ROWS}
    assert [(fault.rule, fault.member) for fault in faults] == [("unsafe_archive_member", name)]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_a_link_or_device_in_a_tar_is_refused(tmp_path: Path, kind: bytes) -> None:
    taken, faults = opened(tar_of(tmp_path / "a.tar.gz", {"good.csv": ROWS}, evil=kind))
    assert (list(taken), rules(faults)) == (["good.csv"], ["unsafe_archive_member"])


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/hostname")
    taken, faults = opened(tmp_path / "a.zip")
    assert (taken, rules(faults)) == ({}, ["unsafe_archive_member"])


def test_a_name_with_dots_that_leads_nowhere_is_safe() -> None:
    assert [unsafe_name(name) for name in ("a..b.csv", "..a/b.csv", "a/...csv", "Huyện A/1.csv")] == ["", "", "", ""]


def bombs(folder: Path) -> list[Path]:
    zeros = bytes(12 * 1024 * 1024)  # packs to about a thousandth
    (folder / "a.csv.gz").write_bytes(gzip.compress(zeros))
    return [folder / "a.csv.gz", tar_of(folder / "a.tar.gz", {"a.csv": zeros}), zip_of(folder / "a.zip", {"a.csv": zeros})]


def test_a_bomb_is_refused_whatever_its_form(tmp_path: Path) -> None:
    for path in bombs(tmp_path):
        taken, faults = opened(path)
        assert (taken, rules(faults)) == ({}, ["archive_too_large"]), path.name
        assert "200 times" in faults[0].text


def test_a_file_that_packs_well_but_is_small_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(bytes(9 * 1024 * 1024)))
    assert opened(path)[1] == []


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(members=2), "more than 2 members"),
        (Limits(member_bytes=10), "larger than 10 bytes"),
        (Limits(total_bytes=30), "more than 30 bytes"),
    ],
)
def test_more_members_or_bytes_than_the_limits_allow_is_one_fault(tmp_path: Path, limits: Limits, said: str) -> None:
    members = {f"{n}.csv": ROWS for n in range(3)}
    for path in (tar_of(tmp_path / "a.tar.gz", members), zip_of(tmp_path / "a.zip", members)):
        taken, faults = opened(path, limits=limits)
        assert rules(faults) == ["archive_too_large"]
        assert said in faults[0].text
        assert len(taken) < 3


def test_many_unsafe_members_end_in_one_line_instead_of_thousands(tmp_path: Path) -> None:
    _, faults = opened(zip_of(tmp_path / "a.zip", {f"../{n}.csv": b"" for n in range(500)}))
    assert len(faults) == 101
    assert "the rest was not read" in faults[-1].text


def test_an_archive_cut_off_gives_what_came_whole_and_one_fault(tmp_path: Path) -> None:
    members = {"1.csv": bytes(range(256)) * 40, "2.csv": bytes(range(255, -1, -1)) * 40}
    whole = tar_of(tmp_path / "a.tar", members, "w").read_bytes()
    cuts = {"in the second member": 512 + 10240 + 512 + 300, "in its header": 512 + 10240 + 100, "between the two": 512 + 10240}
    for where, cut in cuts.items():
        (tmp_path / "cut.tar").write_bytes(whole[:cut])
        taken, faults = opened(tmp_path / "cut.tar")
        assert (list(taken), rules(faults)) == (["1.csv"], ["truncated_archive"]), where


@pytest.mark.parametrize("name", ["a.csv.gz", "a.tar.gz", "a.zip", "a.csv.xz"])
def test_a_cut_off_archive_is_truncated_whatever_its_form(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = bytes(n * n % 251 for n in range(50_000))
    if name.endswith(".zip"):
        zip_of(path, {"a.csv": content})
    elif ".tar" in name:
        tar_of(path, {"a.csv": content})
    else:
        path.write_bytes(gzip.compress(content) if name.endswith("gz") else lzma.compress(content))
    path.write_bytes(path.read_bytes()[:-40])
    taken, faults = opened(path)
    assert (taken, rules(faults)) == ({}, ["truncated_archive"])


@pytest.mark.parametrize("name", ["a.csv.gz", "a.zip", "a.tar.gz", "a.tar"])
def test_a_file_that_is_no_archive_though_its_name_says_so_is_unreadable(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(ROWS * 100)
    assert rules(opened(path)[1]) == ["unreadable_archive"]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.zip", "a.tar.gz", "a.tar"])
def test_an_empty_archive_is_truncated(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert rules(opened(tmp_path / name)[1]) == ["truncated_archive"]


def test_damaged_bytes_in_a_zip_cost_that_member_only(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"bad.csv": bytes(range(256)) * 8, "good.csv": ROWS})
    content = bytearray(path.read_bytes())
    content[60:64] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    taken, faults = opened(path)
    assert taken == {"good.csv": ROWS}
    assert [(fault.rule, fault.member) for fault in faults] == [("unreadable_archive", "bad.csv")]


def test_random_damage_never_raises(tmp_path: Path) -> None:
    members = {f"{n}.csv": ROWS * 50 for n in range(4)}
    for path in (tar_of(tmp_path / "a.tar", members, "w"), tar_of(tmp_path / "a.tar.gz", members), zip_of(tmp_path / "a.zip", members)):
        whole = path.read_bytes()
        for n in range(150):
            content = bytearray(whole)
            for k in range(3):
                content[(n * 7919 + k * 104_729) % len(whole)] ^= 1 + (n * 31 + k) % 255
            path.write_bytes(content)
            taken, faults = opened(path)
            assert taken or faults


def test_an_error_of_the_taker_is_not_blamed_on_the_archive(tmp_path: Path) -> None:
    def take(name: str, stream: IO[bytes]) -> None:
        raise ValueError("ours")

    for path in (tar_of(tmp_path / "a.tar.gz", {"a.csv": ROWS}), zip_of(tmp_path / "a.zip", {"a.csv": ROWS})):
        with pytest.raises(ValueError, match="ours"):
            unpack(path, path.name, lambda name: True, take)


def test_workbooks_are_no_archives_and_an_archive_in_an_archive_stays_closed(tmp_path: Path) -> None:
    assert kind_of("a.xlsx") is None
    assert bare_name("in/day.csv.gz") == "day.csv"
    inner = zip_of(tmp_path / "inner.zip", {"a.csv": ROWS})
    assert list(opened(zip_of(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes()}))[0]) == ["inner.zip"]


def test_memory_does_not_follow_the_size_of_a_member(tmp_path: Path) -> None:
    block = bytes(n * n % 251 for n in range(65_536)) * 16
    with gzip.open(tmp_path / "a.csv.gz", "wb", compresslevel=1) as file:
        for _ in range(64):
            file.write(block)

    def take(name: str, stream: IO[bytes]) -> None:
        while stream.read(1024 * 1024):
            pass

    tracemalloc.start()
    faults = unpack(tmp_path / "a.csv.gz", "a.csv.gz", lambda name: True, take, Limits(ratio=2000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert faults == []
    assert peak < 8 * 1024 * 1024


def test_a_checksum_that_fails_at_the_end_of_a_tar_gz_is_damage(tmp_path: Path) -> None:
    path = tar_of(tmp_path / "a.tar.gz", {"a.csv": ROWS})
    content = bytearray(path.read_bytes())
    content[-8] ^= 0xFF
    path.write_bytes(content)
    faults = opened(path)[1]
    assert [(fault.rule, fault.is_damage) for fault in faults] == [("unreadable_archive", True)]
