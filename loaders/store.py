"""The landing's bytes: every file once, under its sha256, read-only, never overwritten."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from loaders.connectors import stamp_of
from loaders.offers import Offer
from tiendo.settings import Settings

CHUNK = 1024 * 1024
_DEAD_AFTER_S = 24 * 3600


@dataclass(frozen=True)
class Stored:
    """Bytes in the landing."""

    sha256: str
    size: int
    path: Path


def bytes_path(settings: Settings, sha256: str) -> Path:
    """Where the landing keeps the bytes of that digest: among all others, or apart because they hold personal data."""
    apart = restricted_path(settings, sha256)
    return apart if _is_there(apart) else settings.landing / "bytes" / sha256[:2] / sha256


def restricted_path(settings: Settings, sha256: str) -> Path:
    """Where the bytes of that digest are if they were moved apart."""
    return settings.landing / "restricted" / "bytes" / sha256[:2] / sha256


def move_apart(settings: Settings, sha256: str) -> bool:
    """Move bytes that hold personal data to a folder that only its owner may enter; True if they were moved now.

    One rename: whoever looks finds them in one place or in the other. Doing it again does nothing.
    """
    target, usual = restricted_path(settings, sha256), settings.landing / "bytes" / sha256[:2] / sha256
    if not usual.is_file():
        return False
    for folder in (settings.landing / "restricted", settings.landing / "restricted" / "bytes", target.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    usual.chmod(0o600)
    usual.replace(target)
    return True


def _is_there(path: Path) -> bool:
    """Whether a file is there; one in a folder that this user may not enter is not there for them."""
    try:
        return path.is_file()
    except PermissionError:
        return False


def store(settings: Settings, stream: IO[bytes]) -> Stored:
    """Copy a stream into the landing in pieces, under its sha256; bytes already there are left as they are."""
    folder = settings.landing / "bytes"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    scratch = Path(name)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as out:
            while piece := stream.read(CHUNK):
                digest.update(piece)
                size += out.write(piece)
        target = bytes_path(settings, digest.hexdigest())
        if not target.is_file():
            target.parent.mkdir(exist_ok=True)
            scratch.chmod(0o444)
            scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
    return Stored(digest.hexdigest(), size, target)


def sweep(settings: Settings) -> None:
    """Remove scratch files that a killed run left: nothing was written to them for a day, by the file system's own clock."""
    folder = settings.landing / "bytes"
    parts = list(folder.glob(".*.part"))
    if parts:
        with tempfile.NamedTemporaryFile(dir=folder) as fresh:
            clock = os.fstat(fresh.fileno()).st_mtime
        for part in parts:
            if part.exists() and clock - part.stat().st_mtime > _DEAD_AFTER_S:
                part.unlink(missing_ok=True)


def is_steady(offer: Offer, stream: Any) -> bool:
    """Whether a local file is still as it was when it was offered; one that is not is still being written."""
    try:
        handle = stream.fileno()
    except (AttributeError, OSError, ValueError):
        return True
    return not offer.stamp or stamp_of(os.fstat(handle)) == offer.stamp
