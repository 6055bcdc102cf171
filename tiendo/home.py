"""Files in the home folder: written whole or not at all."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tiendo.errors import LockedError


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """A scratch path beside `target`; renamed to it when the block ends well, removed when it does not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    scratch = Path(name)
    try:
        yield scratch
        scratch.chmod(0o644)
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)


def write_json(target: Path, document: Any) -> None:
    """A JSON file, whole or not at all, with stable bytes (sorted keys, UTF-8, no escapes)."""
    with written_whole(target) as scratch:
        scratch.write_text(json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n", encoding="utf-8")


@contextmanager
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder that is gone when the block ends."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def only_one(lock: Path, what: str) -> Iterator[None]:
    """Hold `lock` for the block; raises LockedError at once if another process holds it. Freed when a process dies."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"another run holds {what}", where=str(lock), way_out="Wait until it has ended, then run again") from None
        yield
