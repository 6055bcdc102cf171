"""Receipts on disk: one folder per file received, written whole, made again from lake and landing where they are gone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from publishers.receipts.facts import Document, documents
from publishers.receipts.text import render
from publishers.receipts.workbook import REASONS, has_macros, mark
from tiendo import lake
from tiendo.campaign import Campaign
from tiendo.errors import NotFoundError
from tiendo.home import scratch_folder
from tiendo.settings import Settings
from tiendo.units import load_units

LANGUAGES = ("vi", "en")
_TABLES = ("batches", "submissions", "findings", "totals")

Progress = Callable[[str, int, int], None]  # what, done, of


def receipts_folder(settings: Settings, campaign_id: str) -> Path:
    """Where the receipts of a campaign lie."""
    return settings.home / "receipts" / f"campaign_id={campaign_id}"


def write_missing(settings: Settings, campaign: Campaign, progress: Progress | None = None) -> int:
    """Write the receipt of every file in the lake that has none; returns how many were written.

    Each folder is made in scratch and renamed, so a killed run leaves none half written and the next one makes them up.
    """
    folder = receipts_folder(settings, campaign.id)
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    wanted = [(batch, files) for batch, files in _files(settings, campaign.id, there) if files]
    total, done = sum(len(files) for _, files in wanted), 0
    if not total:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    units = load_units(settings, campaign)
    with scratch_folder(settings.scratch, f"receipts-{campaign.id}-") as scratch:
        for batch, files in wanted:
            tables = {name: _table(settings, name, campaign.id, batch) for name in _TABLES}
            for document in documents(campaign, units, tables, files):
                target = folder / document["receipt_id"]
                made = _write(document, settings, scratch / document["receipt_id"])
                if not target.exists():
                    made.rename(target)
                done += 1
                if progress:
                    progress("receipts", done, total)
    return done


def rebuild(settings: Settings, campaign: Campaign, progress: Progress | None = None) -> int:
    """Make all receipts of a campaign again; returns how many. The old ones go first, so a killed rebuild is made up like a killed run."""
    shutil.rmtree(receipts_folder(settings, campaign.id), ignore_errors=True)
    return write_missing(settings, campaign, progress)


def find(settings: Settings, named: str) -> Path:
    """The receipt's folder, by its id (or the beginning of it) or by the name of the file: then the one received last.

    Raises NotFoundError.
    """
    root = settings.home / "receipts"
    by_id = sorted(path for path in root.glob(f"campaign_id=*/{named}*") if path.is_dir()) if named.isalnum() else []
    if len(by_id) == 1:
        return by_id[0]
    base = named.replace("\\", "/").rsplit("/", 1)[-1]
    found: list[tuple[str, Path]] = []
    for path in sorted(root.glob("campaign_id=*/*/receipt.json")):
        document = json.loads(path.read_bytes())
        if document["file"]["file_name"] == named or document["file"]["file_name"].rsplit("/", 1)[-1] == base:
            found.append((document["received_at"], path.parent))
    if not found:
        what = f"{len(by_id)} receipts begin with '{named}'" if by_id else f"no receipt of '{named}'"
        raise NotFoundError(what, where=str(root), way_out="Give the file's name as it was received, or the receipt's whole id")
    return max(found)[1]


def _files(settings: Settings, campaign_id: str, there: set[str]) -> list[tuple[str, list[str]]]:
    """Batch -> files without a receipt, by batch."""
    found = []
    with duckdb.connect() as connection:
        for batch in lake.batch_ids(settings, campaign_id):
            path = str(lake.table_path(settings.lake, lake.LAST, campaign_id, batch))
            rows = connection.execute(
                "SELECT file_id FROM read_parquet($1, hive_partitioning = false) WHERE status <> 'acts' ORDER BY ALL", [path]
            ).fetchall()
            found.append((batch, [file for (file,) in rows if file not in there]))
    return found


def _table(settings: Settings, name: str, campaign_id: str, batch: str) -> Sequence[str]:
    path = lake.table_path(settings.lake, name, campaign_id, batch)
    return [str(path)] if path.is_file() else []


def _write(document: Document, settings: Settings, folder: Path) -> Path:
    """receipt.json, a text in each language and, where there is something to mark, the workbook."""
    folder.mkdir()
    content = _bytes(settings, document["file"]["sha256"])
    if document["file"]["format"] == "xlsx" and content is None:
        document["workbook"]["reason"] = REASONS["personal" if _is_apart(settings, document["file"]["sha256"]) else "gone"]
    elif document["file"]["format"] == "xlsx" and content is not None:
        marked, reason = mark(document, content, LANGUAGES[0])
        document["workbook"]["reason"] = reason
        if marked is not None:
            document["workbook"]["name"] = name = "marked.xlsm" if has_macros(content) else "marked.xlsx"
            (folder / name).write_bytes(marked)
            (folder / name).chmod(0o600)  # the sender's own file: it may hold what only the sender should see
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / "receipt.json").write_text(text, encoding="utf-8")
    for language in LANGUAGES:
        (folder / f"receipt.{language}.txt").write_text(render(document, language), encoding="utf-8")
    return folder


def _bytes(settings: Settings, sha256: str) -> Path | None:
    """The file as received; None where it is not among the others: it holds personal data and lies apart, or is lost."""
    path = settings.landing / "bytes" / sha256[:2] / sha256
    return path if path.is_file() else None


def _is_apart(settings: Settings, sha256: str) -> bool:
    """Whether the file lies apart because it holds personal data: a marked copy would hold that too."""
    try:
        return (settings.landing / "restricted" / "bytes" / sha256[:2] / sha256).is_file()
    except PermissionError:
        return True
