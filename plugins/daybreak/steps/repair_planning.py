"""What one repair run owes: the dates of its window that can be had and are not there, written to the ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import psycopg

from daybreak.accounts import Account
from daybreak.business_dates import local_date, newest_control_date, start_of_day, windows
from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.settings import Settings
from daybreak.steps.access import askable
from daybreak.steps.mart_building import owed_days
from daybreak.steps.planning import UNFINISHED_LOADS
from daybreak.steps.repair_outlook import Span, foresee_series
from daybreak.warehouse.account_lock import lock_planning
from daybreak.warehouse.account_registry import register_account
from daybreak.warehouse.loads import read_loads
from daybreak.warehouse.mart_reach import build_order
from daybreak.warehouse.report_requests import insert_request, read_open_requests

LONGEST_WINDOW_DAYS: Final = 15
"""Amazon's longest vendor report: one run of a repair asks for no more days."""


class RepairRefused(ValueError):
    """The days, accounts or datasets asked for cannot be repaired; says which and why."""


@dataclass(frozen=True)
class RepairScope:
    """Which days of which accounts and datasets are repaired. Days are both included."""

    span: Span
    accounts: tuple[Account, ...]
    dataset_codes: tuple[str, ...]


@dataclass(frozen=True)
class PlannedRepair:
    """One account with something to do in a window: plain values, as its tasks are given them."""

    account_id: str
    label: str
    from_date: str
    to_date: str
    dataset_codes: list[str]
    new_requests: int
    coming: int


def choose_scope(
    accounts: Sequence[Account],
    span: Span,
    account_ids: Collection[str],
    dataset_codes: Collection[str],
    instant: datetime,
    settings: Settings,
) -> RepairScope:
    """The scope that a person asked for; of no accounts or datasets named: all active accounts, all of the dawn's.

    Raises:
        RepairRefused: the ends are exchanged, the days lie in the future, or a name is not known.
    """
    first, last = span
    if last < first:
        raise RepairRefused(f"the last day {last} is before the first day {first}: exchange them")
    today = local_date(instant, settings.agency_time_zone)
    if last > today:
        raise RepairRefused(f"{last} is in the future: the last day can be {today} at most")
    by_id = {each.account_id: each for each in accounts}
    if unknown := sorted(set(account_ids) - by_id.keys()):
        raise RepairRefused(
            f"no account {', '.join(unknown)} in {settings.accounts_path}; there are: {', '.join(by_id) or 'none'}"
        )
    if unknown := sorted(set(dataset_codes) - DATASETS.keys()):
        raise RepairRefused(f"no dataset {', '.join(unknown)}; there are: {', '.join(DATASETS)}")
    if supplied := [key for key in dataset_codes if key not in DAWN_DATASETS and not DATASETS[key].role]:
        raise RepairRefused(f"{', '.join(supplied)} comes in the client's own files: daybreak load FILE")
    chosen = tuple(by_id[key] for key in by_id if (key in account_ids if account_ids else by_id[key].is_active))
    if inactive := [each.account_id for each in chosen if not each.is_active]:
        raise RepairRefused(f"{', '.join(inactive)} is not active in {settings.accounts_path}: nothing is asked for it")
    return RepairScope(span, chosen, tuple(key for key in DATASETS if key in (dataset_codes or DATASETS)))


def windows_of(span: Span) -> list[Span]:
    """The span in windows of 15 days, the oldest first: what older days change in later marts is built once, after."""
    first, last = span
    length = timedelta(days=LONGEST_WINDOW_DAYS)
    starts = [first + length * number for number in range((last - first).days // LONGEST_WINDOW_DAYS + 1)]
    return [(start, min(last, start + length - timedelta(days=1))) for start in starts]


def plan_repair(
    connection: psycopg.Connection, scope: RepairScope, instant: datetime, run_id: str, settings: Settings
) -> list[PlannedRepair]:
    """Writes the requests for the window's dates that Amazon can still give and that are neither published nor open.

    Returns the accounts that have something to do: such requests, open ones of whoever planned them, documents on
    their way, or marts that owe a day of the window.
    """
    midnight = start_of_day(local_date(instant, settings.agency_time_zone), settings.agency_time_zone)
    planned: list[PlannedRepair] = []
    for account in scope.accounts:
        register_account(connection, account)
        lock_planning(connection, account.account_id)
        new, coming = _ask(connection, account, scope, instant, run_id, midnight)
        if new or coming or is_unfinished(connection, account, scope.span, instant):
            planned.append(
                PlannedRepair(
                    account.account_id,
                    account.name,
                    scope.span[0].isoformat(),
                    scope.span[1].isoformat(),
                    list(scope.dataset_codes),
                    new,
                    coming,
                )
            )
    return planned


def is_unfinished(connection: psycopg.Connection, account: Account, span: Span, instant: datetime) -> bool:
    """Whether a document of the account is on its way, or a mart owes a day of ``span``."""
    if read_loads(connection, account.account_id, UNFINISHED_LOADS):
        return True
    first, last = span[0], min(span[1], newest_control_date(instant, account.marketplace.time_zone))
    return any(owed_days(connection, account.account_id, mart, first, last) for mart in build_order())


def _ask(
    connection: psycopg.Connection,
    account: Account,
    scope: RepairScope,
    instant: datetime,
    run_id: str,
    midnight: datetime,
) -> tuple[int, int]:
    """Writes the account's requests; returns how many are new, and how many series had open ones already."""
    open_requests = read_open_requests(connection, account.account_id)
    wanted_datasets = [DATASETS[key] for key in scope.dataset_codes if key in DAWN_DATASETS]
    new = coming = 0
    for dataset in askable(connection, account, wanted_datasets, midnight):
        for variant in dataset.variants(account):
            outlook = foresee_series(connection, account, dataset, variant, scope.span, instant, open_requests)
            coming += bool(outlook.coming)
            for window in windows(list(outlook.wanted), dataset.longest_window_days):
                insert_request(connection, account.account_id, dataset.key, variant, window, run_id, "backfill")
                new += 1
    return new, coming


def read_window(from_date: str, to_date: str) -> Span:
    """The window that a run's parameters name.

    Raises:
        RepairRefused: a value is no date, or the window is longer than one run takes.
    """
    try:
        first, last = date.fromisoformat(from_date), date.fromisoformat(to_date)
    except ValueError:
        raise RepairRefused(
            f"from_date {from_date!r} and to_date {to_date!r} must be dates such as 2026-03-01"
        ) from None
    if (last - first).days >= LONGEST_WINDOW_DAYS:
        raise RepairRefused(
            f"{first} to {last} are {(last - first).days + 1} days and one run takes {LONGEST_WINDOW_DAYS}: "
            f"'daybreak backfill --from {first} --to {last}' makes a run of each such part"
        )
    return first, last
