"""The tasks of the dawn graph: each reads the run's instant and account, calls its step, and says what became of it."""

import logging
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from airflow.sdk import Context, get_current_context
from airflow.sdk.exceptions import AirflowFailException

from daybreak.accounts import Account, read_accounts
from daybreak.business_dates import newest_control_date
from daybreak.orchestration.connections import find_account
from daybreak.settings import get_settings
from daybreak.steps import digest, gating, mart_building, planning, publishing, verdict
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
    """Keeps each account's morning in ``ops.morning`` as it stands; says what is new since the last run."""
    context = get_current_context()
    kept: dict[str, str] = {}
    for account in read_accounts(get_settings().accounts_path):
        if account.is_active:
            outcome = digest.keep_morning(account, _instant(context), context["run_id"])
            logger.info("%s: %s", account.account_id, outcome)
            kept[account.account_id] = outcome
    return kept


def judge() -> str:
    """Red when any slice is due and missing, blocked or refused, naming each of them."""
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
