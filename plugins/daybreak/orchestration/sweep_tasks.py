"""The tasks of the sweep graph: each does its step for the accounts of a credential, whatever became of the others."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from airflow.sdk import Context, get_current_context
from airflow.sdk.exceptions import AirflowFailException

from daybreak.accounts import Account, read_accounts
from daybreak.business_dates import newest_control_date
from daybreak.datasets import SWEEPS
from daybreak.landing.failures import LandingFailure
from daybreak.orchestration.connections import UnknownAccount, find_account
from daybreak.settings import get_settings
from daybreak.spapi.credentials import CredentialError
from daybreak.steps import gating, publishing, sweep_planning, sweep_verdict
from daybreak.warehouse.account_lock import AccountBusy
from daybreak.warehouse.engine import WarehouseDiskFull, transaction

logger = logging.getLogger(__name__)

Group = dict[str, Any]
# What concerns one account of a group and leaves the others whole.
OF_ONE_ACCOUNT = (UnknownAccount, CredentialError, AccountBusy, LandingFailure, WarehouseDiskFull)


def plan() -> list[Group]:
    """Writes the slot's sweeps to the ledger; returns the groups of accounts that have work, one mapped task each."""
    context = get_current_context()
    settings = get_settings()
    accounts = read_accounts(settings.accounts_path)
    with transaction() as connection:
        groups = sweep_planning.plan_sweeps(connection, accounts, instant_of(context), context["run_id"], settings)
        skipped = sweep_planning.unswept(accounts) | sweep_planning.refused(connection, accounts)
    if skipped:
        logger.info("not swept: %s", "; ".join(f"{name}: {reason}" for name, reason in skipped.items()))
    return [asdict(group) for group in groups]


def gate_offers(group: Group) -> None:
    """Judges every staged sweep of the group; red when one is blocked, with the reasons."""
    _for_each(group, lambda account: gating.gate_staged(account, dataset_codes=SWEEPS))


def publish_offers(group: Group) -> None:
    """Publishes the sweeps that passed, whatever the others did."""
    settings = get_settings()
    instant = instant_of(get_current_context())

    def publish(account: Account) -> Sequence[str]:
        last_date = newest_control_date(instant, account.marketplace.time_zone)
        publishing.publish_gated(account, last_date, settings, dataset_codes=SWEEPS)
        return ()

    _for_each(group, publish)


def judge() -> str:
    """Red when a sweep of this run failed or left products out, naming them; says which accounts are not swept."""
    context = get_current_context()
    accounts = read_accounts(get_settings().accounts_path)
    with transaction() as connection:
        try:
            skipped = sweep_planning.unswept(accounts) | sweep_planning.refused(connection, accounts)
            return sweep_verdict.judge_run(connection, context["run_id"], skipped)
        except sweep_verdict.SweepIncomplete as incomplete:
            raise AirflowFailException(str(incomplete)) from None


def instant_of(context: Context) -> datetime:
    """The moment that the run stands for: slots come from it, never from the clock of the machine."""
    run = context["dag_run"]
    instant: datetime = run.logical_date or run.run_after
    return instant


def accounts_of(group: Group, context: Context, failures: list[str]) -> Iterator[Account]:
    """The accounts of the group that are still in the accounts file; of the others ``failures`` tells."""
    context["account_label"] = group["label"]
    for account_id in group["account_ids"]:
        try:
            yield find_account(account_id)
        except UnknownAccount as unknown:
            failures.append(str(unknown))


def _for_each(group: Group, step: Callable[[Account], Sequence[str]]) -> None:
    """Runs ``step`` for every account; red at the end with what it returned or what stopped it."""
    failures: list[str] = []
    for account in accounts_of(group, get_current_context(), failures):
        try:
            failures += step(account)
        except OF_ONE_ACCOUNT as failure:
            failures.append(str(failure))
    if failures:
        raise AirflowFailException("\n".join(failures))
