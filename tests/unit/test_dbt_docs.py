"""dbt's documentation of the tables, as one page beside the others: offline, the same bytes each time, nothing of this machine."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from publishers.build import publish
from publishers.dbt_docs import build_dbt_docs
from tiendo.settings import Settings, load_settings

make_warehouse = runpy.run_path(str(Path(__file__).with_name("publish_trial.py")))["make_warehouse"]
UNIQUE = "model.tiendo.leaderboard"


def manifest(run: str) -> dict[str, Any]:
    """What a build leaves behind, with all that changes from run to run and machine to machine."""
    node = {
        "unique_id": UNIQUE, "resource_type": "model", "package_name": "tiendo", "name": "leaderboard", "alias": "leaderboard",
        "schema": "marts", "database": "next", "description": "One row per unit. </script><script>alert(1)</script>",
        "config": {"materialized": "table"}, "raw_code": "select 1", "compiled_code": f"select * from '/machine/{run}.parquet'",
        "created_at": run, "checksum": {"name": run}, "relation_name": f"'/machine/{run}'", "columns": {},
    }  # fmt: skip
    empty: dict[str, Any] = {name: {} for name in ("sources", "exposures", "docs", "parent_map", "child_map")}
    macros = {"macro.dbt.run": {"package_name": "dbt"}, "macro.tiendo.over": {"package_name": "tiendo"}}
    metadata = {"dbt_schema_version": "v12", "dbt_version": "1.11", "project_name": "tiendo", "project_id": "x", "adapter_type": "duckdb",
                "generated_at": run, "invocation_id": run, "user_id": run, "env": {"HOME": f"/machine/{run}"}}  # fmt: skip
    return {**empty, "nodes": {UNIQUE: node}, "macros": macros, "metadata": metadata}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings(tmp_path / "home")
    settings.warehouse.mkdir(parents=True)
    make_warehouse(settings.warehouse / "warehouse.duckdb")
    return settings


def left_behind(settings: Settings, run: str) -> Path:
    folder = settings.warehouse / "dbt"
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(manifest(run)), encoding="utf-8")
    return settings.warehouse / "warehouse.duckdb"


def test_two_runs_over_the_same_models_make_the_same_page_without_a_trace_of_run_or_machine(settings: Settings, tmp_path: Path) -> None:
    pages = [build_dbt_docs(left_behind(settings, run), tmp_path / run) for run in ("monday", "tuesday")]
    first, second = [page.read_text(encoding="utf-8") for page in pages if page]
    assert first == second
    assert not re.search("monday|tuesday|/machine/|macro.dbt.run", first)
    assert "macro.tiendo.over" in first and '"attained_pct"' in first and '"warehouse"' in first


def test_the_page_asks_no_other_host_and_a_description_cannot_end_its_script(settings: Settings, tmp_path: Path) -> None:
    page = build_dbt_docs(left_behind(settings, "monday"), tmp_path)
    assert page
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//", text)
    assert '"send_anonymous_usage_stats":false' in text  # with it the page would call its maker
    assert "One row per unit. <\\/script><script>alert(1)<\\/script>" in text
    assert page.stat().st_size < 4_000_000


def test_the_index_links_it_and_has_no_dead_link_where_no_build_left_a_manifest(settings: Settings) -> None:
    link = 'href="dbt_docs.html"'
    without = publish(settings, "without")
    assert link not in (without / "pages" / "index.html").read_text(encoding="utf-8")
    left_behind(settings, "monday")
    build = publish(settings, "with")
    assert (build / "pages" / "dbt_docs.html").is_file()
    for name in ("index.html", "index.en.html"):
        assert link in (build / "pages" / name).read_text(encoding="utf-8")
