"""The dawn run: pulls what Amazon published, lets it through the gates, and computes the controls of the morning.

**When.** 05:15 in the agency's time zone, then hourly to 10:15 for what was late. A run that owes nothing maps nothing.

**What.** `plan` writes the owed requests to the ledger; each account is one mapped group, labelled with its name, whose
tasks wait for their own account only. One account's failure leaves the others whole; `verdict` turns the run red and
names every slice that is due and missing.

**When it is red.** Open the red task's log: it names account, dataset, days, Amazon's words and the next step.
`daybreak status` shows the same for all accounts. The next run repairs gaps by itself; clearing tasks is never needed.

**Parameters.** `refetch` asks Amazon again for the whole restatement window, whatever was confirmed this morning.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, CronTriggerTimetable, Param, TriggerRule, task
from pendulum import timezone

from daybreak.orchestration import dawn
from daybreak.orchestration.account_steps import account_group

AGENCY = timezone("Europe/Rome")

with DAG(
    dag_id="daily_controls",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("15 5-10 * * *", timezone=AGENCY),  # 05:15, then hourly to 10:15, all year
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,  # the plan finds gaps in the ledger; a run per missed morning would only ask twice
    max_active_runs=1,
    tags=["tier-1", "dawn"],
    params={"refetch": Param(False, type="boolean", description="Ask again for the whole restatement window.")},
    default_args={
        "owner": "daybreak",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(minutes=60),
    },
):
    morning = account_group("morning", task(dawn.plan)(), extract_timeout=timedelta(minutes=60))
    (
        morning
        >> task(trigger_rule=TriggerRule.ALL_DONE)(dawn.send_digests)()
        # No retries: the verdict is a judgement of the ledger, which a second look does not change.
        >> task(task_id="verdict", trigger_rule=TriggerRule.ALL_DONE, retries=0)(dawn.judge)()
    )
