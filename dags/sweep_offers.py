"""Looks at who offers the clients' products, and who holds each Buy Box: a past hour can never be looked at again.

**When.** Every four hours from midnight UTC, six times a day. Products with an open loss are due each time, the others
of a catalogue of up to 5,000 twice a day, those of a larger one daily as far as Amazon's quota reaches, and all within
the week.

**What.** `plan` fixes the products of each account, the most urgent first. Accounts that share a seller's credential
are one mapped task, because Amazon counts their calls together; `sweep` asks 20 products a call and waits deferred.
Each answer is kept before the next call: a killed sweep goes on where it was. `gate_offers` and `publish_offers` carry
what was seen into `core.offer_snapshot` and `core.offer`; the next `daily_controls` builds the marts from it.

**When it is red.** A sweep has 225 minutes. What it did not reach, or Amazon refused, stands in `ops.sweep_gap`, and
`verdict` names it. What was seen is published all the same. Nothing need be cleared or repeated: the next slot looks at
what is due then. Accounts without `seller_connection_id` are named in the verdict, and are not red.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, CronTriggerTimetable, TriggerRule, task, task_group

from daybreak.orchestration import sweep_tasks
from daybreak.orchestration.sweeps import SweepOffers

with DAG(
    dag_id="sweep_offers",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 */4 * * *", timezone="UTC"),  # slots are counted in UTC: a day has six, always
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,  # a slot that has passed cannot be looked at any more
    max_active_runs=1,
    tags=["tier-2", "offers"],
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
        """A task of the mapped group, labelled with its accounts; it runs whatever the step before it did."""
        return task(map_index_template="{{ account_label }}", trigger_rule=TriggerRule.ALL_DONE, **settings)

    @task_group(group_id="accounts")
    def accounts(group: dict) -> None:
        sweep = SweepOffers(
            task_id="sweep",
            group=group,
            map_index_template="{{ account_label }}",
            execution_timeout=timedelta(hours=4),  # all of its deferrals; a sweep's window is 225 minutes
        )
        sweep >> step()(sweep_tasks.gate_offers)(group) >> step()(sweep_tasks.publish_offers)(group)

    (
        accounts.expand(group=task(sweep_tasks.plan)())
        # No retries: the verdict is a judgement of the ledger, which a second look does not change.
        >> task(task_id="verdict", trigger_rule=TriggerRule.ALL_DONE, retries=0)(sweep_tasks.judge)()
    )
