"""
### collect_CAMPAIGN: take in what one campaign's units sent

**What it does.** Pulls the campaign's sources into the landing, reads what is new, judges it, and adds one batch to the lake. It publishes
nothing: `nightly` does. One DAG per campaign folder, on the campaign's own slots and time zone: 30 and 2 minutes before each cutoff, a
minute before the grace ends, and 5 minutes after it (late ones); once a day at 06:00 where a campaign has no slots.

**When it fails.** The task's log ends in one line: what, where, the way out.
*Source* (cannot be reached): tried three times more, 2 minutes apart and growing; then see to the source and clear the task.
*Campaign* (faulty folder): `tiendo campaign check FOLDER`, mend the line it names, clear the task. A folder too faulty for a
schedule has no DAG here; `nightly` says so.
*Rule* (a rule of ours raised): the batch stayed out of the lake and nothing is lost; mend the rule, clear the task.

**Is a re-run safe?** Always. Files are known by their bytes: the same again are noted as seen, not processed twice; a killed run is caught
up by the next. What arrived while it was down is collected late, and its `received_at` is then the time of collection.

**When a campaign is over**, pause its DAG; `nightly` still takes in late corrections.
"""

from datetime import timedelta

import tiendo_tasks as line
from airflow.sdk import DAG, MultipleCronTriggerTimetable, task
from tiendo_notifier import TiendoNotifier
from tiendo_schedule import campaign_schedules

for campaign_id, schedule in campaign_schedules().items():
    with DAG(
        dag_id=f"collect_{campaign_id}",
        description=f"Pull, read and judge what arrived for {campaign_id}",
        schedule=MultipleCronTriggerTimetable(*schedule.crons, timezone=schedule.zone),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=3),
        on_failure_callback=TiendoNotifier(),
        doc_md=__doc__,
        tags=["collect"],
    ):
        task(line.collect, retries=3, retry_delay=timedelta(minutes=2), retry_exponential_backoff=True)(campaign_id)
