"""The rules of the house. Each message says how to comply; none can pass on nothing."""

from __future__ import annotations

import ast
import os
import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "var", "build", "target", "logs", "__pycache__", "tiendo.egg-info"}
TEXT = {"", ".py", ".md", ".yml", ".yaml", ".toml", ".sh", ".sql", ".csv", ".html", ".css", ".j2", ".lock", ".cfg", ".example", ".json"}

# room -> the rooms that it may import
MAY_IMPORT = {
    "tiendo": set(),
    "loaders": {"tiendo"},
    "expectations": {"tiendo"},
    "publishers": {"tiendo"},
    "pipeline": {"tiendo", "loaders", "expectations", "publishers"},
    "dags": {"tiendo", "loaders", "expectations", "publishers", "pipeline"},
}
LINES = {"tests": 400}  # elsewhere 320: "under about 300"


@cache
def ours() -> tuple[Path, ...]:
    """Every text file of the project, caches and data left out."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f not in NOT_OURS and not f.endswith("_cache") and f != ".hypothesis")
        found += [Path(folder, name) for name in sorted(names) if Path(name).suffix in TEXT]
    assert len(found) > 50, "the project's files were not found"
    return tuple(found)


@cache
def python_of(room: str) -> tuple[Path, ...]:
    found = tuple(path for path in ours() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] == room)
    assert found, f"no Python in {room}/"
    return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig", errors="replace")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(read(path))


def imported(path: Path) -> set[str]:
    """Full names of what a file imports, at its top or inside functions."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
    return found


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_run_one_way(room):
    for path in python_of(room):
        if name(path).startswith(("tiendo/cli/", "tiendo/__main__")):
            continue  # the command line is the door at the top of the house
        rooms = {module.split(".")[0] for module in imported(path)} & set(MAY_IMPORT)
        wrong = rooms - MAY_IMPORT[room] - {room}
        assert not wrong, f"{name(path)} imports {sorted(wrong)}: pass data through files with a documented schema instead"
        assert not {m for m in imported(path) if m.startswith("tiendo.cli")}, (
            f"{name(path)} imports the command line: move what it needs down"
        )


@pytest.mark.parametrize("room", [room for room in MAY_IMPORT if room != "dags"])
def test_only_dags_know_airflow(room):
    for path in python_of(room):
        assert "airflow" not in {module.split(".")[0] for module in imported(path)}, f"{name(path)} imports Airflow: that belongs in dags/"


def test_dag_files_are_tables_of_contents():
    files = [path for path in python_of("dags") if not path.name.startswith("tiendo_")]
    assert {path.stem for path in files} >= {"collect", "nightly"}
    for path in files:
        assert len(read(path).splitlines()) < 60, f"{name(path)}: a DAG file has under 60 lines; put the logic beside it"
        logic = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.While | ast.If | ast.Try)]
        assert not logic, f"{name(path)}:{logic[0].lineno}: no logic in a DAG file; put it in tiendo_tasks.py or the pipeline"


def test_there_is_no_python_in_the_dbt_project():
    assert (ROOT / "dbt_project" / "dbt_project.yml").is_file()
    found = [name(path) for path in ours() if path.suffix == ".py" and name(path).startswith("dbt_project/")]
    assert not found, f"{found}: dbt imports Python on its path as a plugin; put it elsewhere"


def test_files_stay_small_because_they_do_one_thing():
    for room in (*MAY_IMPORT, "tests"):
        for path in python_of(room):
            lines = len(read(path).splitlines())
            assert lines <= LINES.get(room, 320), f"{name(path)} has {lines} lines: split it by what it does"


def test_no_file_knows_the_machine_that_it_was_written_on():
    places = re.compile("|".join(f"(?<![\\w.]){re.escape(os.sep + top + os.sep)}\\w" for top in ("work", "root", "home", "tmp")))
    for path in ours():
        for number, text in enumerate(read(path).splitlines(), 1):
            assert not places.search(text), f"{name(path)}:{number}: a path of one machine; use settings, a variable or tmp_path"


def test_the_lock_has_hashes_and_names_no_index():
    lock = read(ROOT / "requirements.lock")
    packages = re.findall(r"^[a-z0-9][^ \n]*==", lock, re.MULTILINE)
    assert len(packages) > 100
    assert not re.search(r"https?:|file:|index-url|find-links", lock), "requirements.lock: run `make lock`, it leaves addresses out"
    for block in re.split(r"\n(?=[a-z0-9])", lock.strip()):
        assert "--hash=sha256:" in block, f"requirements.lock: no hash for {block.split()[0]}: run `make lock`"


def test_the_environment_is_read_in_one_module():
    for room in MAY_IMPORT:
        for path in python_of(room):
            if name(path) != "tiendo/settings.py":
                assert not re.search(r"os\.environ(?!\[\"\w+\"\] = )|os\.getenv", read(path)), (
                    f"{name(path)}: read the environment in tiendo/settings.py"
                )


def test_every_variable_is_in_the_example_and_every_example_is_read():
    listed = set(re.findall(r"^(TIENDO_\w+)=", read(ROOT / ".env.example"), re.MULTILINE))
    in_compose = set(re.findall(r"\$\{(TIENDO_\w+)", read(ROOT / "docker-compose.yml")))
    in_settings = set(re.findall(r"environ[^\n]*?\"(TIENDO_\w+)\"", read(ROOT / "tiendo" / "settings.py")))
    in_scripts = {v for path in (ROOT / "scripts").glob("*.sh") for v in re.findall(r"TIENDO_\w+", read(path))}
    # a variable with a default is one for people; tiendo sets the others
    in_dbt = set(re.findall(r"env_var\('(TIENDO_\w+)', ", read(ROOT / "dbt_project" / "profiles.yml")))
    in_tests = {"TIENDO_SHARED_DATA"}
    assert in_settings
    assert in_compose | in_settings | in_scripts | in_dbt | in_tests == listed, "make .env.example and what is read equal"


def test_the_clock_is_read_in_one_module():
    for room in MAY_IMPORT:
        for path in python_of(room):
            if name(path) != "tiendo/settings.py":
                assert not re.search(r"datetime\.now\(|utcnow\(|date\.today\(|time\.time\(", read(path)), (
                    f"{name(path)}: use tiendo.settings.utc_now"
                )


def test_no_error_is_swallowed():
    for room in MAY_IMPORT:
        for path in python_of(room):
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.ExceptHandler) and all(isinstance(step, ast.Pass) for step in node.body):
                    caught = ast.unparse(node.type) if node.type else ""
                    assert caught not in ("", "Exception", "BaseException"), (
                        f"{name(path)}:{node.lineno}: say what may go wrong, and handle it"
                    )


def test_nothing_is_left_to_do():
    word = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r"\b")
    for path in ours():
        if path.suffix in {".py", ".sql", ".sh", ".md", ".yml"}:
            for number, text in enumerate(read(path).splitlines(), 1):
                assert not word.search(text), f"{name(path)}:{number}: do it, or open an issue"


def test_vietnamese_text_is_composed():
    made_decomposed = {"text.py", "names_decomposed.csv"}
    for path in ours():
        if path.suffix in {".py", ".md", ".yml", ".html", ".csv", ".sql"} and path.name not in made_decomposed:
            text = read(path)
            assert unicodedata.is_normalized("NFC", text), f"{name(path)}: save it in Unicode NFC (write decomposed test text with escapes)"


def test_make_help_lists_every_target():
    makefile = read(ROOT / "Makefile")
    targets = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert targets
    helped = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert helped == set(targets[1].split())


def test_ci_runs_the_command_of_the_readme_and_no_other():
    assert "make test" in read(ROOT / "README.md")
    commands = [text for text in read(ROOT / ".ci" / "run").splitlines() if text and not text.startswith(("#", "set ", "cd "))]
    assert commands == ["exec make test"]
