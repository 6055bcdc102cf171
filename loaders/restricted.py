"""What holds personal data, kept apart: bytes and true names under landing/restricted, for the owner of the home folder only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from loaders.personal_data import hidden, is_personal
from loaders.store import move_apart, restricted_path
from tiendo.home import write_json
from tiendo.settings import Settings


def set_apart(settings: Settings, receipts: list[dict[str, Any]], parsed: Path) -> int:
    """Move the bytes of every file of a parsed batch that holds personal data, and of the archives they came in; how many moved.

    Called before anything else is made of the batch, and harmless to repeat: a killed run is caught up by the next. An archive that
    brings a member again that was moved before is moved too.
    """
    with duckdb.connect() as con:
        found = con.execute("select sha256 from read_parquet(?) where has_personal_data", [str(parsed / "files.parquet")]).fetchall()
    apart = {sha256 for (sha256,) in found}
    apart |= {receipt["sha256"] for receipt in receipts if restricted_path(settings, receipt["sha256"]).is_file()}
    containers = {receipt["container_sha256"] for receipt in receipts if receipt["sha256"] in apart and receipt.get("container_sha256")}
    return sum(move_apart(settings, sha256) for sha256 in sorted(apart | containers))


def keep_names(settings: Settings, receipt_id: str, **names: str) -> None:
    """Write the true names of an offered file apart, where a name holds personal data: the receipt shows them hidden."""
    if not any(is_personal(name) for name in names.values()):
        return
    folder = settings.landing / "restricted" / "names"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in (folder.parent, folder):
        part.chmod(0o700)
    path = folder / f"{receipt_id}.json"
    write_json(path, names)
    path.chmod(0o600)


__all__ = ["hidden", "is_personal", "keep_names", "set_apart"]
