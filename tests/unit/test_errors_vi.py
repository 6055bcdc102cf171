"""Errors that officers meet are Vietnamese unless they ask for English, and exit with the documented code."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tiendo.cli.starter import write_starter
from tiendo.errors import ActError, CampaignError, NotFoundError
from tiendo.errors_vi import untranslated, vietnamese
from tiendo.settings import ROOT

# Where senders, deciders and writers of campaign folders meet errors.
MET = (
    "pipeline/check.py", "publishers/receipts/form.py", "tiendo/cli/senders.py", "tiendo/acts.py", "pipeline/acts.py", "pipeline/holds.py",
    "tiendo/cli/campaigns.py", "tiendo/home.py", "tiendo/campaign_file.py", "tiendo/senders.py", "tiendo/targets.py", "tiendo/unit_file.py",
    "tiendo/units.py", "tiendo/settings.py", "pipeline/emulation.py", "tiendo/reinforcement.py",
)  # fmt: skip


def worded(node: ast.expr) -> Iterator[str]:
    """The texts that an argument may be, with a sample in the place of each blank."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [str(p.value) if isinstance(p, ast.Constant) else _sample(p) for p in node.values]
        yield "".join(parts)
    elif isinstance(node, ast.IfExp):
        yield from worded(node.body)
        yield from worded(node.orelse)
    elif isinstance(node, ast.List | ast.Tuple):
        for each in node.elts:
            yield from worded(each)


def _sample(blank: ast.expr) -> str:
    said = ast.unparse(blank.value if isinstance(blank, ast.FormattedValue) else blank)
    if any(name in said for name in ("hint", "did_you_mean", "near")):
        return ""
    if said in ("way_out", "error.way_out"):
        return "Keep one"  # said where it is given
    if "line" in said and "where" not in said:
        return "7"
    return "unit" if "what" in said else "x/y.csv" if any(name in said for name in ("where", "file", "place")) else "a1"


def texts() -> Iterator[tuple[str, str]]:
    for name in MET:
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            is_fault = called == "append" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "faults"
            if is_fault or called in ("TiendoError", "NotFoundError", "ActError", "CampaignError", "SourceError", "LockedError"):
                for given in [*node.args, *(k.value for k in node.keywords if k.arg != "where")]:
                    yield from ((name, text) for text in worded(given))


def test_every_error_that_officers_meet_has_a_vietnamese_twin() -> None:
    found = [(name, text) for name, text in texts() if " " in text]
    assert len(found) > 80
    left = {f"{name}: {sentence}" for name, text in found for sentence in untranslated(text)}
    assert not left, "give each a twin in tiendo/errors_vi.py:\n" + "\n".join(sorted(left))


def test_places_names_and_nouns_stay_in_their_places() -> None:
    fault = "/c/campaign.yml:7: leaderboard.level: found 'distric', which is no level. Allowed: city, district. Did you mean 'district'?"
    assert vietnamese(fault) == (
        "/c/campaign.yml:7: leaderboard.level: thấy 'distric', không phải cấp nào. Được dùng: city, district. Có phải là 'district'?"
    )
    assert vietnamese("no unit 'unit'") == "không có đơn vị 'unit'"
    assert vietnamese("who knows. Mend the code") == "who knows. Xin sửa mã"


def tiendo(folder: Path, *said: str, **environment: str) -> subprocess.CompletedProcess[str]:
    everything = {**os.environ, "TIENDO_HOME": str(folder / "home"), "TIENDO_CAMPAIGNS": str(folder), "PYTHONUTF8": "1", **environment}
    command = [sys.executable, "-m", "tiendo", *said]
    return subprocess.run(command, capture_output=True, text=True, env=everything, check=False, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_starter(tmp_path / "trial", "trial")
    return tmp_path


def test_the_language_is_vietnamese_unless_the_option_or_the_environment_says_english(folder: Path) -> None:
    ask = ("check", "none.csv", "--campaign", "trial")
    vi, en = "không có tệp này. Cách xử lý: Xin ghi đúng tên một tệp đang có", "there is no such file. Name a file that is there"
    assert tiendo(folder, *ask).stderr == f"none.csv: {vi}\n"
    assert tiendo(folder, *ask, "--lang", "en").stderr == f"none.csv: {en}\n"
    assert tiendo(folder, *ask, TIENDO_LANG="en").stderr == f"none.csv: {en}\n"
    assert tiendo(folder, *ask, "--lang", "vi", TIENDO_LANG="en").stderr == f"none.csv: {vi}\n"
    wrong = tiendo(folder, *ask, TIENDO_LANG="fr")
    assert (wrong.returncode, wrong.stderr) == (1, "TIENDO_LANG là 'fr', không phải ngôn ngữ được dùng. Cách xử lý: Được dùng: vi, en\n")


WHO = ("--campaign", "trial", "--reason", "x", "--author", "Lan")


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        (("hold", "show", "abc"), NotFoundError.exit_code, "không có báo cáo treo 'abc'. Cách xử lý: Xem `tiendo hold list --all`"),
        (("waive", "give", "77", "cumulative_fall", "--until", "2099-01-01", *WHO), 8, "trial: không có đơn vị '77'. "),
        (("waive", "give", "01", "no_rule", "--until", "2099-01-01", *WHO), 8, "trial: không có quy tắc 'no_rule'. "),
        (("waive", "end", "01", "cumulative_fall", *WHO), 8, "trial: không có miễn trừ quy tắc cumulative_fall cho 01. "),
        (("waive", "give", "01", "unknown_unit", "--until", "2099-01-01", *WHO), ActError.exit_code, "trial: quy tắc 'unknown_unit' không"),
        (("template", "trial", "--unit", "77"), 8, "trial: không có đơn vị '77'. "),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_what_is_not_there_exits_as_documented_and_says_so(folder: Path, said: tuple[str, ...], code: int, told: str) -> None:
    done = tiendo(folder, *said)
    assert (done.returncode, done.stderr[: len(told)]) == (code, told)


def test_faults_of_a_campaign_are_told_in_vietnamese_with_file_and_line(folder: Path) -> None:
    file = folder / "trial" / "campaign.yml"
    file.write_text(file.read_text(encoding="utf-8") + "\nstart: 1\n", encoding="utf-8")
    done = tiendo(folder, "campaign", "check", str(file.parent))
    assert done.returncode == CampaignError.exit_code
    assert f"{file}:" in done.stderr and "không có khóa 'start'. Ở đây được dùng: " in done.stderr
