"""The malformed files, all in one inbox through the command line: each is answered by its rule, in both languages, and none is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from make_corpus import FILES, corpus

EXPECTED: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "expected.yml").read_text(encoding="utf-8"))
CAMPAIGN = Path(__file__).parent / "campaigns" / "malformed"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The home folder after one run over the whole corpus, and what the run printed."""
    home = tmp_path_factory.mktemp("corpus")
    shutil.copytree(CAMPAIGN, home / "campaigns" / "malformed")
    shutil.copytree(FILES, home / "campaigns" / "malformed" / "inbox")
    environment = {**os.environ, "TIENDO_NOW": "2023-06-13T03:00:00+00:00", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "tiendo", "run", "malformed", "--home", str(home), "--campaigns", str(home / "campaigns")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return home, done.stdout + done.stderr


def lake(home: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        for table in ("batches", "findings"):
            connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{home}/lake/{table}/*/*.parquet')")
        return connection.execute(query).fetchall()


def test_the_corpus_is_what_its_maker_writes_and_every_file_has_an_answer_to_expect() -> None:
    assert len(EXPECTED["files"]) >= 80
    assert {path.name for path in FILES.iterdir()} == set(EXPECTED["files"]) == set(corpus())
    text = {name: content for name, content in corpus().items() if name.endswith((".csv", ".json"))}
    assert all((FILES / name).read_bytes() == content for name, content in text.items())


def test_every_file_is_answered_by_its_rules_and_its_rows_stand_in_their_lanes(ran: tuple[Path, str]) -> None:
    found = lake(
        ran[0],
        """SELECT CASE WHEN container_name <> '' THEN container_name ELSE b.file_name END, any_value(status),
               [sum(rows_accepted)::INT, sum(rows_held)::INT, sum(rows_rejected)::INT, sum(rows_duplicate)::INT],
               list(DISTINCT f.rule_id ORDER BY f.rule_id) FILTER (f.rule_id IS NOT NULL)
           FROM batches b LEFT JOIN (SELECT DISTINCT file_id, rule_id FROM findings) f USING (file_id) GROUP BY b.file_id, 1""",
    )
    rows = lake(ran[0], "SELECT CASE WHEN container_name <> '' THEN container_name ELSE file_name END, rows_accepted, rows_held, "
                        "rows_rejected, rows_duplicate FROM batches")  # fmt: skip
    lanes = {name: list(counts) for name, *counts in rows}
    rules = {name: set(given or []) - set(EXPECTED["aside"]) for name, _, _, given in found}
    wrong = {
        name: (sorted(rules.get(name, {"nothing at all"})), lanes.get(name))
        for name, wanted in EXPECTED["files"].items()
        if rules.get(name) != set(wanted["rules"]) or lanes[name] != wanted.get("lanes", [0, 0, 0, 0])
    }
    assert not wrong


def test_every_answer_says_in_both_languages_what_is_wrong_and_how_to_mend_it(ran: tuple[Path, str]) -> None:
    said = lake(ran[0], "SELECT DISTINCT rule_id, message_vi, message_en, remedy_vi, remedy_en FROM findings")
    assert len(said) > 80
    assert all(text and "{" not in text and "None" not in text for _, *texts in said for text in texts)


def test_nothing_is_lost_and_nobody_sees_a_traceback(ran: tuple[Path, str]) -> None:
    home, printed = ran
    assert "Traceback" not in printed
    received = {json.loads(path.read_text(encoding="utf-8"))["sha256"] for path in (home / "landing" / "receipts").rglob("*.json")}
    kept = {path.name for path in (home / "landing").rglob("*") if path.is_file()}
    assert received and received <= kept
    assert lake(home, "SELECT count(*) FROM batches WHERE rows_received <> rows_accepted + rows_held + rows_rejected + rows_duplicate") == [
        (0,)
    ]


def test_no_citizen_number_phone_or_address_leaves_the_restricted_folder(ran: tuple[Path, str]) -> None:
    home, printed = ran
    private = [b"031095001234", b"31095001234", b"0912 345 678", b"nguyen.van.a@example.org"]
    assert not any(text.decode() in printed for text in private)
    leaks = [
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file()
        and "restricted" not in path.parts
        and "inbox" not in path.parts
        and any(text in path.read_bytes() for text in private)
    ]
    assert not leaks
