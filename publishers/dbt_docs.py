"""dbt's own documentation of the warehouse (every table and column, how each is made, lineage) as one page that opens offline.

dbt ships the page as a single file that takes two documents in: its manifest, which every build leaves behind, and a catalogue of what
stands in the database. `dbt docs generate` would start dbt once more and put times, ids and paths of the machine into them; here both are
made of what is there already, without those, so that the same warehouse gives the same bytes.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import duckdb

from tiendo.errors import WarehouseError

FILE_NAME = "dbt_docs.html"
_PLACES = {"manifest": '"MANIFEST.JSON INLINE DATA"', "catalog": '"CATALOG.JSON INLINE DATA"'}
# Kept of the manifest: what the page shows. Of packages other than ours only the models' side matters, and there is none.
_KEPT = (
    "nodes", "sources", "exposures", "metrics", "semantic_models", "groups", "docs", "macros", "parent_map", "child_map", "unit_tests",
    "saved_queries", "selectors", "disabled",
)  # fmt: skip
# Left out everywhere: compiled SQL names files of this machine, the rest changes from run to run.
_LEFT_OUT = {
    "compiled_code", "compiled_path", "compiled", "build_path", "root_path", "created_at", "checksum", "extra_ctes", "external_location",
    "unrendered_config", "loaded_at_query", "defer_relation", "contract_checksum", "relation_name",
}  # fmt: skip


def build_dbt_docs(warehouse: Path, folder: Path) -> Path | None:
    """Write `folder`/dbt_docs.html for the finished `warehouse`; returns it, or None where no build left a manifest beside it.

    Raises WarehouseError where the installed dbt's page is not as expected.
    """
    manifest = warehouse.parent / "dbt" / "manifest.json"
    if not manifest.is_file():
        return None
    described = _slim(json.loads(manifest.read_text(encoding="utf-8")))
    page = _template()
    for name, document in (("manifest", described), ("catalog", _catalogue(warehouse, described))):
        if _PLACES[name] not in page:
            raise WarehouseError(f"dbt's documentation page has no place for the {name}", way_out="Install the locked version of dbt-core")
        # </script> in a text would end the page's own script
        inline = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).replace("</", "<\\/")
        page = page.replace(_PLACES[name], inline)
    target = folder / FILE_NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")
    return target


def _template() -> str:
    found = importlib.util.find_spec("dbt")
    places = [Path(place) / "task" / "docs" / "index.html" for place in (found.submodule_search_locations or [])] if found else []
    for place in places:
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise WarehouseError("dbt's documentation page is not installed", way_out="Install the locked version of dbt-core")


def _slim(manifest: dict[str, Any]) -> dict[str, Any]:
    project = manifest["metadata"]["project_name"]
    kept: dict[str, Any] = {name: _without(manifest.get(name) or {}) for name in _KEPT}
    for node in kept["nodes"].values():
        node["database"] = "warehouse"  # built under a scratch name
    kept["macros"] = {key: macro for key, macro in kept["macros"].items() if macro["package_name"] == project}
    kept["docs"] = {key: text for key, text in kept["docs"].items() if text["package_name"] == project}
    kept["metadata"] = {
        name: manifest["metadata"][name] for name in ("dbt_schema_version", "dbt_version", "project_name", "project_id", "adapter_type")
    } | {"send_anonymous_usage_stats": False, "user_id": None, "generated_at": "", "invocation_id": "", "env": {}}
    return kept


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner) for name, inner in value.items() if name not in _LEFT_OUT}
    return [_without(inner) for inner in value] if isinstance(value, list) else value


def _catalogue(warehouse: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Tables and columns with their types, as dbt's catalogue has them, for the models that stand in the warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        rows = con.execute("select schema_name, table_name, column_name, column_index, data_type, comment from duckdb_columns()").fetchall()
    columns: dict[tuple[str, str], dict[str, Any]] = {}
    for schema, table, column, index, kind, comment in sorted(rows):
        columns.setdefault((schema, table), {})[column] = {"name": column, "index": index, "type": kind, "comment": comment}
    nodes = {}
    for unique_id, node in manifest["nodes"].items():
        found = columns.get((node["schema"], node.get("alias") or node["name"]))
        if node["resource_type"] == "model" and found:
            kind = "VIEW" if node["config"]["materialized"] == "view" else "BASE TABLE"
            about = {"type": kind, "schema": node["schema"], "name": node["name"], "database": "", "comment": None, "owner": None}
            stats = {"has_stats": {"id": "has_stats", "label": "Has Stats?", "value": False, "description": "", "include": False}}
            nodes[unique_id] = {"metadata": about, "columns": found, "stats": stats, "unique_id": unique_id}
    return {"metadata": {"generated_at": "", "invocation_id": "", "env": {}}, "nodes": nodes, "sources": {}, "errors": None}
