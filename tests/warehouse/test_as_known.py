"""What was published at T is built again, byte for byte, after everything that can arrive later has arrived."""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

import pipeline
from pipeline import acts
from pipeline.as_known import _copy_what_arrived, known_moment, rebuild
from tiendo import lake
from tiendo.campaign_file import read_campaign
from tiendo.errors import NotFoundError
from tiendo.folders import folder_as_known, keep_folder
from tiendo.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from acts_trial import CAMPAIGN, Trial

pytestmark = pytest.mark.slow

MORE = """targets: {file: targets.csv}
recounts: {file: recounts.csv}
tiers:
  - {id: fair, name: {vi: Khá, en: Fair}, min_pct: 40}
  - {id: slow, name: {vi: Chậm, en: Slow}, min_pct: 0}
milestones:
  - {id: half, name: {vi: Nửa, en: Half}, indicator: done, levels: [district], threshold_pct: 50, due: 2023-06-06}
meetings:
  - {id: weekly, name: {vi: Giao ban, en: Meeting}, days: [sat], time: "08:00"}
"""
EXEMPT = "exemptions:\n  - {unit: B, first_on: 2023-06-03, last_on: 2023-06-03, reason: flood, author: staff}\n"
TARGETS = "indicator_id,unit_code,target,valid_from\ndone,A,1000,\ndone,B,500,\n"
RECOUNTS = "unit_code,indicator_id,as_of,recounted_value,recounted_on,recounted_by,note\n"
T = "2023-06-05"


def parquet(folder: Path) -> dict[str, str]:
    """Table -> digest of its Parquet file."""
    found = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.resolve().glob("*.parquet")}
    assert len(found) > 30, folder
    return found


def publish(trial: Trial) -> Path:
    """What the nightly run does after the collection, up to our clock of that moment."""
    built = pipeline.transform(trial.settings, pipeline.horizons(["trial"], None))
    return pipeline.publish(trial.settings, built.build_id)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    with pytest.MonkeyPatch.context() as patch:
        trial = Trial(tmp_path_factory.mktemp("as_known"), patch)
        (trial.folder / "campaign.yml").write_text(CAMPAIGN + MORE, encoding="utf-8")
        (trial.folder / "targets.csv").write_text(TARGETS, encoding="utf-8")
        (trial.folder / "recounts.csv").write_text(RECOUNTS + "A,done,2023-06-01,101,2023-06-03,team,\n", encoding="utf-8")
        trial.send(1, ("A", 1, 100), ("B", 1, 50))
        trial.send(2, ("A", 2, 200), ("B", 2, 80))
        trial.at(3, 1)
        publish(trial)
        trial.send(3, ("A", 3, 300))
        trial.send(4, ("A", 4, 410), ("B", 4, 20))  # a fall: B is held
        trial.send(5, ("A", 5, 500), ("B", 5, 130), ("A", 2, 210))
        trial.at(5, 17)  # 00:00 of the 6th in Hà Nội: the boards look up to the end of the 5th
        trial.published_at_t = publish(trial)  # type: ignore[attr-defined]

        trial.at(6, 8)
        acts.release(trial.settings, "trial", [trial.hold("B")], "counted again", "Lan")
        acts.waive(trial.settings, "trial", "B", "cumulative_fall", date(2023, 6, 20), "moves house", "Lan")
        trial.send(6, ("A", 6, 610), ("B", 6, 140), ("B", 3, 95), ("A", 1, 90))
        text = CAMPAIGN.replace("Quận", "Huyện") + MORE.replace("threshold_pct: 50", "threshold_pct: 20") + EXEMPT
        (trial.folder / "campaign.yml").write_text(text, encoding="utf-8")
        (trial.folder / "targets.csv").write_text(TARGETS + "done,A,2000,2023-06-03\ndone,B,900,2023-06-06\n", encoding="utf-8")
        with (trial.folder / "recounts.csv").open("a", encoding="utf-8") as handle:
            handle.write("A,done,2023-06-02,150,2023-06-04,team,entered late\n")
        trial.at(7, 1)
        trial.published_now = publish(trial)  # type: ignore[attr-defined]
        yield trial  # type: ignore[misc]


def test_marts_rebuilt_as_known_at_t_are_those_published_then_byte_for_byte(trial: Trial) -> None:
    then, now = (parquet(build / "parquet") for build in (trial.published_at_t, trial.published_now))  # type: ignore[attr-defined]
    differ = {table for table in then if then[table] != now[table]}
    assert differ >= {"leaderboard", "progress", "milestones", "holds", "audit", "recounts", "reporting", "fct_restatements", "dim_level"}
    before = {path: path.stat().st_mtime_ns for path in (trial.settings.warehouse, trial.settings.builds, trial.settings.register)}

    folder = rebuild(trial.settings, T, "meeting_of_june")

    assert parquet(folder / "parquet") == then
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert trial.settings.published.resolve() == trial.published_now.resolve()  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder}/meeting_of_june.duckdb' (read_only)")
        [(value, target)] = connection.execute(
            "select value, target from meeting_of_june.leaderboard where unit_code = 'A' and as_of_date = date '2023-06-05'"
        ).fetchall()
    assert (value, target) == (500, 1000)


def test_of_a_batch_that_had_arrived_in_part_only_the_files_that_had_are_known(trial: Trial, tmp_path: Path) -> None:
    batches = lake.paths(trial.settings, "batches", "trial")
    files = duckdb.read_parquet(batches).filter("status = 'read'").order("received_at").fetchall()
    with duckdb.connect() as connection:
        connection.execute(f"copy (from read_parquet({batches})) to '{tmp_path}/all.parquet'")
        first = files[0]
        _copy_what_arrived(connection, "batches", tmp_path / "all.parquet", tmp_path / "known.parquet", first[8], [first[3]])
        assert connection.execute(f"select file_id, received_at from '{tmp_path}/known.parquet'").fetchall() == [(first[3], first[8])]


def test_a_day_is_its_last_second_and_a_time_the_clock_on_the_campaigns_wall(trial: Trial) -> None:
    campaign = read_campaign(trial.folder)
    assert known_moment(campaign, "2023-06-13") == datetime(2023, 6, 13, 16, 59, 59, tzinfo=UTC)
    assert known_moment(campaign, "2023-06-13 18:00") == datetime(2023, 6, 13, 11, tzinfo=UTC)
    assert known_moment(campaign, "2023-06-13T18:00:00+00:00") == datetime(2023, 6, 13, 18, tzinfo=UTC)
    with pytest.raises(NotFoundError, match="no day or time"):
        known_moment(campaign, "Friday")


def test_versions_of_a_folder_are_kept_when_they_change_and_never_go_back(trial: Trial, tmp_path: Path) -> None:
    settings = Settings(tmp_path, trial.settings.campaigns)
    campaign = read_campaign(trial.folder)
    at = [datetime(2023, 6, n, tzinfo=UTC) for n in range(1, 9)]
    keep_folder(settings, campaign, at[3])
    keep_folder(settings, campaign, at[4])
    old = (trial.folder / "targets.csv").read_text(encoding="utf-8")
    try:
        (trial.folder / "targets.csv").write_text(TARGETS, encoding="utf-8")
        keep_folder(settings, campaign, at[2])  # looks less far than the run before
    finally:
        (trial.folder / "targets.csv").write_text(old, encoding="utf-8")
    assert len(list((settings.lake / "folders").rglob("*.json"))) == 2

    def targets(day: datetime) -> str:
        found = folder_as_known(settings, "trial", day)
        assert found and set(found) == {"campaign.yml", "units.csv", "targets.csv", "recounts.csv"}
        return found["targets.csv"]

    assert targets(at[0]) == old  # of before the first version: the first
    assert targets(at[3]) == TARGETS  # both looked up to that moment: the later one stands
    assert folder_as_known(settings, "another", at[0]) is None


def test_a_schema_has_a_name_that_sql_takes(trial: Trial) -> None:
    for name in ("marts", "9june", "a b", ""):
        with pytest.raises(NotFoundError, match="cannot name a schema"):
            rebuild(trial.settings, T, name)


def test_before_anything_had_arrived_there_is_nothing_to_know(trial: Trial) -> None:
    with pytest.raises(NotFoundError, match="nothing had arrived"):
        rebuild(trial.settings, "2023-05-01", "may")
    assert not (trial.settings.home / "known" / "may").exists()
