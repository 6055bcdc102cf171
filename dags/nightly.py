"""
### nightly: from what arrived to what is published

**What it does.** `collect` every campaign (each on its own: one that fails does not stop the others, and `verdict` shows the run as
failed all the same) >> `transform` (dbt; skipped inside when nothing is new) >> `publish` (a new build, swapped in whole) >>
`reconcile` (received = accepted + held + rejected + duplicate) >> `chase` (messages that are due). Params: `campaigns` (empty: all),
`until` (a day: take in only what arrived by its end, and look no further).

**When it fails.** The task's log ends in one line: what, where, the way out.
*collect*: see the docs of `collect_CAMPAIGN`. *transform*: dbt's words are in `warehouse/dbt/last_failure.log`; warehouse and published
build are as before. *publish*: readers still see the last build. *reconcile*: counts do not add up; stop and find out
(`tiendo reconcile`). *chase*: what was sent is marked sent; clear the task to send the rest.
*Late* (not done after 3 hours): the run is stopped and a message says so; look for what hung, or for pool `warehouse` without a slot.

**Is a re-run safe?** Yes: clear the failed task, or trigger the DAG anew. Without news nothing is rewritten, and no message goes out twice.
"""

from datetime import timedelta

import tiendo_tasks as line
from airflow.sdk import DAG, CronTriggerTimetable, Param, task
from tiendo_notifier import TiendoNotifier

with DAG(
    dag_id="nightly",
    description="Collect, transform, publish, reconcile, chase",
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Asia/Ho_Chi_Minh"),
    catchup=False,
    max_active_runs=1,
    params={
        "campaigns": Param([], type="array", items={"type": "string"}, description="Ids; empty: all"),
        "until": Param(None, type=["null", "string"], format="date", description="Look no further than this day"),
    },
    dagrun_timeout=timedelta(hours=3),
    on_failure_callback=TiendoNotifier(),
    doc_md=__doc__,
    tags=["nightly"],
):
    ids = task(line.campaigns)()
    collected = task(line.collect, retries=3, retry_delay=timedelta(minutes=2), retry_exponential_backoff=True).expand(campaign_id=ids)
    built = task(line.transform, retries=0, pool="warehouse", trigger_rule="all_done")(ids)
    published = task(line.publish, retries=1, pool="warehouse")(built)
    reconciled = task(line.reconcile, retries=0)()
    chased = task(line.chase, retries=3, retry_delay=timedelta(minutes=5))(ids)
    verdict = task(line.verdict, retries=0, trigger_rule="one_failed")()

    collected >> built >> published >> reconciled >> chased
    [collected, built, published, reconciled, chased] >> verdict
