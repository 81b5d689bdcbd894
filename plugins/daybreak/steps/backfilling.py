"""What a backfill of any length would do: which dates it fetches, in which windows, and how long the quotas make it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from daybreak.accounts import Account
from daybreak.business_dates import describe_spans, windows
from daybreak.datasets import DATASETS
from daybreak.steps.arrival_prediction import Workloads, predict_arrival, workloads_of, workloads_of_orders
from daybreak.steps.repair_outlook import SeriesOutlook, Span, foresee
from daybreak.steps.repair_planning import (
    LONGEST_WINDOW_DAYS,
    RepairRefused,
    RepairScope,
    is_unfinished,
    windows_of,
)
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.report_requests import read_open_requests


@dataclass(frozen=True)
class Prospect:
    """What a backfill would do. ``windows`` are those with something to do, the oldest first."""

    outlooks: tuple[SeriesOutlook, ...]
    windows: tuple[Span, ...]
    requests: int
    """New ones, and those on their way already."""
    seconds: float
    """Until the last document is there, by what is left of Amazon's quotas now."""

    @property
    def is_beyond(self) -> bool:
        """Whether nothing of it is there and nothing can be had any more."""
        return not self.windows and bool(self.gone) and not any(each.present or each.early for each in self.outlooks)

    @property
    def gone(self) -> list[SeriesOutlook]:
        return [each for each in self.outlooks if each.gone]

    def refuse_beyond(self) -> None:
        """
        Raises:
            RepairRefused: all of it lies further back than Amazon gives; says how far back that is.
        """
        if self.is_beyond:
            reasons = dict.fromkeys(f"{each.dataset_code} {each.why_gone}" for each in self.gone)
            raise RepairRefused(f"nothing of these days can be had any more: {'; '.join(reasons)}")


def foresee_backfill(scope: RepairScope, instant: datetime, dsn: str | None = None) -> Prospect:
    """What a backfill of ``scope`` that is begun at ``instant`` would do; asks nobody and changes nothing."""
    with transaction(dsn) as connection:
        outlooks = foresee(connection, scope.accounts, scope.dataset_codes, scope.span, instant)
        worked = [
            window
            for number, window in enumerate(windows_of(scope.span))
            if _has_work(connection, scope, outlooks, number, window, instant)
        ]
        requests, work = _work(connection, scope, outlooks)
    return Prospect(tuple(outlooks), tuple(worked), requests, predict_arrival(work, dsn))


def spans_to_fetch(outlook: SeriesOutlook, first: date) -> list[Span]:
    """The requests that the wanted dates take, when each window of a backfill that begins at ``first`` asks for its
    own; none where access is missing."""
    if outlook.no_access:
        return []
    by_window: dict[int, list[date]] = {}
    for day in outlook.wanted:
        by_window.setdefault(_window_number(day, first), []).append(day)
    longest = DATASETS[outlook.dataset_code].longest_window_days
    return [span for number in sorted(by_window) for span in sorted(windows(by_window[number], longest))]


def describe_outlook(outlook: SeriesOutlook, first: date) -> dict[str, object]:
    """One row for people and programs: what becomes of each date of the series."""
    reasons = [outlook.why_gone] if outlook.gone else []
    if outlook.no_access:
        reasons.append(outlook.no_access)
    return {
        "account_id": outlook.account_id,
        "dataset": outlook.dataset_code,
        "view": outlook.variant_code or None,
        "to_fetch": None if outlook.no_access else describe_spans(outlook.wanted) or None,
        "requests": len(spans_to_fetch(outlook, first)) or None,
        "on_its_way": describe_spans(outlook.coming) or None,
        "published_days": len(outlook.present),
        "not_out_yet": describe_spans(outlook.early) or None,
        "cannot_be_had": describe_spans(outlook.wanted + outlook.gone if outlook.no_access else outlook.gone) or None,
        "why": "; ".join(reasons) or None,
    }


def _window_number(day: date, first: date) -> int:
    """Of a month that began before the first window, the first one."""
    return max(0, (day - first).days // LONGEST_WINDOW_DAYS)


def _has_work(
    connection: psycopg.Connection,
    scope: RepairScope,
    outlooks: Sequence[SeriesOutlook],
    number: int,
    window: Span,
    instant: datetime,
) -> bool:
    """Whether anything of the window is to be fetched, or of what is there something is not built yet."""
    first = scope.span[0]

    def touches(dates: Sequence[date]) -> bool:
        return any(_window_number(day, first) == number for day in dates)

    if any(touches(each.coming) or (touches(each.wanted) and not each.no_access) for each in outlooks):
        return True
    with_days = {each.account_id for each in outlooks if touches(each.present)}
    return any(
        is_unfinished(connection, account, window, instant)
        for account in scope.accounts
        if account.account_id in with_days
    )


def _work(
    connection: psycopg.Connection, scope: RepairScope, outlooks: Sequence[SeriesOutlook]
) -> tuple[int, dict[str, Workloads]]:
    """How many requests there are to wait for, and what is left to do for them by credential."""
    count, work = 0, dict[str, Workloads]()
    for account in scope.accounts:
        own = [each for each in outlooks if each.account_id == account.account_id]
        orders = Counter[str]()
        for each in own:
            orders[each.dataset_code] += len(spans_to_fetch(each, scope.span[0]))
        coming = {(each.dataset_code, each.variant_code): each.coming for each in own}
        open_requests = [
            each
            for each in read_open_requests(connection, account.account_id)
            if any(each.covers(day) for day in coming.get((each.dataset_code, each.variant_code), ()))
        ]
        count += orders.total() + len(open_requests)
        loads = [workloads_of_orders(orders), workloads_of(open_requests), *_known(work, account)]
        work[account.vendor_connection_id] = tuple(sum(parts[1:], parts[0]) for parts in zip(*loads, strict=True))
    return count, work


def _known(work: dict[str, Workloads], account: Account) -> list[Workloads]:
    """What other accounts of the same credential have to do."""
    return [work[account.vendor_connection_id]] if account.vendor_connection_id in work else []
