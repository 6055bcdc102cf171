"""Bytes that come again under another name: a repeat where their figures stand, a report where something changed them in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from acts_trial import CAMPAIGN, Trial

from pipeline import reconcile

pytestmark = pytest.mark.slow

BY_NAME = (
    CAMPAIGN + '    file_name: "(?P<received>[0-9]{8}T[0-9]{4})"\n    received: {by: file_name, format: "%Y%m%dT%H%M", trusted: true}\n'
)


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    return Trial(tmp_path, monkeypatch)


def counts(trial: Trial) -> list[tuple[str, str, int, int]]:
    return trial.ask("SELECT file_name, status, rows_accepted, rows_duplicate FROM lake.batches ORDER BY received_at, file_name")


def test_bytes_that_come_again_after_another_figure_take_it_back(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100))
    trial.send(11, ("A", 10, 120))
    trial.send(12, ("A", 10, 100))
    assert counts(trial) == [("10-09.csv", "read", 1, 0), ("11-09.csv", "read", 1, 0), ("12-09.csv", "read", 1, 0)]
    assert trial.now_known("A") == {10: 100}
    # and once more: now they stand
    trial.send(13, ("A", 10, 100))
    assert counts(trial)[3] == ("13-09.csv", "duplicate", 0, 1)
    assert all(not batch.problems for batch in reconcile(trial.settings))


def test_bytes_that_come_again_while_their_figures_stand_are_a_duplicate(trial: Trial) -> None:
    trial.send(10, ("A", 10, 100))
    trial.send(11, ("A", 11, 120), ("B", 10, 7))
    trial.send(12, ("A", 10, 100))
    assert counts(trial)[2] == ("12-09.csv", "duplicate", 0, 1)
    assert trial.now_known("A") == {10: 100, 11: 120}


@pytest.mark.slow
def test_a_backlog_is_judged_as_if_each_file_had_been_collected_when_it_came(trial: Trial) -> None:
    (trial.folder / "campaign.yml").write_text(BY_NAME, encoding="utf-8")
    for hour, value in ((10, 100), (11, 120), (12, 100), (13, 120), (14, 120), (15, 100)):
        text = f"ma,ngay,so\nA,2023-06-10,{value}\n"
        (trial.folder / "inbox" / f"20230610T{hour}00.csv").write_text(text, encoding="utf-8")
    trial.at(11)
    result = trial.collect()
    assert [(status, accepted) for _, status, accepted, _ in counts(trial)] == [
        ("read", 1), ("read", 1), ("read", 1), ("read", 1), ("duplicate", 0), ("read", 1),
    ]  # fmt: skip
    assert (result.files_new, result.files_seen, result.rows["rows_accepted"], result.rows["rows_duplicate"]) == (5, 1, 5, 1)
    assert trial.now_known("A") == {10: 100}
    assert trial.collect().batch_id is None
