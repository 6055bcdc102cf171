"""A build is a folder that readers get whole: marts.duckdb, parquet/, pages/. `published` is a link to one build."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from publishers.marts_export import export_marts
from tiendo.errors import NotFoundError
from tiendo.home import only_one, scratch_folder
from tiendo.settings import Settings

KEPT = 3  # builds that stay, the linked one included
_MAKING = ".making-"
_BUILD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}")

Progress = Callable[[str, int, int], None]  # what, done, of


def publish(settings: Settings, build_id: str, progress: Progress | None = None) -> Path:
    """Make build `build_id` of the finished warehouse and swap `settings.published` to it; returns the build's folder.

    Nothing is written if that build is already what readers get. The link moves in one step after the build is complete,
    so a kill at any moment leaves the old build in place; a reader that is connected goes on reading its own build.
    `progress`, where given, is called with (what, done, of). Raises WarehouseError if there is nothing to publish and
    LockedError if another process is publishing.
    """
    if not _BUILD_ID.fullmatch(build_id):
        raise NotFoundError(f"'{build_id}' cannot name a build", way_out="Use letters, digits, '-', '_' and '.'")
    build = settings.builds / build_id
    if build.is_dir() and linked_build(settings) == build:
        return build
    with only_one(settings.builds / ".lock", "the published builds"):
        if not build.is_dir():
            _make(settings, build, progress)
        os.utime(build)  # the order in which builds were published decides which ones stay
        _swap(settings, build)
        _tidy(settings)
    return build


def linked_build(settings: Settings) -> Path | None:
    """The build that readers get now, or None before the first."""
    if not settings.published.is_symlink():
        return None
    return settings.builds / Path(os.readlink(settings.published)).name


def _make(settings: Settings, build: Path, progress: Progress | None) -> None:
    from publishers.data_docs import build_data_docs
    from publishers.dbt_docs import build_dbt_docs
    from publishers.page import render_pages  # charts load a JavaScript engine: only where a page is made

    with scratch_folder(settings.builds, _MAKING) as scratch:
        marts = export_marts(settings.warehouse / "warehouse.duckdb", scratch, progress)
        before = linked_build(settings)
        documented = build_data_docs(settings.lake, marts, scratch / "pages", before / "pages" if before else None)
        tables = build_dbt_docs(settings.warehouse / "warehouse.duckdb", scratch / "pages")
        render_pages(marts, scratch / "pages", progress, {page.parent.parent.name for page in documented}, tables)
        os.chmod(scratch, 0o755)
        _to_disk(scratch)
        os.replace(scratch, build)


def _to_disk(folder: Path) -> None:
    """Flush every file before the folder gets its name: a power cut must not leave a named but empty build."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())


def _swap(settings: Settings, build: Path) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    scratch = settings.home / f".published.{os.getpid()}"
    scratch.unlink(missing_ok=True)
    scratch.symlink_to(Path(os.path.relpath(settings.builds, settings.home)) / build.name)
    os.replace(scratch, settings.published)


def _tidy(settings: Settings) -> None:
    """Remove builds beyond the last KEPT, and what killed runs left; never the linked one."""
    linked = linked_build(settings)
    folders = [path for path in settings.builds.iterdir() if path.is_dir()]
    builds = sorted((path for path in folders if not path.name.startswith(".")), key=lambda path: (path.stat().st_mtime_ns, path.name))
    leftovers = [path for path in folders if path.name.startswith(_MAKING)]
    for path in leftovers + [path for path in builds[:-KEPT] if path != linked]:
        shutil.rmtree(path, ignore_errors=True)
