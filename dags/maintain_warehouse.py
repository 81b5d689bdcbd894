"""Keeps the warehouse, the landing folder, Airflow's database and the logs in shape.

**When.** Daily at 23:30 in the agency's time zone, when nobody reads and no dawn run is near.

**What.** Each step is a task of its own, and none waits for another but `statistics`, which comes after what changes
rows: `months` makes partitions ahead and drops those kept long enough; `leftovers` clears what killed work left in
staging and candidate, and old judgements; `landing` removes expired files; `requests` gives up reports that nobody
finished while Amazon kept them; `rebuilds` builds anew the months of marts that were restated further back than a dawn
run builds; `clean_airflow` removes Airflow's own old records; `logs` removes old logs and puts large ones aside.

**When it is red.** `verdict` names the tasks that failed, their logs say why; the others are done. The next night tries
again, `daybreak maintain` does the same by hand. `docs/runbook.md` has an entry for each message.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, CronTriggerTimetable, TriggerRule, task
from pendulum import timezone

from daybreak.orchestration import maintenance_tasks

AGENCY = timezone("Europe/Rome")

with DAG(
    dag_id="maintain_warehouse",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("30 23 * * *", timezone=AGENCY),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,  # the newest run does what all missed ones would have done
    max_active_runs=1,
    tags=["tier-3", "maintenance"],
    default_args={
        "owner": "daybreak",
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=2),
    },
):

    def step(name: str, **settings: object):
        """The task of one step of ``daybreak maintain``, named like it."""
        return task(task_id=name, **settings)(maintenance_tasks.run_step)(name)

    changes = [step(name) for name in ("months", "leftovers", "landing", "requests", "rebuilds")]
    statistics = step("statistics", trigger_rule=TriggerRule.ALL_DONE)
    changes >> statistics
    (
        [statistics, step("logs"), task(maintenance_tasks.clean_airflow)()]
        # No retries: the verdict is a judgement of the others, which a second look does not change.
        >> task(task_id="verdict", trigger_rule=TriggerRule.ALL_DONE, retries=0)(maintenance_tasks.judge)()
    )
