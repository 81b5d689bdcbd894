"""The work on one account, the same at dawn and in a repair: one mapped group of tasks, labelled with the account.

Each task reads the run's instant and its account, calls its step, and says what became of it.
"""

from datetime import date, datetime, timedelta
from typing import Any

from airflow.sdk import Context, TriggerRule, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowFailException

from daybreak.accounts import Account
from daybreak.business_dates import newest_control_date
from daybreak.orchestration.connections import UnknownAccount, find_account
from daybreak.orchestration.reports import ExtractReports
from daybreak.settings import get_settings
from daybreak.steps import gating, mart_building, publishing

Planned = dict[str, Any]
"""One entry of a plan: ``account_id`` and ``label``; of a repair also ``from_date``, ``to_date``, ``dataset_codes``."""


def account_group(group_id: str, plan: Any, *, extract_timeout: timedelta) -> Any:
    """The mapped group: extract, gate, publish, build, one after the other for each account that ``plan`` returned.

    Its tasks wait for their own account only, and each runs whatever the one before it did.
    """

    def step(work: Any) -> Any:
        return task(map_index_template="{{ account_label }}", trigger_rule=TriggerRule.ALL_DONE)(work)

    @task_group(group_id=group_id)
    def group(planned: Planned) -> None:
        extract = ExtractReports(
            task_id="extract",
            planned=planned,
            map_index_template="{{ account_label }}",
            execution_timeout=extract_timeout,
        )
        extract >> step(gate_facts)(planned) >> step(publish_facts)(planned) >> step(build_marts)(planned)

    return group.expand(planned=plan)


def gate_facts(planned: Planned) -> None:
    """Judges every staged load of the account; red when one is blocked, with the reasons."""
    account = _enter(planned)
    blocked = gating.gate_staged(account)
    if blocked:
        raise AirflowFailException("\n".join(blocked))


def publish_facts(planned: Planned) -> dict[str, int]:
    """Publishes the loads that passed, whatever the others did."""
    account = _enter(planned)
    done = publishing.publish_gated(account, _last_date(account), get_settings())
    return {"loads": len(done), "changed_rows": sum(each.published.changed_rows for each in done)}


def build_marts(planned: Planned) -> int:
    """Builds, gates and publishes each mart for the days that need it, of a repair those of its window; returns the
    number of rows that changed.

    Red when a gate blocks one, after all of them.
    """
    account = _enter(planned)
    newest = _last_date(account)
    if "from_date" in planned:
        first, last = (date.fromisoformat(planned[name]) for name in ("from_date", "to_date"))
        outcomes = mart_building.build_owed(account, first, min(last, newest), newest)
    else:
        outcomes = mart_building.build_due(account, newest, get_settings())
    blocked = [each.sentence for each in outcomes if each.counts is None]
    if blocked:
        raise AirflowFailException("\n".join(blocked))
    return sum(each.counts.changed_rows for each in outcomes if each.counts is not None)


def instant_of(context: Context) -> datetime:
    """The moment that the run stands for: dates come from it, never from the clock of the machine."""
    run = context["dag_run"]
    instant: datetime = run.logical_date or run.run_after
    return instant


def _enter(planned: Planned) -> Account:
    get_current_context()["account_label"] = planned["label"]
    try:
        return find_account(planned["account_id"])
    except UnknownAccount as unknown:
        raise AirflowFailException(str(unknown)) from None


def _last_date(account: Account) -> date:
    return newest_control_date(instant_of(get_current_context()), account.marketplace.time_zone)
