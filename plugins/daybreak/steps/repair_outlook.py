"""What of past days Amazon can still give, what is there or on its way, and what cannot exist any more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg

from daybreak.accounts import Account
from daybreak.business_dates import windows
from daybreak.datasets import DATASETS, SWEEPS
from daybreak.sources import ClientFile, Dataset
from daybreak.steps.access import describe_missing, has_credential
from daybreak.warehouse.missing_access import MissingAccess, read_missing_access
from daybreak.warehouse.report_requests import OpenRequest, read_open_requests
from daybreak.warehouse.slices import read_slices

Span = tuple[date, date]
"""First and last day, both included."""


@dataclass(frozen=True)
class SeriesOutlook:
    """The dates of one account, dataset and view in a span, each in one of five states; ``why_gone`` and ``no_access``
    are in words."""

    account_id: str
    dataset_code: str
    variant_code: str
    wanted: tuple[date, ...] = ()
    """To be asked for."""
    coming: tuple[date, ...] = ()
    """An open request covers them, whoever planned it."""
    present: tuple[date, ...] = ()
    """Published, or Amazon has nothing for them."""
    gone: tuple[date, ...] = ()
    early: tuple[date, ...] = ()
    """Amazon has not published them yet."""
    why_gone: str = ""
    no_access: str | None = None

    @property
    def label(self) -> str:
        return f"{self.account_id} {self.dataset_code}{' ' + self.variant_code if self.variant_code else ''}"

    @property
    def request_count(self) -> int:
        """How many requests the wanted dates take."""
        return len(windows(list(self.wanted), DATASETS[self.dataset_code].longest_window_days))


def foresee(
    connection: psycopg.Connection,
    accounts: Sequence[Account],
    dataset_codes: Collection[str],
    span: Span,
    instant: datetime,
) -> list[SeriesOutlook]:
    """The outlook of every series of the accounts and datasets that has a date in ``span``; changes nothing.

    What the clients supply in files of their own is not among them.
    """
    found: list[SeriesOutlook] = []
    for account in accounts:
        open_requests = read_open_requests(connection, account.account_id)
        refused = read_missing_access(connection, account.account_id)
        found += [
            foresee_series(connection, account, dataset, variant, span, instant, open_requests, refused.get(key))
            for key, dataset in DATASETS.items()
            if key in dataset_codes and not isinstance(dataset, ClientFile)
            for variant in dataset.variants(account)
            if dataset.dates_touching(*span)
        ]
    return found


def foresee_series(
    connection: psycopg.Connection,
    account: Account,
    dataset: Dataset,
    variant: str,
    span: Span,
    instant: datetime,
    open_requests: Sequence[OpenRequest],
    refused: MissingAccess | None = None,
) -> SeriesOutlook:
    """The outlook of one series. A date of which too little came is wanted once more, as at dawn."""
    zone = account.marketplace.time_zone
    newest = dataset.calendar.newest_due(instant, zone)
    oldest = newest - timedelta(days=dataset.lookback_days - 1)
    dates = dataset.dates_touching(*span)
    known = read_slices(connection, account.account_id, dataset.key, variant, min(dates), max(dates)) if dates else {}
    states: dict[str, list[date]] = {}
    for day in dates:
        slice_ = known.get(day)
        is_whole = slice_ is not None and not slice_.is_partial
        if is_whole and dataset.calendar.is_complete(day, slice_.requested_at, instant, zone):  # type: ignore[union-attr]
            state = "present"
        elif day > newest:
            state = "early"
        elif day < oldest or dataset.key in SWEEPS:
            state = "present" if slice_ is not None else "gone"
        else:
            is_open = any(
                (each.dataset_code, each.variant_code) == (dataset.key, variant) and each.covers(day)
                for each in open_requests
            )
            state = "coming" if is_open else "wanted"
        states.setdefault(state, []).append(day)
    return SeriesOutlook(
        account.account_id,
        dataset.key,
        variant,
        **{state: tuple(held) for state, held in states.items()},
        why_gone=why_gone(dataset, oldest),
        no_access=_no_access(account, dataset, refused),
    )


def why_gone(dataset: Dataset, oldest: date) -> str:
    """Why the dates before ``oldest`` cannot be had of Amazon any more."""
    if dataset.calendar.code == "observation":
        return "is seen on its day or never: no call gives it afterwards"
    if dataset.calendar.code == "generation":
        return "Amazon gives the newest forecast only"
    return f"Amazon gives it back to {oldest} only"


def _no_access(account: Account, dataset: Dataset, refused: MissingAccess | None) -> str | None:
    if refused is not None:
        return describe_missing(refused)
    if not has_credential(account, dataset):
        return f"no second credential, and with it role {dataset.role}"
    return None
