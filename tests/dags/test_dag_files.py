"""What a DAG processor sees when it parses dags/."""

from __future__ import annotations


def test_every_dag_file_is_parsed_without_an_import_error(bag):
    assert bag["errors"] == {}
    assert len(bag["dags"]) >= 4


def test_every_sound_campaign_has_a_dag_and_a_faulty_one_takes_none_with_it(bag):
    assert {"nightly", "collect_tiny", "collect_no_slots", "collect_hai_phong_vneid_2023"} <= set(bag["dags"])
    assert "collect_faulty" not in bag["dags"]


def test_a_campaign_is_collected_around_its_cutoff_and_its_grace_in_its_own_time_zone(bag):
    # cutoff 16:00, grace 15 minutes
    assert bag["dags"]["collect_tiny"]["schedule"] == [
        "14 16 * * * Asia/Ho_Chi_Minh",
        "20 16 * * * Asia/Ho_Chi_Minh",
        "30 15 * * * Asia/Ho_Chi_Minh",
        "58 15 * * * Asia/Ho_Chi_Minh",
    ]


def test_a_campaign_without_slots_is_collected_once_a_day(bag):
    assert bag["dags"]["collect_no_slots"]["schedule"] == ["0 6 * * * Asia/Ho_Chi_Minh"]


def test_parsing_imports_nothing_heavy_and_takes_under_a_second(bag):
    heavy = {"pandas", "duckdb", "great_expectations", "dbt", "pyarrow", "altair", "pipeline", "tiendo.campaign"}
    assert heavy.isdisjoint(bag["imported"])
    assert bag["seconds"]
    assert max(bag["seconds"].values()) < 1.0


def test_the_first_page_of_the_runbook_is_on_every_dag(bag):
    for dag_id, dag in bag["dags"].items():
        for heading in ("**What it does.**", "**When it fails.**", "**Is a re-run safe?**"):
            assert heading in dag["doc"], dag_id


def test_every_failed_run_is_notified_and_no_dag_catches_up_or_runs_twice_at_once(bag):
    for dag_id, dag in bag["dags"].items():
        assert dag["notifies"], dag_id
        assert not dag["catchup"], dag_id
        assert dag["max_active_runs"] == 1, dag_id


def test_only_steps_that_reach_outside_are_retried(bag):
    tasks = bag["dags"]["nightly"]["tasks"]
    retried = {name for name, task in tasks.items() if task["retries"] > 0}
    assert retried == {"collect", "publish", "chase"}
    assert bag["dags"]["collect_tiny"]["tasks"]["collect"]["retries"] == 3


def test_the_warehouse_has_a_pool_and_a_failed_campaign_does_not_stop_the_others(bag):
    tasks = bag["dags"]["nightly"]["tasks"]
    assert {name for name, task in tasks.items() if task["pool"] == "warehouse"} == {"transform", "publish"}
    assert tasks["transform"]["rule"] == "all_done"
    assert tasks["verdict"]["rule"] == "one_failed"


def test_a_nightly_run_can_be_told_which_campaigns_and_until_when(bag):
    assert bag["dags"]["nightly"]["params"] == ["campaigns", "until"]


def test_a_late_run_is_stopped_so_that_its_notification_goes_out(bag):
    assert {dag["timeout_hours"] for dag in bag["dags"].values()} == {3.0}
