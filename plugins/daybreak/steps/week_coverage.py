"""What of a finished week can be relied on: which days were looked at, which Amazon has published, what is built."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import psycopg

from daybreak.accounts import Account
from daybreak.business_dates import finished_weeks, start_of_day, week_days
from daybreak.datasets import DATASETS
from daybreak.steps.access import describe_missing
from daybreak.steps.mart_building import WEEK_MARTS
from daybreak.steps.sweep_planning import refused, unswept
from daybreak.warehouse.builds import read_builds, read_built_dates, read_dirty_dates
from daybreak.warehouse.client_reports import read_last_report
from daybreak.warehouse.missing_access import read_missing_access
from daybreak.warehouse.report_requests import read_last_reasons
from daybreak.warehouse.slices import read_first_date, read_known_dates

WEEKS_BACK = 4
"""So many finished weeks are looked at on a Monday: one that was missed is made up for, and one that was closed before
Amazon had published its last days gets its final edition."""
OBSERVED = "offer_snapshot"
OFFICIAL = "featured_offer_loss_daily"
HISTORY = "sales_daily"


@dataclass(frozen=True)
class WeekCoverage:
    """One account's finished week. The dates are days of the week, in order.

    ``unseen_dates``: nobody looked at the offers, and nobody ever can. ``unlooked``: why the account's offers are not
    looked at at all. ``lacking_dates``: Amazon's official figures are due and not there, ``reasons`` says why where it
    is known; ``unreadable``: the role that is missing. ``undue_dates``: Amazon has until ``complete_at``.
    """

    account_id: str
    week_end_date: date
    unseen_dates: tuple[date, ...] = ()
    unlooked: str | None = None
    lacking_dates: tuple[date, ...] = ()
    reasons: tuple[str, ...] = ()
    unreadable: str | None = None
    undue_dates: tuple[date, ...] = ()
    complete_at: datetime | None = None
    unbuilt: str | None = None
    """Why ``mart.buy_box_weekly`` does not hold the week as the newest facts tell it."""

    @property
    def label(self) -> str:
        return f"{self.account_id} week to {self.week_end_date}"

    @property
    def is_final(self) -> bool:
        """Nothing of the week can still come: it stands as Amazon told it, but for restatements."""
        return not self.unbuilt and not self.lacking_dates and not self.undue_dates

    def losses(self) -> list[str]:
        """What nobody can make up for any more, a sentence each."""
        if not self.unseen_dates:
            return []
        return [f"{self.label}: nobody looked at the offers on {spans(self.unseen_dates)}"]

    def faults(self) -> list[str]:
        """What is wrong with the week and can still be repaired, a sentence each."""
        found = []
        if self.lacking_dates:
            why = f" ({'; '.join(self.reasons)})" if self.reasons else ""
            found.append(f"{self.label}: {OFFICIAL} is due and missing for {spans(self.lacking_dates)}{why}")
        if self.unbuilt:
            found.append(f"{self.label}: {self.unbuilt}")
        return found

    def remarks(self) -> list[str]:
        """What a reader should know besides and nobody need repair, a sentence each."""
        found = []
        if self.unlooked:
            found.append(f"{self.label}: the offers are not looked at: {self.unlooked}")
        if self.unreadable:
            found.append(f"{self.label}: {OFFICIAL}: {self.unreadable}")
        if self.undue_dates and self.complete_at:
            found.append(
                f"{self.label}: Amazon has until {self.complete_at:%Y-%m-%d %H:%M} UTC to publish {OFFICIAL} of "
                f"{spans(self.undue_dates)}; a final edition follows"
            )
        return found


def read_coverage(
    connection: psycopg.Connection, account: Account, week_end_date: date, instant: datetime
) -> WeekCoverage:
    """How far the account's week that ends on ``week_end_date`` is covered and built at ``instant``.

    Days before the account's offers were first looked at, or before the first official figure, are not missing.
    """
    week = week_days(week_end_date)
    zone = account.marketplace.time_zone
    official = DATASETS[OFFICIAL].calendar
    newest_due = official.newest_due(instant, zone)
    absent = _absent(connection, account.account_id, OFFICIAL, week)
    lacking = tuple(day for day in absent if day <= newest_due)
    undue = tuple(day for day in absent if day > newest_due)
    denied = read_missing_access(connection, account.account_id).get(OFFICIAL)
    unlooked = unswept([account]).get(account.account_id) or refused(connection, [account]).get(account.account_id)
    reasons = read_last_reasons(connection, account.account_id, OFFICIAL, "", list(lacking)) if lacking else {}
    return WeekCoverage(
        account.account_id,
        week_end_date,
        () if unlooked else _absent(connection, account.account_id, OBSERVED, week),
        unlooked,
        () if denied else lacking,
        tuple(sorted({each.reason for each in reasons.values() if each.reason})) if not denied else (),
        describe_missing(denied) if denied and (lacking or undue) else None,
        () if denied else undue,
        start_of_day(undue[-1] + timedelta(days=1), zone) + official.lag if undue and not denied else None,
        _why_unbuilt(connection, account.account_id, week_end_date),
    )


def owed_weeks(connection: psycopg.Connection, account: Account, instant: datetime) -> list[date]:
    """The Saturdays of the finished weeks without a final report, the oldest first; the newest week always has one due.

    Weeks before the account's first published sales day are not owed.
    """
    newest, *older = finished_weeks(instant, account.marketplace.time_zone, WEEKS_BACK)
    first = read_first_date(connection, account.account_id, HISTORY)
    weeks = [each for each in reversed(older) if first is not None and first <= each] + [newest]
    return [each for each in weeks if not _has_final_report(connection, account, each)]


def spans(dates: Sequence[date]) -> str:
    """Days in words: neighbours as ``2026-03-01 to 2026-03-03``."""
    told = []
    for _, run in groupby(enumerate(dates), lambda each: each[1] - timedelta(days=each[0])):
        found = [day for _, day in run]
        told.append(f"{found[0]}" if len(found) == 1 else f"{found[0]} to {found[-1]}")
    return ", ".join(told)


def _absent(
    connection: psycopg.Connection, account_id: str, dataset_code: str, week: Sequence[date]
) -> tuple[date, ...]:
    first = read_first_date(connection, account_id, dataset_code) or week[0]
    known = read_known_dates(connection, account_id, dataset_code, week[0], week[-1])
    return tuple(day for day in week if day >= first and day not in known)


def _why_unbuilt(connection: psycopg.Connection, account_id: str, week_end_date: date) -> str | None:
    # A mark alone is no fault: facts may have come since. With a blocked build it is what the gate held back.
    mart, *_ = WEEK_MARTS
    blocked = [
        each
        for each in read_builds(connection, account_id, "blocked")
        if each.mart_code in WEEK_MARTS
        and each.from_date <= week_end_date <= each.to_date
        and read_dirty_dates(connection, account_id, each.mart_code, week_end_date, week_end_date)
    ]
    if blocked:
        return f"{blocked[-1].label} is blocked: {blocked[-1].reason}"
    built = read_built_dates(connection, account_id, mart, week_end_date, week_end_date)
    return None if built else f"mart.{mart} is not built"


def _has_final_report(connection: psycopg.Connection, account: Account, week_end_date: date) -> bool:
    kept = read_last_report(connection, account.account_id, week_end_date, account.spoken_language)
    return kept is not None and kept.is_final
