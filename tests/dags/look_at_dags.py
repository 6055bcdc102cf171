"""Parses the DAG folder in a process of its own and prints what came of it as one line of JSON."""

import json
import sys

from airflow.configuration import conf
from airflow.dag_processing.dagbag import BundleDagBag

folder = conf.get("core", "dags_folder")
before = set(sys.modules)
bag = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name="dags-folder")


def schedule(dag) -> list[str]:
    timetables = getattr(dag.timetable, "timetables", [dag.timetable])
    return sorted(f"{timetable.expression} {timetable.timezone}" for timetable in timetables)


print(
    json.dumps(
        {
            "errors": bag.import_errors,
            "seconds": {stat.file: stat.duration.total_seconds() for stat in bag.dagbag_stats},
            "imported": sorted(set(sys.modules) - before),
            "dags": {
                dag_id: {
                    "schedule": schedule(dag),
                    "doc": dag.doc_md or "",
                    "params": list(dag.params),
                    "max_active_runs": dag.max_active_runs,
                    "catchup": dag.catchup,
                    "notifies": bool(dag.on_failure_callback),
                    "timeout_hours": dag.dagrun_timeout.total_seconds() / 3600,
                    "tasks": {
                        task.task_id: {"retries": task.retries, "pool": task.pool, "rule": task.trigger_rule.value} for task in dag.tasks
                    },
                }
                for dag_id, dag in bag.dags.items()
            },
        }
    )
)
