"""What a source offers: a folder, a file, a glob, an fsspec URL, or the simulation. No byte is read here."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit

from loaders.archives import kind_of
from loaders.member_names import bare_name, clean_name
from loaders.offers import Offer
from tiendo.campaign import Campaign, Source
from tiendo.errors import SourceError
from tiendo.settings import expand_path

# files that are still being uploaded, or that programs keep for themselves
_PASSING = (".part", ".filepart", ".crdownload", ".tmp")


def offers(campaign: Campaign, source: Source) -> Iterator[Offer]:
    """The source's files in the order of their names; raises SourceError where the source cannot be reached."""
    if source.kind == "simulation":
        from loaders.simulation import offers as simulated

        return iter(simulated(campaign, source))
    path = expand_path(source.path).removeprefix("file://")
    found = _remote(source, path) if "://" in path else _local(campaign, source, path)
    return iter([offer for offer in found if _is_wanted_outside(source, offer.file_name)])


def is_wanted(source: Source, *names: str) -> bool:
    """Whether one of a file's names, or the last part of it, matches the source's `members`."""
    patterns = [pattern.strip() for pattern in source.members.split("|")]
    every = {form for name in names for form in (name, name.rsplit("/", 1)[-1])}
    return any(fnmatch.fnmatchcase(form, pattern) for form in every for pattern in patterns)


def _is_wanted_outside(source: Source, name: str) -> bool:
    base = name.rsplit("/", 1)[-1]
    if base.startswith((".", "~$")) or base.endswith(_PASSING) or base == source.received.index:
        return False
    kind = kind_of(name)
    if kind is None:
        return is_wanted(source, name)
    return kind[0] != "one" or is_wanted(source, name, bare_name(name))


def _local(campaign: Campaign, source: Source, text: str) -> list[Offer]:
    path = campaign.folder / text
    if path.is_dir():
        root, files = path, [Path(folder) / name for folder, _, names in _walk(path) for name in names]
    elif path.exists():
        root, files = path.parent, [path]
    elif glob.has_magic(text):
        root = _fixed_part(path)
        if not root.is_dir():
            raise SourceError(f"there is no folder {root}", where=_where(campaign, source), way_out="Create it, or mend path:")
        # unlike Path.glob it leaves hidden folders out, and ** at the end finds files
        files = [Path(found) for found in glob.glob(str(path), recursive=True)]
    else:
        raise SourceError(f"there is no file or folder {path}", where=_where(campaign, source), way_out="Create it, or mend path:")
    return [_local_offer(campaign, root, file) for file in sorted(files) if file.is_file()]


def _walk(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    def refuse(error: OSError) -> None:
        raise SourceError(f"cannot be listed ({error.strerror})", where=str(error.filename), way_out="Mend the folder's permissions")

    for folder, folders, names in os.walk(root, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield folder, folders, names


def _fixed_part(pattern: Path) -> Path:
    """The folder above the first part with a wildcard."""
    fixed = Path(pattern.anchor)
    for part in pattern.parts[1:]:
        if glob.has_magic(part):
            return fixed
        fixed /= part
    return fixed


def _local_offer(campaign: Campaign, root: Path, file: Path) -> Offer:
    found = file.stat()
    inside = file.is_relative_to(campaign.folder)
    return Offer(
        file_name=clean_name(file.relative_to(root).as_posix()),
        container_name="",
        # a campaign folder may be copied elsewhere: what lies in it keeps its name
        origin=clean_name(file.relative_to(campaign.folder).as_posix() if inside else file.as_posix()),
        open=partial(open, file, "rb"),  # type: ignore[arg-type]
        stamp=stamp_of(found),
        beside=partial(_beside_local, root, file),
    )


def stamp_of(found: os.stat_result) -> str:
    return f"{found.st_size}:{found.st_mtime_ns}"


def _beside_local(root: Path, file: Path, name: str) -> tuple[str, BinaryIO] | None:
    folder = file.parent
    while True:
        if (folder / name).is_file():
            inner = folder.relative_to(root).as_posix()
            return ("" if inner == "." else inner), (folder / name).open("rb")
        if folder == root:
            return None
        folder = folder.parent


def _remote(source: Source, url: str) -> list[Offer]:
    import fsspec

    secret = urlsplit(url).password
    try:
        system, path = fsspec.core.url_to_fs(url)
        if glob.has_magic(path):
            root = str(PurePosixPath(*_before_magic(path)))
            found = system.glob(path, detail=True)
        elif system.isfile(path):
            root, found = path.rpartition("/")[0], {path: system.info(path)}
        elif system.isdir(path):
            root, found = path, system.find(path, detail=True)
        else:
            raise SourceError("nothing is there", where=_bare_url(url), way_out="Mend path:, or have the sender put it there")
    except SourceError:
        raise
    except ImportError as error:
        raise SourceError(str(error).replace(secret or "\0", "***"), where=_bare_url(url), way_out="Install that package") from None
    except Exception as error:  # noqa: BLE001 - each protocol has its own errors; all mean that the source cannot be reached
        what = f"cannot be reached ({type(error).__name__}: {error})".replace(secret or "\0", "***")
        raise SourceError(what, where=_bare_url(url), way_out="Look at path:, the credentials and the network") from None
    files = {name: info for name, info in sorted(found.items()) if info.get("type", "file") == "file"}
    return [_remote_offer(system, url, root, name, info) for name, info in files.items()]


def _before_magic(path: str) -> Iterator[str]:
    for part in PurePosixPath(path).parts:
        if glob.has_magic(part):
            return
        yield part


def _remote_offer(system: Any, url: str, root: str, path: str, info: dict[str, Any]) -> Offer:
    marks = [info.get(key) for key in ("ETag", "etag", "LastModified", "mtime", "modified", "created")]
    mark = next((str(mark) for mark in marks if mark), "")
    name = path.removeprefix(root).lstrip("/")
    return Offer(
        file_name=clean_name(name.split("?")[0]),
        container_name="",
        origin=clean_name(_bare_url(url, path)),
        open=partial(_RemoteStream, system, path, _bare_url(url, path)),  # type: ignore[arg-type]
        stamp=f"{info.get('size')}:{mark}" if mark else "",
        beside=partial(_beside_remote, system, root, path),
    )


class _RemoteStream:
    """A remote file read forwards; whatever its protocol raises becomes a SourceError."""

    def __init__(self, system: Any, path: str, origin: str) -> None:
        self.origin = origin
        self.inner = self._ask(lambda: system.open(path, "rb"))

    def read(self, size: int = -1) -> bytes:
        content: bytes = self._ask(lambda: self.inner.read(size))
        return content

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.inner.close()

    def _ask(self, what: Callable[[], Any]) -> Any:
        try:
            return what()
        except Exception as error:  # noqa: BLE001 - as above
            raise SourceError(f"cannot be read ({type(error).__name__})", where=self.origin, way_out="Look at the network") from None


def _beside_remote(system: Any, root: str, path: str, name: str) -> tuple[str, BinaryIO] | None:
    folder = path.rpartition("/")[0]
    while True:
        if system.isfile(f"{folder}/{name}"):
            return folder.removeprefix(root).strip("/"), system.open(f"{folder}/{name}", "rb")
        if folder == root or "/" not in folder:
            return None
        folder = folder.rpartition("/")[0]


def _bare_url(url: str, path: str | None = None) -> str:
    """A URL fit for receipts and messages: no user, password or query."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    inner = parts.path if path is None else path.split("?")[0]
    if "://" in inner:
        inner = urlsplit(inner).path
    inner = inner.lstrip("/")
    return f"{parts.scheme}://{inner}" if not host or inner.startswith(f"{host}/") else f"{parts.scheme}://{host}/{inner}"


def _where(campaign: Campaign, source: Source) -> str:
    return f"campaign {campaign.id}, source {source.id}"
