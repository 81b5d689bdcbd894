"""The tasks of the dawn graph: each reads the run's instant and account, calls its step, and says what became of it."""

import logging
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from airflow.sdk import Context, get_current_context
from airflow.sdk.exceptions import AirflowFailException

from daybreak.accounts import Account, read_accounts
from daybreak.board.alert_letter import Trouble
from daybreak.business_dates import local_date, newest_control_date
from daybreak.orchestration import alerting
from daybreak.orchestration.connections import find_account
from daybreak.settings import get_settings
from daybreak.steps import alerts, digest, gating, mart_building, planning, publishing, verdict
from daybreak.warehouse.engine import transaction

logger = logging.getLogger(__name__)

Planned = dict[str, Any]


def plan() -> list[Planned]:
    """Writes what this morning owes to the ledger; returns the accounts that have work, one mapped group each."""
    context = get_current_context()
    settings = get_settings()
    with transaction() as connection:
        planned = planning.plan_morning(
            connection,
            read_accounts(settings.accounts_path),
            _instant(context),
            context["run_id"],
            settings,
            refetch=bool((context.get("params") or {}).get("refetch")),
        )
    for each in planned:
        logger.info("%s: %d new requests, %d open", each.account_id, each.new_requests, each.open_requests)
    return [asdict(each) for each in planned]


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
    """Builds, gates and publishes each mart for the days that need it; returns the number of rows that changed.

    Red when a gate blocks one, after all of them.
    """
    account = _enter(planned)
    outcomes = mart_building.build_due(account, _last_date(account), get_settings())
    blocked = [each.sentence for each in outcomes if each.counts is None]
    if blocked:
        raise AirflowFailException("\n".join(blocked))
    return sum(each.counts.changed_rows for each in outcomes if each.counts is not None)


def send_digests() -> dict[str, str]:
    """Keeps each account's morning in ``ops.morning`` as it stands, and sends it to who does not have it.

    A mail server or a chat that fails is told of in the account's line and stops nothing: the next run tries again.
    """
    context = get_current_context()
    mailer = alerting.open_mailer()
    kept: dict[str, str] = {}
    for account in read_accounts(get_settings().accounts_path):
        if account.is_active:
            outcome = digest.keep_morning(account, _instant(context), context["run_id"])
            control_date = local_date(_instant(context), account.marketplace.time_zone)
            outcome += f"; {alerting.send_morning(account, control_date, context['run_id'], mailer)}"
            logger.info("%s: %s", account.account_id, outcome)
            kept[account.account_id] = outcome
    return kept


def judge() -> str:
    """Red when any slice is due and missing, blocked or refused, naming each of them; on-call is told the same.

    The ledger is the source, not the tasks' callbacks, which a killed process does not run.
    """
    try:
        return _judge()
    except AirflowFailException:
        raise
    except Exception as error:  # whatever it is, somebody must know that no verdict was reached
        words = f"the morning could not be judged: {type(error).__name__}"
        alerting.tell_without_ledger("Daybreak: no verdict", Trouble(words, "daybreak status"))
        raise


def _judge() -> str:
    settings = get_settings()
    context = get_current_context()
    accounts = read_accounts(settings.accounts_path)
    with transaction() as connection:
        series = verdict.read_series(connection, accounts, _instant(context), settings)
        refusals = verdict.read_refusals(connection, accounts, context["run_id"])
        refusals += verdict.read_unbuilt_marts(connection, accounts, _instant(context))
    try:
        return verdict.judge_morning(series, refusals)
    except verdict.MorningIncomplete as incomplete:
        troubles = alerts.read_alert(series, refusals)
        title = f"Daybreak: the morning is incomplete in {len(troubles)} places"
        for told in alerting.tell_on_call(title, troubles, context["run_id"], _instant(context)):
            logger.info("%s", told)
        raise AirflowFailException(str(incomplete)) from None


def _instant(context: Context) -> datetime:
    """The moment that the run stands for: dates come from it, never from the clock of the machine."""
    run = context["dag_run"]
    instant: datetime = run.logical_date or run.run_after
    return instant


def _enter(planned: Planned) -> Account:
    get_current_context()["account_label"] = planned["label"]
    return find_account(planned["account_id"])


def _last_date(account: Account) -> date:
    return newest_control_date(_instant(get_current_context()), account.marketplace.time_zone)
