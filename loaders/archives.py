"""Archives opened safely: members are streamed to a taker, nothing is ever unpacked by name.

What cannot be taken becomes a `Fault` with a rule id: truncated_archive, unreadable_archive, unsafe_archive_member,
archive_too_large. What came whole before the archive was cut off or grew too large is taken; archives inside archives are
not opened.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from loaders.member_names import bare_name, clean_member_name, unsafe_name, zip_member_name

MIB = 1024 * 1024
_LARGEST_HEADER = 16 * MIB  # a tar may carry headers of any size, and they are read into memory at once

# suffix -> (layout, compression); longest first
_KINDS = {
    ".tar.gz": ("tar", "gz"), ".tgz": ("tar", "gz"), ".tar.bz2": ("tar", "bz2"), ".tbz2": ("tar", "bz2"),
    ".tar.xz": ("tar", "xz"), ".txz": ("tar", "xz"), ".tar": ("tar", ""), ".zip": ("zip", "zip"),
    ".gz": ("one", "gz"), ".bz2": ("one", "bz2"), ".xz": ("one", "xz"),
}  # fmt: skip
_MAGIC = {"gz": b"\x1f\x8b", "bz2": b"BZh", "xz": b"\xfd7zXZ\x00", "zip": b"PK"}
# what the standard library is known to raise on damaged archives, besides OSError without a number
_BROKEN = (
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    struct.error,
    RuntimeError,
    ValueError,
    IndexError,
    OverflowError,
)
_OPEN: dict[str, Callable[[Path], Any]] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open, "": lambda path: path.open("rb")}


@dataclass(frozen=True)
class Limits:
    """How much an archive may unpack to. The ratio counts beyond the first `free_bytes`."""

    member_bytes: int = 4096 * MIB
    total_bytes: int = 16384 * MIB
    members: int = 20_000
    ratio: int = 200
    free_bytes: int = 10 * MIB
    refusals: int = 100


STANDARD = Limits()


@dataclass(frozen=True)
class Fault:
    """Why an archive (`member` is '') or one member of it could not be taken; `text` ends in the way out."""

    rule: str
    text: str
    member: str = ""

    @property
    def is_damage(self) -> bool:
        return self.rule == "unreadable_archive" and not self.member


class ArchiveFault(Exception):
    """Raised while an archive is read; `fault` says which rule failed."""

    def __init__(self, rule: str, text: str) -> None:
        self.fault = Fault(rule, text)
        super().__init__(text)


def kind_of(name: str) -> tuple[str, str] | None:
    """(layout, compression) of an archive by its name, None for any other file. XLSX and the like are no archives here."""
    lowered = name.lower()
    return next((kind for suffix, kind in _KINDS.items() if lowered.endswith(suffix)), None)


def unpack(
    path: Path,
    name: str,
    wanted: Callable[[str], bool],
    take: Callable[[str, IO[bytes]], None],
    limits: Limits = STANDARD,
) -> list[Fault]:
    """Give every wanted member of the archive at `path` (called `name`) to `take(member_name, stream)`; return the faults.

    `take` reads the stream to its end and keeps nothing of it when the stream raises ArchiveFault. When a fault `is_damage`,
    the checksum of the whole failed: nothing that was taken can be trusted.
    """
    layout, compression = kind_of(name) or ("", "")
    work = _Work(wanted, take, limits, packed=path.stat().st_size)
    try:
        _check_magic(path, compression)
        if layout == "zip":
            _unpack_zip(path, work)
        else:
            with _OPEN[compression](path) as inner:
                stream = _Stream(inner, work)
                if layout == "tar":
                    _unpack_tar(stream, work)
                else:
                    take(bare_name(name), _Member(stream, limits))  # type: ignore[arg-type]
    except ArchiveFault as error:
        work.faults.append(error.fault)
    return work.faults


@dataclass
class _Work:
    wanted: Callable[[str], bool]
    take: Callable[[str, IO[bytes]], None]
    limits: Limits
    packed: int
    unpacked: int = 0
    members: int = 0
    faults: list[Fault] = field(default_factory=list)

    def unpack_more(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > self.limits.total_bytes:
            raise _too_large(f"it unpacks to more than {self.limits.total_bytes:,} bytes")
        if self.unpacked > max(self.limits.free_bytes, self.limits.ratio * self.packed):
            raise _too_large(f"it unpacks to more than {self.limits.ratio} times its size of {self.packed:,} bytes")

    def one_more_member(self) -> None:
        self.members += 1
        if self.members > self.limits.members:
            raise _too_large(f"it has more than {self.limits.members:,} members")

    def refuse(self, rule: str, text: str, member: str) -> None:
        self.faults.append(Fault(rule, text, member))
        if len(self.faults) >= self.limits.refusals:
            raise ArchiveFault("unsafe_archive_member", f"{len(self.faults)} members were refused; the rest was not read. Send plain files")


class _Stream:
    """An unpacked stream read forwards only: counted, and every failure of it is an ArchiveFault. tarfile reads from it."""

    def __init__(self, inner: IO[bytes], work: _Work) -> None:
        self.inner, self.work, self.position, self.last = inner, work, 0, b""

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LARGEST_HEADER:
            raise _too_large(f"one header of it is larger than {_LARGEST_HEADER:,} bytes")
        with _faults():
            data = self.inner.read(size)
        self.work.unpack_more(len(data))
        self.position += len(data)
        self.last = data or self.last
        return data

    def tell(self) -> int:
        return self.position

    def seek(self, position: int, whence: int = 0) -> int:
        if whence != 0 or position < self.position:
            raise ArchiveFault("unreadable_archive", "it is damaged: a member begins before the end of the last one. Send it again")
        while self.position < position and self.read(min(MIB, position - self.position)):
            pass
        return self.position


class _Member:
    """One member's bytes, read in pieces, held to the limit on size."""

    def __init__(self, inner: Any, limits: Limits, work: _Work | None = None) -> None:
        self.inner, self.limits, self.work, self.position = inner, limits, work, 0

    def read(self, size: int = -1) -> bytes:
        with _faults():
            data: bytes = self.inner.read(MIB if size < 0 else min(size, MIB))
        self.position += len(data)
        if self.position > self.limits.member_bytes:
            raise _too_large(f"a member of it is larger than {self.limits.member_bytes:,} bytes")
        if self.work:
            self.work.unpack_more(len(data))
        return data


def _unpack_tar(stream: _Stream, work: _Work) -> None:
    with _faults():
        tar = tarfile.TarFile(fileobj=stream)  # type: ignore[arg-type]
    for member in _tar_members(tar):
        work.one_more_member()
        name = clean_member_name(member.name)
        if unsafe := unsafe_name(name):
            work.refuse("unsafe_archive_member", f"the name of the member {unsafe}. Pack the files without it", name)
        elif member.isdir() or not work.wanted(name):
            continue
        elif not member.isreg() or member.issparse():
            work.refuse("unsafe_archive_member", "the member is a link, a device or sparse, no plain file. Pack the file itself", name)
        elif member.size > work.limits.member_bytes:
            raise _too_large(f"its member {name} is larger than {work.limits.member_bytes:,} bytes")
        else:
            work.take(name, _Member(tar.extractfile(member), work.limits))  # type: ignore[arg-type]
    # tarfile ends silently at a broken header: a sound end is a block of zeros
    if len(stream.last) != tarfile.BLOCKSIZE or stream.last.strip(b"\0"):
        raise ArchiveFault("truncated_archive", "it ends in the middle. Send the whole archive again")
    while stream.read(MIB):  # gzip's checksum stands at its very end
        pass
    if not work.members:
        raise _hollow()


def _tar_members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while True:
        with _faults():
            member = tar.next()
        if member is None:
            return
        tar.members = []  # type: ignore[attr-defined]  # tarfile remembers every member otherwise
        yield member


def _unpack_zip(path: Path, work: _Work) -> None:
    if not zipfile.is_zipfile(path):
        # its list of members stands at the end, so an archive that was cut off has none
        raise ArchiveFault("truncated_archive", "it has no list of members at its end. Send the whole archive again")
    with _faults():
        archive = zipfile.ZipFile(path)
    with archive:
        members = [(zip_member_name(info), info) for info in archive.infolist() if not info.is_dir()]
        if not members:
            raise _hollow()
        if len(members) > work.limits.members:
            raise _too_large(f"it has more than {work.limits.members:,} members")
        declared = _Work(work.wanted, work.take, work.limits, work.packed)
        declared.unpack_more(sum(info.file_size for name, info in members if work.wanted(name)))
        for name, info in members:
            if unsafe := unsafe_name(name):
                work.refuse("unsafe_archive_member", f"the name of the member {unsafe}. Pack the files without it", name)
            elif not work.wanted(name):
                continue
            elif stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
                work.refuse("unsafe_archive_member", "the member is a link or a device, not a plain file. Pack the file itself", name)
            elif info.flag_bits & 1:
                work.refuse("unreadable_archive", "the member is locked with a password. Send it without one", name)
            else:
                _take_zip_member(archive, info, name, work)


def _take_zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, work: _Work) -> None:
    try:
        with _faults():
            stream = archive.open(info)
        with stream:
            work.take(name, _Member(stream, work.limits, work))  # type: ignore[arg-type]
    except ArchiveFault as error:
        if error.fault.rule == "archive_too_large":
            raise
        work.refuse(error.fault.rule, error.fault.text, name)


def _check_magic(path: Path, compression: str) -> None:
    magic = _MAGIC.get(compression, b"")
    with path.open("rb") as file:
        head = file.read(max(len(magic), 1))
    if head and head.startswith(magic):
        return
    if magic.startswith(head):
        raise ArchiveFault("truncated_archive", "it is empty or cut off. Send it again")
    raise ArchiveFault("unreadable_archive", f"it is no .{compression} file, though its name says so. Name it truly, or pack it again")


def _hollow() -> ArchiveFault:
    return ArchiveFault("empty_file", "the archive holds no file. Pack the reports and send it again")


def _too_large(what: str) -> ArchiveFault:
    return ArchiveFault("archive_too_large", f"{what}. Send smaller archives or plain files")


@contextmanager
def _faults() -> Iterator[None]:
    """What the standard library raises on a broken archive, as an ArchiveFault."""
    try:
        yield
    except EOFError:
        raise ArchiveFault("truncated_archive", "it ends in the middle. Send the whole file again") from None
    except tarfile.ReadError as error:
        rule = "truncated_archive" if "unexpected end of data" in str(error) else "unreadable_archive"
        raise ArchiveFault(rule, f"it cannot be unpacked ({error}). Send it again") from None
    except _BROKEN as error:
        raise ArchiveFault("unreadable_archive", f"it cannot be unpacked ({error}). Send it again") from None
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # a disk's fault; EINVAL is a jump to before the start that a damaged zip asks for
            raise
        raise ArchiveFault("unreadable_archive", f"it cannot be unpacked ({error}). Send it again") from None
