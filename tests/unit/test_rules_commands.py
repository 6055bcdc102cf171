"""tiendo rules: what is wrong with a catalogue is told with file and rule, and a change of rules is rehearsed over the archive."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from expectations.catalogue import FOLDER, load_catalogue
from pipeline.replay import replay
from pipeline.rules import coverage, lint_catalogue, warehouse_relations
from tiendo.cli import cli
from tiendo.errors import NotFoundError, RuleError
from tiendo.settings import Settings

pytestmark = pytest.mark.slow


def entry(rule_id: str) -> dict[str, object]:
    """An entry of the catalogue as it is written."""
    for path in FOLDER.glob("*.yml"):
        for found in yaml.safe_load(path.read_text(encoding="utf-8")):
            if found["id"] == rule_id:
                return dict(found)
    raise AssertionError(rule_id)


def folder_of(home: Path, *entries: dict[str, object]) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    (home / "rules.yml").write_text(yaml.safe_dump(list(entries), allow_unicode=True, sort_keys=False), encoding="utf-8")
    return home


def test_the_catalogue_has_no_fault_that_lint_can_find() -> None:
    count, faults = lint_catalogue()
    assert faults == []
    assert count == len(load_catalogue()) >= 36


FAULTY: list[tuple[str, dict[str, object], str]] = [
    ("negative_value", {"name": None}, "name is missing"),
    ("negative_value", {"remedy": {"vi": "Xin sửa {row}", "en": "Mend it"}}, "must show the same placeholders"),
    ("negative_value", {"message": {"vi": " ", "en": "x"}}, "message.vi is empty"),
    ("negative_value", {"message": {"vi": "{nonsense}", "en": "x"}}, "nonsense"),
    ("negative_value", {"needs": ["value", "nonesuch"], "fails": "value < 0 AND nonesuch"}, "needs nonesuch, which cells does not have"),
    ("negative_value", {"needs": ["kind"], "fails": "CAST(kind AS INTEGER) > 0"}, "Conversion Error"),
    ("negative_value", {"shows": {"raw": "nonesuch"}}, "shows: Binder Error"),
    ("negative_value", {"over": "sheets"}, "there is no relation 'sheets' at the gate"),
    ("slot_missing", {"over": "sheets"}, "there is no relation 'sheets' in the warehouse. Allowed: "),
    ("slot_missing", {"needs": ["nonesuch"], "fails": "nonesuch"}, "needs nonesuch, which int_checked_slot_status does not have"),
    ("slot_missing", {"severity": "hold"}, "its severity is flag"),
    ("slot_missing", {"message": {"vi": "{row}", "en": "{row}"}}, "shows row, which a rule of the warehouse cannot fill"),
]


def test_a_faulty_entry_is_told_with_file_line_and_rule(tmp_path: Path) -> None:
    entries = [
        {key: value for key, value in (entry(rule_id) | changes | {"id": f"faulty_{n:02}"}).items() if value is not None}
        for n, (rule_id, changes, _) in enumerate(FAULTY)
    ]
    _, faults = lint_catalogue(folder_of(tmp_path, entry("after_cutoff"), *entries))
    for n, (_, _, said) in enumerate(FAULTY):
        assert any(line.startswith("rules.yml:") and f"'faulty_{n:02}'" in line and said in line for line in faults), said
    assert not any("'after_cutoff'" in line for line in faults)


def test_letters_with_their_marks_apart_are_a_fault_with_its_line(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, entry("after_cutoff"))
    text = (folder / "rules.yml").read_text(encoding="utf-8")
    (folder / "rules.yml").write_text(text.replace("muộn", "mu\u0323\u00f4n"), encoding="utf-8")
    _, faults = lint_catalogue(folder)
    assert any("not NFC" in line for line in faults)


def test_every_rule_has_a_fixture_and_a_rule_without_one_is_told(tmp_path: Path) -> None:
    assert coverage()[1] == []
    _, faults = coverage(folder_of(tmp_path, entry("after_cutoff") | {"id": "brand_new"}))
    assert any(line.startswith("brand_new: no fixture pass.yml") for line in faults)
    assert any(line.startswith("after_cutoff: fixtures of a rule that is not in the catalogue") for line in faults)
    with pytest.raises(NotFoundError, match="not installed"):
        coverage(fixtures=tmp_path / "nowhere")


def test_the_relations_of_the_warehouse_are_known_by_their_columns() -> None:
    assert {"status", "is_owed", "judged_on", "found_at"} <= warehouse_relations()["slot_status"]


CAMPAIGN = """\
id: small
name: {vi: Nhỏ, en: Small}
starts_on: 2023-06-01
ends_on: 2023-06-30
levels: [{id: district, name: {vi: Quận, en: District}}]
units: {file: units.csv}
indicators: [{id: done, name: {vi: Đã làm, en: Done}, kind: cumulative}]
slots: [{id: daily, cutoff: "17:00", levels: [district]}]
sources: [{id: s, path: inbox, as_of: day, unit: {code: code}, indicators: {done: done}}]
"""


@pytest.fixture
def archived(tmp_path: Path) -> Settings:
    """A landing with three days of unit 1 (it falls on the third) and of unit 2 (which has a negative number)."""
    from loaders.landing import land
    from tiendo.campaign_file import load_campaign

    folder = tmp_path / "campaigns" / "small"
    (folder / "inbox").mkdir(parents=True)
    (folder / "campaign.yml").write_text(CAMPAIGN, encoding="utf-8")
    (folder / "units.csv").write_text("unit_code,unit_name,level,parent_code\n1,A,district,\n2,B,district,\n", encoding="utf-8")
    rows = "code,day,done\n1,2023-06-11,10\n1,2023-06-12,20\n1,2023-06-13,15\n2,2023-06-11,-5\n2,2023-06-12,8\n"
    (folder / "inbox" / "a.csv").write_text(rows, encoding="utf-8")
    settings = Settings(tmp_path / "home", (tmp_path / "campaigns",))
    land(settings, load_campaign(settings, "small"), datetime(2023, 6, 14, tzinfo=UTC))
    return settings


def files_in(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_a_replay_tells_who_would_newly_fail_and_touches_nothing(archived: Settings, tmp_path: Path) -> None:
    """The old catalogue knew no falls and held negative numbers as today; so one row would newly be held."""
    old = tmp_path / "old"
    shutil.copytree(FOLDER, old)
    text = (old / "correct.yml").read_text(encoding="utf-8")
    start, end = text.index("- id: cumulative_fall"), text.index("- id: above_later_figure")
    (old / "correct.yml").write_text(text[:start] + text[end:], encoding="utf-8")
    before = files_in(archived.home)
    result = replay(archived, "small", str(old))
    assert [(c.rule_id, c.newly, c.newly_units, c.no_longer) for c in result.rules] == [("cumulative_fall", 1, ["1"], 0)]
    assert (result.lanes, result.newly_kept_out, result.rows) == ([("accepted", "held", 1)], 1, 5)
    assert files_in(archived.home) == before

    places = ["--home", str(archived.home), "--campaigns", str(archived.campaigns[0]), "--lang", "en"]
    above = CliRunner().invoke(cli, ["rules", "replay", "--base", str(old), "--campaign", "small", *places])
    assert above.exit_code == 1 and "1 rows: accepted → held" in above.output
    assert CliRunner().invoke(cli, ["rules", "replay", "--base", str(old), "--limit", "1", *places]).exit_code == 0


def test_a_replay_of_the_same_rules_changes_nothing(archived: Settings) -> None:
    result = replay(archived, "small", str(FOLDER))
    assert (result.rules, result.lanes, result.files) == ([], [], 1)


def test_a_replay_takes_the_campaigns_own_tunings_at_a_revision(
    archived: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Committed without tunings; since then negative numbers are flags. The rules are those of a folder in the same repository."""
    from pipeline import replay as module

    root = tmp_path
    shutil.copytree(FOLDER, root / "expectations" / "rules")
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for arguments in (["init", "-q"], ["add", "expectations", "campaigns"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *arguments], check=True, capture_output=True)
    monkeypatch.setattr(module, "ROOT", root)
    file = archived.campaigns[0] / "small" / "campaign.yml"
    file.write_text(CAMPAIGN + "rules: {negative_value: {severity: flag}}\n", encoding="utf-8")
    result = replay(archived, "small", "HEAD")
    assert (result.lanes, result.newly_kept_out) == ([("held", "accepted", 1)], 0)
    with pytest.raises(NotFoundError, match="neither a folder of rules nor a revision"):
        replay(archived, "small", "no_such_revision")


def test_a_folder_without_rules_is_no_catalogue(archived: Settings, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="there is no rule in it"):
        replay(archived, "small", str(archived.home))


def test_list_and_explain_show_a_rule_as_the_campaign_has_it(archived: Settings) -> None:
    file = archived.campaigns[0] / "small" / "campaign.yml"
    file.write_text(
        CAMPAIGN + "rules: {future_date: [{from: 2023-06-10, params: {days: 2}}], after_cutoff: {on: false}}\n", encoding="utf-8"
    )
    places = ["--campaigns", str(archived.campaigns[0]), "--lang", "en"]
    listed = CliRunner().invoke(cli, ["rules", "list", "--campaign", "small", "--json", *places])
    state = {rule["edition"]: rule for rule in json.loads(listed.output)}
    assert state["after_cutoff"]["on"] is False
    assert (state["future_date"]["params"]["days"], state["future_date@2023-06-10"]["params"]["days"]) == (0, 2)
    told = CliRunner().invoke(cli, ["rules", "explain", "future_date", "--campaign", "small", *places])
    assert "future_date@2023-06-10" in told.output and "days = 2" in told.output and "2023-06-10 – until further notice" in told.output
    with pytest.raises(NotFoundError, match="Did you mean 'future_date'"):
        CliRunner().invoke(cli, ["rules", "explain", "futur_date"], catch_exceptions=False)
