"""What a morning owes: computed from its instant and from the ledger, so that a gap fills itself the next time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg

from daybreak.accounts import Account
from daybreak.business_dates import local_date, start_of_day, windows
from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.settings import Settings
from daybreak.sources import Dataset
from daybreak.steps.access import askable
from daybreak.warehouse.account_lock import lock_planning
from daybreak.warehouse.account_registry import register_account, sync_accounts
from daybreak.warehouse.loads import read_loads
from daybreak.warehouse.report_requests import OpenRequest, Purpose, insert_request, read_open_requests
from daybreak.warehouse.slices import Slice, read_slices

UNFINISHED_LOADS = ("landed", "staged", "gated", "released")


HISTORY_RUN = "history"
"""The run under which an onboarding writes its requests: always the same, so that it goes on after any end."""

_WEEK = timedelta(weeks=1)
"""A forecast that is out before it is due is at most so much younger than the due one."""


@dataclass(frozen=True)
class Reach:
    """How far a plan looks back for what is not published, and how many of the newest dates it asks for anew unless
    they were confirmed since ``midnight``; with ``refetch`` even then."""

    gap_days: int
    restatement_days: int
    midnight: datetime
    refetch: bool = False


@dataclass(frozen=True)
class PlannedAccount:
    """One account with something to do this morning. ``label`` is what people see in the Airflow grid."""

    account_id: str
    label: str
    new_requests: int
    open_requests: int


def plan_morning(
    connection: psycopg.Connection,
    accounts: Sequence[Account],
    instant: datetime,
    run_id: str,
    settings: Settings,
    *,
    refetch: bool = False,
    dataset_codes: Collection[str] = DAWN_DATASETS,
) -> list[PlannedAccount]:
    """Writes the requests that the morning of ``instant`` owes and returns the accounts that have work.

    Owed are the due days of the last ``gap_days`` that are not published, and the newest ``restatement_days`` (or the
    dataset's own number, however far back these lie once they are published) unless they were confirmed since the
    agency's midnight. Days that an open request already covers are not asked for again.
    A dataset that Amazon refused to the account since that midnight is left for another day. ``refetch`` asks for the
    whole restatement window, whatever was confirmed or refused; ``dataset_codes`` are those to ask for.
    """
    midnight = start_of_day(local_date(instant, settings.agency_time_zone), settings.agency_time_zone)
    reach = Reach(settings.gap_days, settings.restatement_days, midnight, refetch)
    sync_accounts(connection, accounts)
    planned: list[PlannedAccount] = []
    for account in accounts:
        if not account.is_active:
            continue
        lock_planning(connection, account.account_id)
        open_requests = read_open_requests(connection, account.account_id)
        new = sum(
            len(_plan_series(connection, account, dataset, variant, instant, run_id, reach, open_requests))
            for dataset in askable(connection, account, DATASETS.values(), midnight, again=refetch)
            if dataset.key in dataset_codes
            for variant in dataset.variants(account)
        )
        unfinished = read_loads(connection, account.account_id, UNFINISHED_LOADS)
        own = [each for each in open_requests if not is_left_to_backfill(each, account, instant, settings)]
        if new or own or unfinished:
            planned.append(PlannedAccount(account.account_id, account.name, new, len(own)))
    return planned


def plan_history(
    connection: psycopg.Connection,
    account: Account,
    instant: datetime,
    settings: Settings,
    days_by_dataset: Mapping[str, int],
) -> int:
    """Writes the requests for the due days that are not published, as many of each dataset as ``days_by_dataset`` says;
    returns how many are new. What is open or published already is not asked for again.
    """
    register_account(connection, account)
    midnight = start_of_day(local_date(instant, settings.agency_time_zone), settings.agency_time_zone)
    lock_planning(connection, account.account_id)
    open_requests = read_open_requests(connection, account.account_id)
    return sum(
        len(
            _plan_series(
                connection,
                account,
                dataset,
                variant,
                instant,
                HISTORY_RUN,
                Reach(days_by_dataset[dataset.key], 0, midnight),
                open_requests,
                "backfill",
            )
        )
        for dataset in askable(connection, account, DATASETS.values(), midnight)
        if dataset.key in days_by_dataset
        for variant in dataset.variants(account)
    )


def is_left_to_backfill(request: OpenRequest, account: Account, instant: datetime, settings: Settings) -> bool:
    """Whether the request was planned by a backfill and lies further back than a dawn run looks: no morning waits for
    it. What is nearer is loaded by whoever comes first, so that a given up backfill leaves no gap.
    """
    if request.purpose_code != "backfill":
        return False
    dataset = DATASETS[request.dataset_code]
    newest = dataset.calendar.newest_due(instant, account.marketplace.time_zone)
    return request.window_end_date < dataset.oldest_due(newest, settings.gap_days)


def _plan_series(
    connection: psycopg.Connection,
    account: Account,
    dataset: Dataset,
    variant: str,
    instant: datetime,
    run_id: str,
    reach: Reach,
    open_requests: Sequence[OpenRequest],
    purpose: Purpose = "due",
) -> list[int]:
    zone = account.marketplace.time_zone
    newest = dataset.calendar.newest_due(instant, zone)
    restated = reach.restatement_days if dataset.restated_dates is None else dataset.restated_dates
    first_owed, oldest = _reach_back(dataset, newest, restated, reach.gap_days)
    known = read_slices(connection, account.account_id, dataset.key, variant, oldest, newest + _WEEK)
    given = [] if is_overtaken(dataset, known, newest) else dataset.calendar.dates(oldest, newest)
    due = [day for day in given if day >= first_owed or day in known]
    owed = owed_days(known, due, reach.midnight, restated, refetch=reach.refetch)
    partial = [
        day
        for day, slice_ in known.items()
        if day <= newest
        and day not in owed
        and (slice_.is_partial or not dataset.calendar.is_complete(day, slice_.requested_at, instant, zone))
    ]
    same_series = [r for r in open_requests if (r.dataset_code, r.variant_code) == (dataset.key, variant)]
    wanted = [day for day in [*owed, *partial] if not any(request.covers(day) for request in same_series)]
    return [
        insert_request(connection, account.account_id, dataset.key, variant, window, run_id, purpose)
        for window in windows(wanted, dataset.longest_window_days)
    ]


def is_overtaken(dataset: Dataset, known: Mapping[date, Slice], newest: date) -> bool:
    """Whether a later forecast came before it was due: Amazon gives the newest only, so what is due cannot be had."""
    return dataset.calendar.code == "generation" and any(day > newest for day in known)


def _reach_back(dataset: Dataset, newest: date, restated: int, gap_days: int) -> tuple[date, date]:
    """From which date on every date is owed, and from which on those that were published are asked for anew."""
    first_owed = dataset.oldest_due(newest, gap_days)
    given = dataset.calendar.dates(newest - timedelta(days=dataset.lookback_days - 1), newest) if restated else []
    return first_owed, min([first_owed, *given[-restated:][:1]])


def owed_days(
    known: dict[date, Slice], due: Sequence[date], midnight: datetime, restatement_days: int, *, refetch: bool
) -> list[date]:
    """Those of the ``due`` dates, which are in order, that must be asked for.

    A date is owed when it is not in the ledger, or when it is one of the newest ``restatement_days`` and was not
    confirmed since ``midnight``.
    """
    restated = set(due[-restatement_days:]) if restatement_days else set()
    return [
        day for day in due if day not in known or (day in restated and (refetch or known[day].confirmed_at < midnight))
    ]
