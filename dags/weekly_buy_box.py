"""Closes the Buy Box week: checks what it rests on, builds its figures and keeps the client's Monday report.

**When.** Monday 06:00 in the agency's time zone, when the week from Sunday to Saturday is over in every marketplace and
the first dawn run has brought what Amazon published.

**What.** `plan` asks the ledger for finished weeks without a final report, four weeks back: a Monday that was missed is
made up for, and a week that was closed before Amazon had published its last days gets its final edition. Each account
is one mapped group, labelled with its name. `check_coverage` says what the week lacks, `build_week` builds the Buy Box
marts through their gates, `keep_report` writes HTML and Excel into the reports folder and a row into
`ops.client_report`. Equal figures make no new edition.

**When it is red.** `verdict` names each account and week: days on which nobody looked at the offers, official figures
that are due and missing, a blocked build, a missing report. One account's failure leaves the others whole. What is
there is reported with what it lacks. Start the DAG again after the repair, or run `daybreak report monday`; nothing
need be cleared.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, CronTriggerTimetable, TriggerRule, task, task_group
from pendulum import timezone

from daybreak.orchestration import week_tasks

AGENCY = timezone("Europe/Rome")

with DAG(
    dag_id="weekly_buy_box",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 6 * * 1", timezone=AGENCY),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,  # the plan finds missed weeks in the ledger
    max_active_runs=1,
    tags=["tier-1", "weekly"],
    default_args={
        "owner": "daybreak",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(minutes=60),
    },
):

    def step(**settings: object):
        """A task of the mapped group, labelled with the account; it runs whatever the step before it did."""
        return task(map_index_template="{{ account_label }}", trigger_rule=TriggerRule.ALL_DONE, **settings)

    @task_group(group_id="weeks")
    def weeks(planned: dict) -> None:
        check_coverage = step()(week_tasks.check_coverage)(planned)
        build_week = step()(week_tasks.build_week)(planned)
        keep_report = step()(week_tasks.keep_report)(planned)
        check_coverage >> build_week >> keep_report

    (
        weeks.expand(planned=task(week_tasks.plan)())
        # No retries: the verdict is a judgement of the ledger, which a second look does not change.
        >> task(task_id="verdict", trigger_rule=TriggerRule.ALL_DONE, retries=0)(week_tasks.judge)()
    )
