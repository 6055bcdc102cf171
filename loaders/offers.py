"""What a connector hands to the landing: one offer per file, bytes not yet read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO


@dataclass(frozen=True)
class Offer:
    """One file that a source offers, and what its archive records of its arrival."""

    file_name: str  # name, or path inside the container
    container_name: str  # the archive it is a member of, or ''
    origin: str  # path or URL of what was pulled
    open: Callable[[], BinaryIO]
    received_at: datetime | None = None  # a trusted archive's record (aware); None: our clock
    received_by: str = "clock"  # clock | file_name | index | column | simulation
    sender: str = ""
    stamp: str = ""  # changes whenever the bytes may have; '' makes the landing read them every time
    beside: Callable[[str], tuple[str, BinaryIO] | None] | None = None  # file of that name, here or in a folder above: (folder, bytes)
