"""Repairs up to 15 days: asks Amazon for what is missing of them, and brings it through the gates into the marts.

**When.** Never by itself: a person triggers it, once per window of at most 15 days, the oldest first. Runs go one at a
time; pause this DAG to hold those that have not begun. The same window again goes on where it was: what is published
is skipped.

**What.** `plan` writes what the window owes to the ledger, and takes over what a dawn run has asked for already:
nothing is asked for twice. The work on each account is the same as at dawn. Of each of Amazon's bursts at most three
calls are taken, so that a dawn run always finds the rest; both may meet on one account, one waits for the other.

**When it is red.** `verdict` names what can be had and is missing, with Amazon's words. What Amazon does not give any
more is no failure. Clearing tasks is never needed.

**Parameters.** `from_date` and `to_date`, both included; `accounts` and `datasets` by name, none for all of them.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Param, TriggerRule, task

from daybreak.orchestration import repair
from daybreak.orchestration.account_steps import account_group

NAMES = {"type": ["array", "null"], "items": {"type": "string"}}

with DAG(
    dag_id="repair_window",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # a window's marts read those of the windows before it
    is_paused_upon_creation=False,  # a person asks for each run: one that only waits would look like a failure
    tags=["tier-2", "repair"],
    params={
        "from_date": Param(type="string", format="date", description="The first day."),
        "to_date": Param(type="string", format="date", description="The last day, included; at most 15 days."),
        "accounts": Param([], **NAMES, description="Account ids; none for all that are active."),
        "datasets": Param([], **NAMES, description="Datasets; none for all."),
    },
    default_args={
        "owner": "daybreak",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(minutes=60),
    },
):
    (
        account_group("window", task(repair.plan)(), extract_timeout=timedelta(hours=25))
        # No retries: the verdict is a judgement of the ledger, which a second look does not change.
        >> task(task_id="verdict", trigger_rule=TriggerRule.ALL_DONE, retries=0)(repair.judge)()
    )
