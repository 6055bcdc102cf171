"""Every DAG run through Airflow, task by task, without a scheduler."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def nightly(line):
    conf = json.dumps({"campaigns": ["tiny"], "until": "2030-01-01"})
    return line.run("airflow", "dags", "test", "nightly", "--conf", conf)


def test_nightly_takes_a_campaign_from_its_files_to_a_published_build(line, nightly):
    assert nightly.returncode == 0, nightly.stdout[-3000:]
    assert (line.home / "published" / "marts.duckdb").is_file()
    assert list((line.home / "lake" / "batches" / "campaign_id=tiny").glob("*.parquet"))


def test_nightly_says_in_one_line_per_task_what_came_of_it(nightly):
    done = [text.split("done: ")[1].split(":")[0] for text in nightly.stdout.splitlines() if "done: " in text]
    assert done == ["collect tiny", "transform", "publish", "reconcile", "chase"]


def test_a_second_run_publishes_the_same_build(line, nightly):
    before = (line.home / "published").resolve()
    again = line.run("airflow", "dags", "test", "nightly", "--conf", json.dumps({"campaigns": ["tiny"], "until": "2030-01-01"}))
    assert again.returncode == 0, again.stdout[-3000:]
    assert "nothing new" in again.stdout
    assert (line.home / "published").resolve() == before


def test_a_faulty_campaign_fails_the_run_but_the_others_are_published_and_the_failure_is_notified(line, nightly):
    told = line.home / "log" / "notifications.log"
    told.unlink(missing_ok=True)
    done = line.run("airflow", "dags", "test", "nightly", "--conf", json.dumps({"campaigns": ["faulty", "tiny"]}))
    assert done.returncode != 0
    assert "faulty/campaign.yml:2: not YAML" in done.stdout
    assert "done: publish: " in done.stdout
    assert "nightly: run manual__" in told.read_text(encoding="utf-8")


def test_collect_of_one_campaign_passes(line):
    done = line.run("airflow", "dags", "test", "collect_tiny")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "done: collect tiny: " in done.stdout
