"""The house rules of the dbt project, read from its files; each message says how to comply."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from publishers.marts_export import GRAIN
from tiendo.settings import ROOT

PROJECT = ROOT / "dbt_project"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
NAMES = {"staging": r"stg_\w+", "intermediate": r"int_\w+", "marts": r"(dim_|fct_)?\w+"}
LINES = 120


@cache
def documents() -> tuple[dict[str, Any], ...]:
    return tuple(yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader) for file in sorted((PROJECT / "models").rglob("*.yml")))


@cache
def described(kind: str) -> dict[str, dict[str, Any]]:
    """Entries of the YAML beside the models: models, exposures, groups, metrics ... by name."""
    entries = [entry for document in documents() for entry in document.get(kind) or []]
    names = [entry["name"] for entry in entries]
    assert entries and len(set(names)) == len(names), f"{kind} are named once each"
    return {entry["name"]: entry for entry in entries}


@cache
def configured(layer: str) -> dict[str, Any]:
    return yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["models"]["tiendo"][layer]


def layer(model: Path) -> str:
    return model.relative_to(PROJECT / "models").parts[0]


def test_there_are_models_of_every_layer() -> None:
    assert len(MODELS) > 150
    assert {layer(model) for model in MODELS} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_model_is_short_named_by_its_layer_and_says_what_a_row_is(name: str) -> None:
    for model in (model for model in MODELS if layer(model) == name):
        lines = len(model.read_text(encoding="utf-8").splitlines())
        assert lines < LINES, f"{model.name} has {lines} lines: split it by what it does, one idea per model"
        assert re.fullmatch(NAMES[name], model.stem), f"{model.name}: models of {name}/ are called {NAMES[name]}"
        assert name != "marts" or not model.stem.startswith(("stg_", "int_")), (
            f"{model.name}: marts have names of things, no layer's prefix"
        )
        assert model.stem in described("models"), f"{model.name} is not described: an entry in the YAML beside it"
        said = described("models")[model.stem].get("description", "")
        assert re.search(r"\b(One|one|One or two) rows? (per|as)\b", said), f"{model.name}: begin its description with 'One row per ...'"


def test_every_described_model_is_there() -> None:
    assert set(described("models")) == {model.stem for model in MODELS}


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_has_a_group_with_an_owner_and_only_marts_are_for_others(name: str) -> None:
    group = configured(name)["+group"]
    assert described("groups")[group]["owner"]["name"]
    assert configured(name)["+access"] == {"staging": "protected", "intermediate": "private", "marts": "public"}[name]
    for model in (model for model in MODELS if layer(model) == name):
        own = re.search(r"\b(access|group)\s*=", model.read_text(encoding="utf-8"))
        assert not own, f"{model.name}: access and group are those of its folder, in dbt_project.yml"


def test_marts_have_contracts_and_their_grain_is_tested() -> None:
    assert configured("marts")["+contract"] == {"enforced": True}
    marts = {model.stem for model in MODELS if layer(model) == "marts"}
    assert marts == set(GRAIN), "publishers/marts_export.py has the grain of every mart"
    for mart in sorted(marts):
        entry = described("models")[mart]
        tests = [test for test in entry.get("data_tests", []) if "grain" in test]
        assert tests, f"{mart}: a data test `grain` with its columns"
        assert set(tests[0]["grain"]["arguments"]["columns"]) <= set(GRAIN[mart]), f"{mart}: grain here and in marts_export.py differ"
        assert all(column.get("data_type") and column.get("description") for column in entry["columns"]), f"{mart}: types and descriptions"


def test_every_mart_is_exposed_and_a_page_says_all_that_it_reads() -> None:
    refs = {name: set(re.findall(r"ref\('(\w+)'\)", " ".join(entry["depends_on"]))) for name, entry in described("exposures").items()}
    assert refs["marts_files"] == set(GRAIN), "exposure marts_files has every mart"
    code = {
        "campaign_page": sorted((ROOT / "publishers" / "page").glob("*.py")),
        "data_docs": [ROOT / "publishers" / "data_docs.py"],
        "digests": [ROOT / "publishers" / "notify.py"],
        "briefing_text": [ROOT / "tiendo" / "cli" / "briefing.py", ROOT / "tiendo" / "cli" / "console.py"],
    }
    others = [file for file in (ROOT / "tiendo" / "cli").glob("*.py") if file not in code["briefing_text"]]
    for name, files in (code | {"commands": others}).items():
        read = {
            table
            for file in files
            for table in re.findall(r"\b(?:from|join)\s+(?:marts\.)?(\w+)", file.read_text(encoding="utf-8"))
            if table in GRAIN
        }
        assert read, f"{name} reads no mart"
        assert read <= refs[name], f"exposure {name} (models/exposures.yml) does not have {sorted(read - refs[name])}"


def test_every_entry_says_what_it_is_and_who_answers() -> None:
    for kind in ("exposures", "metrics", "semantic_models", "groups", "sources"):
        for name, entry in described(kind).items():
            assert len(entry.get("description", "")) > 10, f"{kind[:-1]} {name}: a description"
            assert kind != "exposures" or entry["owner"]["name"], f"exposure {name}: an owner"


def test_metrics_are_of_measures_that_there_are_and_columns_that_marts_have() -> None:
    measures = {}
    for name, model in described("semantic_models").items():
        mart = re.fullmatch(r"ref\('(\w+)'\)", model["model"])
        assert mart and mart[1] in GRAIN, f"semantic model {name}: over a mart, nothing else is for others"
        columns = {column["name"] for column in described("models")[mart[1]]["columns"]}
        for entry in [*model["measures"], *model["dimensions"]]:
            words = set(re.findall(r"[a-z_0-9]+", re.sub(r"'[^']*'", "", str(entry.get("expr", entry["name"])))))
            wrong = words - columns - {"case", "when", "is", "not", "null", "then", "else", "end", "and", "1", "0"}
            assert not wrong, f"semantic model {name}: {mart[1]} has no {sorted(wrong)}"
        measures.update({measure["name"]: name for measure in model["measures"]})
    for name, metric in described("metrics").items():
        kind = metric["type_params"]
        of = [kind["measure"]] if metric["type"] == "simple" else [kind["numerator"], kind["denominator"]]
        assert set(of) <= (set(measures) if metric["type"] == "simple" else set(described("metrics"))), f"metric {name}: of what there is"


def test_the_lake_has_freshness_where_batches_arrive() -> None:
    lake = {table["name"]: table.get("config", {}) for table in described("sources")["lake"]["tables"]}
    assert {name for name, config in lake.items() if "freshness" in config} == {"batches", "submissions", "figures"}


def test_a_unit_test_is_named_once_and_of_a_model_that_there_is() -> None:
    tests = described("unit_tests")
    assert len(tests) >= 15
    assert {test["model"] for test in tests.values()} <= {model.stem for model in MODELS}
    data_tests = [(model, str(test)) for model, entry in described("models").items() for test in entry.get("data_tests", [])]
    assert len(set(data_tests)) == len(data_tests), "no data test twice"
