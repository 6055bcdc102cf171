"""What people decide about held figures: once, with a name and a reason, and so that what depends on it follows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from acts_trial import Trial

from pipeline import acts, holds, reconcile
from tiendo import lake
from tiendo.errors import ActError, CampaignError, CorrectionError, LockedError, NotFoundError
from tiendo.home import only_one

pytestmark = pytest.mark.slow
WHO = ("đã gọi hỏi đơn vị", "Lan")


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    monkeypatch.delenv("TIENDO_AUTHOR", raising=False)
    return Trial(tmp_path, monkeypatch)


def test_a_released_hold_stands_from_its_release_and_is_the_baseline_from_then_on(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100))
    trial.send(11, ("A", 11, 90))
    trial.at(12)
    assert trial.statuses() == {"A/11": "open"}
    assert acts.release(trial.settings, "trial", [trial.hold("A")[:4]], *WHO)[0].changed
    assert trial.statuses() == {"A/11": "released"}
    # 95 falls below the 100 of the 10th, but not below the 90 that was released
    assert trial.send(13, ("A", 13, 95)).rows["rows_held"] == 0
    query = "SELECT lane, value, day(received_at) FROM lake.figures WHERE day(as_of) = 11 ORDER BY received_at"
    assert trial.ask(query) == [("held", 90, 11), ("accepted", 90, 12)]
    assert [batch.problems for batch in reconcile(trial.settings)] == [(), (), ()]


def test_a_second_identical_act_changes_nothing(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100))
    trial.send(11, ("A", 11, 90))
    acts.discard(trial.settings, "trial", [trial.hold("A")], *WHO)
    before = lake.batch_ids(trial.settings)
    assert not acts.discard(trial.settings, "trial", [trial.hold("A")], "another reason", "Minh")[0].changed
    assert lake.batch_ids(trial.settings) == before
    assert trial.now_known("A") == {10: 100}
    assert trial.ask("SELECT kind, author, reason, figure_count FROM lake.acts") == [("discard", "Lan", WHO[0], 1)]


def test_what_cannot_be_decided_is_refused_and_leaves_the_lake_as_it_was(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100), ("B", 10, 100))
    trial.send(11, ("A", 11, 90), ("B", 11, 90))
    hold = trial.hold("A")
    with pytest.raises(ActError, match="no reason"):
        acts.release(trial.settings, "trial", [hold], "  ", "Lan")
    with pytest.raises(ActError, match="nobody is named"):
        acts.release(trial.settings, "trial", [hold], "why", None)
    with pytest.raises(NotFoundError, match="no hold 'zz'"):
        acts.release(trial.settings, "trial", [hold, "zz"], *WHO)
    with pytest.raises(ActError, match="may be several holds"):
        acts.release(trial.settings, "trial", [""], *WHO)
    with only_one(trial.settings.scratch / "collect-trial.lock", "it"), pytest.raises(LockedError):
        acts.release(trial.settings, "trial", [hold], *WHO)
    trial.send(12, ("A", 11, 105))
    with pytest.raises(ActError, match="a newer version was accepted"):
        acts.release(trial.settings, "trial", [hold], *WHO)
    assert trial.statuses() == {"A/11": "corrected", "B/11": "open"}
    assert not list(trial.settings.lake.glob("acts/*/*"))


def test_when_a_spike_is_corrected_the_true_figures_held_after_it_are_released_by_themselves(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100), ("B", 10, 100))
    trial.send(11, ("A", 11, 1000), ("B", 11, 110))
    trial.send(12, ("A", 12, 120), ("B", 12, 90))
    trial.send(13, ("A", 13, 130))
    assert trial.statuses() == {"A/12": "open", "A/13": "open", "B/12": "open"}
    result = trial.send(14, ("A", 11, 110), ("B", 14, 120))
    # A's 120 and 130 no longer fall; B's 90 still falls below its 110
    assert trial.statuses() == {"A/12": "released", "A/13": "released", "B/12": "open"}
    assert len(result.released) == 2
    assert trial.now_known("A") == {10: 100, 11: 110, 12: 120, 13: 130}
    assert {(author, source) for author, source in trial.ask("SELECT author, source FROM lake.acts")} == {("tiendo", "review")}
    assert trial.collect().released == []


def test_of_two_holds_the_one_that_falls_below_the_other_stays(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100))
    trial.send(11, ("A", 11, 1000))
    trial.send(12, ("A", 12, 130))
    trial.send(13, ("A", 13, 120))
    trial.send(14, ("A", 11, 110))
    assert trial.statuses() == {"A/12": "released", "A/13": "open"}


def test_a_review_that_was_killed_is_caught_up_by_the_next_collection(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    trial.send(10, ("A", 10, 100))
    trial.send(11, ("A", 11, 1000))
    trial.send(12, ("A", 12, 120))
    with monkeypatch.context() as patched:
        patched.setattr(acts, "review", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            trial.send(13, ("A", 11, 110))
    assert trial.statuses() == {"A/12": "open"}
    trial.collect()
    assert trial.statuses() == {"A/12": "released"}


def test_a_waiver_lets_a_rule_be_without_effect_until_the_end_of_its_last_day(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100), ("B", 10, 100))
    assert acts.waive(trial.settings, "trial", "A", "cumulative_fall", date(2023, 6, 12), *WHO).changed
    assert not acts.waive(trial.settings, "trial", "A", "cumulative_fall", date(2023, 6, 12), *WHO).changed
    # 10:00 UTC of the 12th is still the 12th in Viet Nam, 17:00 UTC is the 13th
    assert trial.send(12, ("A", 11, 90), ("B", 11, 90), hour=10).rows["rows_held"] == 1
    assert trial.send(12, ("A", 12, 80), hour=17).rows["rows_held"] == 1
    query = "SELECT unit_code, effect, effect_reason FROM lake.findings WHERE rule_id = 'cumulative_fall' ORDER BY found_at, unit_code"
    assert trial.ask(query) == [("A", "none", "waiver"), ("B", "hold", None), ("A", "hold", None)]
    assert trial.now_known("A") == {10: 100, 11: 90}


def test_a_waiver_that_is_ended_is_no_longer_in_force(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100))
    acts.waive(trial.settings, "trial", "A", "cumulative_fall", date(2023, 6, 20), *WHO)
    trial.at(11)
    assert acts.end_waiver(trial.settings, "trial", "A", "cumulative_fall", *WHO)[0].changed
    assert not acts.end_waiver(trial.settings, "trial", "A", "cumulative_fall", *WHO)[0].changed
    assert trial.send(12, ("A", 12, 90)).rows["rows_held"] == 1


def test_what_rejects_cannot_be_waived(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100))
    with pytest.raises(ActError, match="cannot be waived"):
        acts.waive(trial.settings, "trial", "A", "unparsable_number", date(2023, 6, 20), *WHO)
    with pytest.raises(NotFoundError, match="no rule 'no_such_rule'"):
        acts.waive(trial.settings, "trial", "A", "no_such_rule", date(2023, 6, 20), *WHO)
    assert acts.waive(trial.settings, "trial", "A", "slot_missing", date(2023, 6, 20), *WHO).changed  # a rule of the warehouse can be
    with pytest.raises(ActError, match="is over"):
        acts.waive(trial.settings, "trial", "A", "cumulative_fall", date(2023, 6, 9), *WHO)


def entry(value: float, instead: float | str, because: str = "gõ nhầm", day: int = 11) -> str:
    return (
        f"  - match: {{unit: A, indicator: done, as_of: 2023-06-{day}, value: {value}}}\n    set: {instead}\n"
        f"    because: {because}\n    source: công văn 12\n    author: Lan\n"
    )


def correct(trial: Trial, *entries: str) -> None:
    (trial.folder / "corrections.yml").write_text("corrections:\n" + "".join(entries) if entries else "corrections: []\n", encoding="utf-8")


def test_a_correction_is_applied_once_and_undone_when_its_entry_goes(trial: Trial) -> None:
    trial.send(11, ("A", 11, 100))
    correct(trial, entry(100, 80))
    trial.collect()
    assert trial.now_known("A") == {11: 80}
    trial.collect()
    correct(trial)
    trial.collect()
    assert trial.now_known("A") == {11: 100}
    correct(trial, entry(100, "discard"))
    trial.collect()
    assert trial.now_known("A") == {11: None}
    query = "SELECT kind, old_value, value, figure_count, author FROM lake.acts ORDER BY acted_at"
    assert trial.ask(query) == [
        ("correction", 100, 80, 1, "Lan"), ("correction_end", 80, 100, 1, "tiendo"), ("correction", 100, None, 1, "Lan"),
    ]  # fmt: skip
    # nobody is measured against what was taken back
    assert trial.send(12, ("A", 12, 50)).rows["rows_held"] == 0


def test_a_corrected_spike_releases_what_was_held_after_it(trial: Trial) -> None:
    trial.send(11, ("A", 11, 1000))
    trial.send(12, ("A", 12, 120))
    correct(trial, entry(1000, 100))
    assert len(trial.collect().released) == 1
    assert trial.now_known("A") == {11: 100, 12: 120}


def test_a_newer_version_of_the_sender_wins_over_a_correction_and_is_told(trial: Trial) -> None:
    trial.send(11, ("A", 11, 100))
    correct(trial, entry(100, 80))
    trial.collect()
    trial.send(12, ("A", 11, 100), ("B", 11, 50))
    assert trial.now_known("A") == {11: 100}
    query = "SELECT kind, source, reason FROM lake.acts ORDER BY acted_at DESC LIMIT 1"
    told = "A newer version came from the sender: 100, the wrong value that was corrected, again"
    assert trial.ask(query) == [("correction_end", "sender", told)]
    before = lake.batch_ids(trial.settings)
    trial.collect()
    assert lake.batch_ids(trial.settings) == before


def test_an_entry_that_matches_nothing_fails_with_file_line_and_entry_and_none_is_applied(trial: Trial) -> None:
    trial.send(11, ("A", 11, 100), ("B", 11, 50))
    correct(trial, entry(100, 80), entry(7, 8, day=12))
    with pytest.raises(CorrectionError) as failed:
        trial.collect()
    assert failed.value.line().startswith(f"{trial.folder / 'corrections.yml'}:7: corrections.2: matches nothing: no accepted figure")
    assert trial.now_known("A") == {11: 100}
    correct(trial, entry(101, 80))
    with pytest.raises(CorrectionError, match="is 100, not 101"):
        trial.collect()


def test_a_faulty_corrections_file_fails_before_anything_is_taken_in(trial: Trial) -> None:
    trial.send(11, ("A", 11, 100))
    correct(trial, entry(100, 80).replace("unit: A", "unit: X").replace("indicator: done", "indicator: dome"))
    with pytest.raises(CampaignError) as failed:
        trial.send(12, ("A", 12, 110))
    assert [fault.split(": found ")[1][:6] for fault in failed.value.faults] == ["'dome'", "'X', w"]
    assert trial.now_known("A") == {11: 100}


def test_the_detail_of_a_hold_has_what_one_needs_to_decide(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100))
    trial.send(12, ("A", 12, 90))
    found = holds.detail(trial.settings, "trial", trial.hold("A"))
    assert found["hold"]["rules"] == ["cumulative_fall"]
    assert [(row["value"], row["as_of"].day) for row in found["figures"]] == [(90, 12)]
    assert [(row["value"], row["as_of"].day, row["age_days"]) for row in found["last_good"]] == [(100, 10, 2)]
    assert [row["value"] for row in found["history"]] == [100]
    assert "100" in found["findings"][0]["message_vi"]
