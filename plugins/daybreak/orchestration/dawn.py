"""What the dawn graph does before and after the work on its accounts: plan, what is kept of the morning, verdict."""

import logging
from dataclasses import asdict

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from daybreak.accounts import read_accounts
from daybreak.board.alert_letter import Trouble
from daybreak.business_dates import local_date
from daybreak.orchestration import alerting
from daybreak.orchestration.account_steps import Planned, instant_of
from daybreak.settings import get_settings
from daybreak.steps import alerts, digest, planning, verdict
from daybreak.warehouse.engine import transaction

logger = logging.getLogger(__name__)


def plan() -> list[Planned]:
    """Writes what this morning owes to the ledger; returns the accounts that have work, one mapped group each."""
    context = get_current_context()
    settings = get_settings()
    with transaction() as connection:
        planned = planning.plan_morning(
            connection,
            read_accounts(settings.accounts_path),
            instant_of(context),
            context["run_id"],
            settings,
            refetch=bool((context.get("params") or {}).get("refetch")),
        )
    for each in planned:
        logger.info("%s: %d new requests, %d open", each.account_id, each.new_requests, each.open_requests)
    return [asdict(each) for each in planned]


def send_digests() -> dict[str, str]:
    """Keeps each account's morning in ``ops.morning`` as it stands, and sends it to who does not have it.

    A mail server or a chat that fails is told of in the account's line and stops nothing: the next run tries again.
    """
    context = get_current_context()
    mailer = alerting.open_mailer()
    kept: dict[str, str] = {}
    for account in read_accounts(get_settings().accounts_path):
        if account.is_active:
            instant = instant_of(context)
            outcome = digest.keep_morning(account, instant, context["run_id"])
            control_date = local_date(instant, account.marketplace.time_zone)
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
        series = verdict.read_series(connection, accounts, instant_of(context), settings)
        refusals = verdict.read_refusals(connection, accounts, context["run_id"])
        refusals += verdict.read_unbuilt_marts(connection, accounts, instant_of(context))
    try:
        return verdict.judge_morning(series, refusals)
    except verdict.MorningIncomplete as incomplete:
        troubles = alerts.read_alert(series, refusals)
        title = f"Daybreak: the morning is incomplete in {len(troubles)} places"
        for told in alerting.tell_on_call(title, troubles, context["run_id"], instant_of(context)):
            logger.info("%s", told)
        raise AirflowFailException(str(incomplete)) from None
