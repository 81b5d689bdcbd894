"""What the dawn graph does before and after the work on its accounts: plan, what is kept of the morning, verdict."""

import logging
from dataclasses import asdict

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from daybreak.accounts import read_accounts
from daybreak.orchestration.account_steps import Planned, instant_of
from daybreak.settings import get_settings
from daybreak.steps import digest, planning, verdict
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
    """Keeps each account's morning in ``ops.morning`` as it stands; says what is new since the last run."""
    context = get_current_context()
    kept: dict[str, str] = {}
    for account in read_accounts(get_settings().accounts_path):
        if account.is_active:
            outcome = digest.keep_morning(account, instant_of(context), context["run_id"])
            logger.info("%s: %s", account.account_id, outcome)
            kept[account.account_id] = outcome
    return kept


def judge() -> str:
    """Red when any slice is due and missing, blocked or refused, naming each of them."""
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
        raise AirflowFailException(str(incomplete)) from None
