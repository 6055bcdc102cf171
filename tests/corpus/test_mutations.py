"""A thousand damaged copies of real files through landing, readers and gate: nothing crashes, nothing is lost, every fault has its rule."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make_corpus import GOOD, HEADINGS, OTHER, TYPED, sheet, table, workbook

from expectations.catalogue import load_catalogue
from expectations.engine import count_in_duckdb
from expectations.gate import judge_into
from loaders.landing import land, pending
from loaders.reading import read_batch
from tiendo.campaign_file import read_campaign
from tiendo.settings import Settings
from tiendo.units import load_units

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TIENDO_SHARED_DATA") or ROOT.parent / "shared" / "data")
CAMPAIGNS = ROOT / "tests" / "acceptance" / "campaigns"
OURS = Path(__file__).parent / "campaigns" / "malformed"
FILES_A_TIME = 50
NOW = datetime(2023, 6, 13, 3, tzinfo=UTC)
LINES = 60  # of a real file: damage is as likely in a short one

# What is done to a file, at a place given as a share of its length.
JUNK = [b"\x00", b"\xff\xfe", b'"', b";", b",", b"\n", b"\r", b"\t", b"=1+1", b"\xc3", b"\xf0", b"-", b"1e999", b" " * 50,
        "\u202e".encode(), b"\x1a", b"{", b"NULL", b"9" * 30, b"\xef\xbb\xbf"]  # fmt: skip
places = st.floats(0, 1)
mutations = st.one_of(
    st.tuples(st.just("insert"), places, st.sampled_from(JUNK)),
    st.tuples(st.just("flip"), places, st.integers(1, 255)),
    st.tuples(st.just("cut"), places, st.just(0)),
    st.tuples(st.just("drop"), places, st.integers(1, 200)),
    st.tuples(st.just("again"), places, st.integers(1, 400)),
    st.tuples(st.just("replace"), st.sampled_from([b",", b";", b"\n", b".", b"1", b"a"]), st.sampled_from(JUNK)),
    st.tuples(st.just("encode"), st.sampled_from(["utf-16", "utf-16-be", "cp1258", "latin-1", "utf-8-sig", "utf-7"]), st.just(0)),
    st.tuples(st.just("lines"), st.sampled_from(["reversed", "without heading", "cr", "blank between"]), st.just(0)),
    st.tuples(st.just("pack"), st.sampled_from(["gz", "zip", "cut gz", "cut zip"]), st.just(0)),
)


def damaged(content: bytes, name: str, steps: list[Any]) -> tuple[bytes, str]:
    """The bytes and the name of a file after some damage."""
    for kind, where, what in steps:
        at = int(where * len(content)) if isinstance(where, float) else 0
        if kind == "insert":
            content = content[:at] + what + content[at:]
        elif kind == "flip" and content:
            at = min(at, len(content) - 1)
            content = content[:at] + bytes([content[at] ^ what]) + content[at + 1 :]
        elif kind == "cut":
            content = content[:at]
        elif kind == "drop":
            content = content[:at] + content[at + what :]
        elif kind == "again":
            content = content[: at + what] + content[at:]
        elif kind == "replace":
            content = content.replace(where, what, 40)
        elif kind == "encode":
            content = content.decode("utf-8", "replace").encode(where, "replace")
        elif kind == "lines":
            lines = content.split(b"\n")
            lines = {"reversed": lines[::-1], "without heading": lines[1:], "cr": lines}.get(where) or [
                part for x in lines for part in (x, b"")
            ]
            content = (b"\r" if where == "cr" else b"\n").join(lines)
        elif kind == "pack" and not name.endswith((".gz", ".zip")):
            packed = gzip.compress(content, mtime=0) if where.endswith("gz") else _zip(content, name)
            content = packed[: len(packed) // 2] if where.startswith("cut") else packed
            name += ".gz" if where.endswith("gz") else ".zip"
    return content, name


def _zip(content: bytes, name: str) -> bytes:
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        file.seek(0)
        return file.read()


def _real(campaign_id: str) -> list[tuple[str, bytes]]:
    """Some files of a publisher, cut to their first lines."""
    folder = DATA / campaign_id
    found: list[tuple[str, bytes]] = []
    for path in sorted(folder.iterdir()):
        if path.suffixes[-2:] == [".tar", ".gz"]:
            with tarfile.open(path) as archive:
                members = [m for m in archive if m.isfile() and m.name.endswith(".csv")]
                found += [(Path(m.name).name, archive.extractfile(m).read()) for m in members[:: max(1, len(members) // 4)]]  # type: ignore[union-attr]
        elif path.suffix == ".gz":
            with gzip.open(path) as packed:
                found.append((path.stem, packed.read(400_000)))
        elif path.suffix == ".csv":
            found.append((path.name, path.read_bytes()[:400_000]))
    return [(name, b"\n".join(content.split(b"\n")[:LINES]) + b"\n") for name, content in found]


def _ours() -> list[tuple[str, bytes]]:
    text = table(GOOD, OTHER)
    json_text = b'[{"Ng\xc3\xa0y b\xc3\xa1o c\xc3\xa1o": "12/06/2023", "M\xc3\xa3 \xc4\x91\xc6\xa1n v\xe1\xbb\x8b": "031"}]'
    return [("bao_cao.csv", text), ("bao_cao.xlsx", workbook(lambda b: sheet(b, [HEADINGS, TYPED]) and None)), ("bao_cao.json", json_text)]


def _campaign(folder: Path, campaign_id: str) -> None:
    """The campaign with its first source, reading every file of an inbox, by our clock."""
    given_ = yaml.safe_load(
        ((OURS if campaign_id == "malformed" else CAMPAIGNS / campaign_id) / "campaign.yml").read_text(encoding="utf-8")
    )
    source = given_["sources"][0] | {"path": str(folder / "inbox"), "members": "*", "received": {"by": "clock"}}
    source.pop("file_name", None)
    if source.get("as_of_from") == "file_name":
        source["as_of_from"] = "received"
    given_["sources"] = [source | ({"format": "auto"} if campaign_id == "malformed" else {})]
    for key in ("targets", "milestones"):
        given_.pop(key, None)
    folder.mkdir(parents=True)
    (folder / "inbox").mkdir()
    (folder / "campaign.yml").write_text(yaml.safe_dump(given_, allow_unicode=True), encoding="utf-8")
    for path in (OURS if campaign_id == "malformed" else CAMPAIGNS / campaign_id).glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())


@pytest.fixture(scope="module")
def rules() -> Iterator[set[str]]:
    yield {rule.id for rule in load_catalogue()}


@pytest.mark.parametrize("campaign_id", ["malformed", "in_uidai_2017", "in_uidai_2025", "it_dpc_province", "it_vaccini", "my_citf"])
def test_damaged_files_neither_crash_nor_vanish_and_each_fault_has_a_rule_and_a_remedy(campaign_id: str, rules: set[str]) -> None:
    if campaign_id != "malformed" and not DATA.is_dir():
        pytest.skip(f"the real submissions are not there: {DATA}")
    seeds = _ours() if campaign_id == "malformed" else _real(campaign_id)
    assert seeds
    plans = st.lists(
        st.tuples(st.sampled_from(seeds), st.lists(mutations, min_size=1, max_size=4)), min_size=FILES_A_TIME, max_size=FILES_A_TIME
    )

    @settings(max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(plans)
    def check(plan: list[tuple[tuple[str, bytes], list[Any]]]) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            _check_inbox(Path(scratch), campaign_id, plan, rules)

    check()


def _check_inbox(home: Path, campaign_id: str, plan: list[tuple[tuple[str, bytes], list[Any]]], rules: set[str]) -> None:
    folder = home / "campaigns" / campaign_id
    _campaign(folder, campaign_id)
    sent: dict[str, str] = {}
    for number, ((name, content), steps) in enumerate(plan):
        changed, changed_name = damaged(content, f"{number:03}_{name}", steps)
        (folder / "inbox" / changed_name).write_bytes(changed)
        sent[changed_name] = hashlib.sha256(changed).hexdigest()
    place, campaign = Settings(home, (home / "campaigns",)), read_campaign(folder)
    landed = land(place, campaign, NOW)
    receipts = pending(place, campaign, NOW)
    assert not landed.failed_sources
    told = {r["sha256"] for r in receipts} | {r["container_sha256"] for r in receipts} | {r["facts"].get("sha256") for r in receipts}
    assert set(sent.values()) <= told, "a file was landed without a receipt"
    for sha in sent.values():
        kept = next(home.joinpath("landing").rglob(sha), None)
        assert kept and hashlib.sha256(kept.read_bytes()).hexdigest() == sha
    parsed, staged = home / "parsed", home / "staged"
    staged.mkdir()
    units = load_units(place, campaign)
    read_batch(place, campaign, receipts, parsed, units)
    judge_into(staged, place, campaign, parsed, units, count=count_in_duckdb)
    with duckdb.connect() as connection:
        for name in ("batches", "findings", "figures", "totals"):
            connection.execute(f"CREATE TABLE {name} AS FROM read_parquet('{staged / name}.parquet')")
        files = connection.execute(
            "SELECT file_name, status, rows_received, rows_accepted + rows_held + rows_rejected + rows_duplicate FROM batches"
        ).fetchall()
        assert len(files) == len(receipts)
        assert all(received == in_lanes for _, _, received, in_lanes in files)
        found = connection.execute("SELECT DISTINCT rule_id, remedy_vi, remedy_en, message_vi FROM findings").fetchall()
        assert {row[0] for row in found} <= rules
        assert all(row[1] and row[2] and row[3] and "{" not in row[1] for row in found)
        silent = connection.execute(
            """SELECT file_name, status FROM batches b WHERE (status <> 'read' OR rows_held + rows_rejected > 0)
               AND NOT EXISTS (FROM findings f WHERE f.file_id = b.file_id)"""
        ).fetchall()
        assert not silent, f"refused without a word: {silent}"
        assert connection.execute("SELECT count(*) FROM findings WHERE effect IN ('reject', 'hold') AND remedy_vi = ''").fetchone() == (0,)
