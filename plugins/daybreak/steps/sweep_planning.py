"""What a slot of the day sweeps: a request per account with its plan on disk, grouped by the credential they share."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg

from daybreak.accounts import Account
from daybreak.business_dates import local_date, start_of_day
from daybreak.datasets import SWEEPS
from daybreak.landing.parts import Parts
from daybreak.landing.sweeps import Plan, encode_line
from daybreak.settings import Settings
from daybreak.spapi.offers import ITEM_OFFERS, LARGEST_BATCH
from daybreak.steps.access import askable, describe_missing
from daybreak.steps.cadence import Candidate, plan_slot
from daybreak.steps.planning import UNFINISHED_LOADS
from daybreak.warehouse import report_requests, sweeps
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.loads import read_loads
from daybreak.warehouse.missing_access import read_missing_access

logger = logging.getLogger(__name__)

OFFERS_SHARE: Final = 0.75
"""Of a sweep's window for first opinions; the rest is for second ones, which Amazon answers at a third of the rate."""
SWEPT: Final = "offer_snapshot"


@dataclass(frozen=True)
class PlannedGroup:
    """Accounts that share a credential and have something to sweep. ``label`` is what people see in Airflow's grid."""

    credential_id: str
    label: str
    account_ids: tuple[str, ...]


def unswept(accounts: Sequence[Account]) -> dict[str, str]:
    """The active accounts whose offers cannot be looked at, each with the reason and what would change it."""
    reasons: dict[str, str] = {}
    for account in accounts:
        if account.is_active and account.seller_connection_id is None:
            reasons[account.account_id] = "no seller_connection_id in accounts.yml: a vendor's token opens no offers"
        elif account.is_active and not account.amazon_seller_ids:
            reasons[account.account_id] = (
                f"no retail_seller_ids in accounts.yml, and none are known for {account.marketplace_code}: "
                "who is Amazon could not be told from its rivals"
            )
    return reasons


def refused(connection: psycopg.Connection, accounts: Sequence[Account]) -> dict[str, str]:
    """The active accounts whose offers Amazon refused when it was asked last, each with the role that is missing."""
    known = {
        account.account_id: read_missing_access(connection, account.account_id).get(SWEPT)
        for account in accounts
        if account.is_active
    }
    return {
        account_id: describe_missing(missing)
        for account_id, missing in known.items()
        if missing is not None and missing.reason_code == "role_missing"
    }


def plan_sweeps(
    connection: psycopg.Connection, accounts: Sequence[Account], instant: datetime, run_id: str, settings: Settings
) -> list[PlannedGroup]:
    """Writes the sweeps of the slot that holds ``instant``; returns the groups that have work.

    An account to which Amazon refused its offers since the agency's midnight is left for another day.

    Each sweep's plan is on disk before its request is in the ledger. A sweep of an earlier slot that was begun goes on
    until its window ends; one that was not is given up, because its products are due again now.
    """
    sync_accounts(connection, accounts)
    midnight = start_of_day(local_date(instant, settings.agency_time_zone), settings.agency_time_zone)
    skipped = unswept(accounts)
    groups: dict[str, list[Account]] = {}
    for account in accounts:
        if not account.is_active:
            continue
        can_ask = any(each.key == SWEPT for each in askable(connection, account, SWEEPS.values(), midnight))
        if can_ask and account.account_id not in skipped and account.seller_connection_id:
            groups.setdefault(account.seller_connection_id, []).append(account)
    planned: list[PlannedGroup] = []
    for credential_id, members in sorted(groups.items()):
        _plan_group(connection, members, instant, run_id, settings)
        busy = [account for account in members if _has_work(connection, account)]
        if busy:
            label = ", ".join(account.name for account in busy)
            planned.append(PlannedGroup(credential_id, label, tuple(account.account_id for account in busy)))
    return planned


def plan_one(
    connection: psycopg.Connection, account: Account, asins: Sequence[str], instant: datetime, settings: Settings
) -> None:
    """Writes a sweep of ``asins``, or of what is due at ``instant`` where none are named, outside the slots."""
    wanted = list(asins) or [each.asin for each in plan_slot(_candidates(connection, account, instant), instant, 10**9)]
    if wanted:
        _write_sweep(
            connection, account, f"{instant.astimezone(UTC):%H%M%S}", wanted, instant, "command line", settings
        )


def _plan_group(
    connection: psycopg.Connection, members: Sequence[Account], instant: datetime, run_id: str, settings: Settings
) -> None:
    slot_code = f"{instant.astimezone(UTC):%H%M}"
    candidates = [each for account in members for each in _candidates(connection, account, instant)]
    capacity = int(settings.sweep_window_minutes * 60 * OFFERS_SHARE * ITEM_OFFERS.rate * LARGEST_BATCH)
    chosen = plan_slot(candidates, instant, capacity)
    due = len(plan_slot(candidates, instant, len(candidates)))
    if due > len(chosen):
        logger.warning(
            "%d products are due and %d fit into the window of %s: the less urgent ones wait for a later slot",
            due,
            len(chosen),
            ", ".join(account.account_id for account in members),
        )
    for account in members:
        _give_up_stale(connection, account, slot_code, instant, settings)
        asins = [each.asin for each in chosen if each.account_id == account.account_id]
        day = local_date(instant, account.marketplace.time_zone)
        if asins and not sweeps.is_requested(connection, account.account_id, SWEPT, slot_code, day):
            _write_sweep(connection, account, slot_code, asins, instant, run_id, settings)


def _candidates(connection: psycopg.Connection, account: Account, instant: datetime) -> list[Candidate]:
    day = local_date(instant, account.marketplace.time_zone)
    return [
        Candidate(account.account_id, each.asin, each.priority_code, each.is_lost, each.observed_at)
        for each in sweeps.read_candidates(connection, account.account_id, day)
    ]


def _write_sweep(
    connection: psycopg.Connection,
    account: Account,
    slot_code: str,
    asins: Sequence[str],
    instant: datetime,
    run_id: str,
    settings: Settings,
) -> None:
    day = local_date(instant, account.marketplace.time_zone)
    request_id = report_requests.insert_request(connection, account.account_id, SWEPT, slot_code, (day, day), run_id)
    now = datetime.now(UTC)
    plan = Plan(
        business_date=day,
        planned_at=now,
        until=now + timedelta(minutes=settings.sweep_window_minutes),
        asins=tuple(asins),
    )
    # Before the caller commits: a plan without a request is never read, a request without a plan could not be made.
    Parts.of(settings.landing, account.account_id, request_id).write(0, [encode_line(plan)])
    logger.info("%s: %d products to look at, until %s UTC", account.account_id, len(asins), f"{plan.until:%H:%M}")


def _give_up_stale(
    connection: psycopg.Connection, account: Account, slot_code: str, instant: datetime, settings: Settings
) -> None:
    day = local_date(instant, account.marketplace.time_zone)
    for request in report_requests.read_open_requests(connection, account.account_id):
        is_this = (request.variant_code, request.window_start_date) == (slot_code, day)
        if request.dataset_code == SWEPT and request.asking_at is None and not is_this:
            reason = "its slot passed before it began; its products are due again in the next"
            report_requests.finish_request(connection, account.account_id, request.request_id, "failed", "skip", reason)
            Parts.of(settings.landing, account.account_id, request.request_id).discard()


def _has_work(connection: psycopg.Connection, account: Account) -> bool:
    is_open = any(
        request.dataset_code in SWEEPS for request in report_requests.read_open_requests(connection, account.account_id)
    )
    return is_open or any(
        load.dataset_code in SWEEPS for load in read_loads(connection, account.account_id, UNFINISHED_LOADS)
    )
