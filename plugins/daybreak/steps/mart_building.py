"""Builds the marts of an account, each after those that it reads: into candidate, through the gate, published."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg

from daybreak.accounts import Account
from daybreak.business_dates import days, week_days
from daybreak.settings import Settings
from daybreak.steps.gating import gate_build
from daybreak.warehouse import builds
from daybreak.warehouse.account_lock import account_lock
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.mart_reach import build_order, marts_behind
from daybreak.warehouse.marts import PublishedCounts, mark_dependents, publish_build, read_dates_to_change, run_build

logger = logging.getLogger(__name__)

WEEK_MARTS = ("buy_box_weekly", "buy_box_incident", "buy_box_recovery")
"""What a client is told of a week on Monday."""
_LOCK_SECONDS = 1_800


@dataclass(frozen=True)
class BuiltSpan:
    """What became of one account's build: a sentence, and the rows that changed (None when its gate blocked it)."""

    sentence: str
    counts: PublishedCounts | None

    @property
    def is_published(self) -> bool:
        return self.counts is not None


def build_due(account: Account, last_date: date, settings: Settings, dsn: str | None = None) -> list[BuiltSpan]:
    """Builds, gates and publishes each mart of ``account`` for its dirty or absent days among the newest ``mart_days``.

    None when every mart is up to date. ``last_date`` is the day before the morning. A mart whose gate blocks it keeps
    what was published before; the marts that read it are built from that, and are owed once more when it has changed.
    """
    first_date = last_date - timedelta(days=settings.mart_days - 1)
    return build_owed(account, first_date, last_date, last_date, dsn)


def build_week(account: Account, week_end_date: date, last_date: date, dsn: str | None = None) -> list[BuiltSpan]:
    """Builds, gates and publishes what ``mart.buy_box_weekly`` of that week is made of, it and its incidents and their
    recovery, for the week's dirty or absent days, however long ago; none when all of it is up to date. ``last_date`` is
    the day before the morning.

    Raises:
        AccountBusy: another process has built the account's marts for longer than one waits.
    """
    first_date = week_days(week_end_date)[0]
    return build_owed(account, first_date, week_end_date, last_date, dsn, marts=marts_behind(*WEEK_MARTS))


@contextmanager
def one_builder(account: Account, dsn: str | None = None) -> Iterator[None]:
    """Until its end no other process builds what the account owes: a dawn gives up what it finds unfinished, and must
    not find what a repair, a Monday or a night is about to publish.

    Raises:
        AccountBusy: another process has built the account's marts for longer than one waits.
    """
    with account_lock(f"{account.account_id} marts", dsn, _LOCK_SECONDS):
        yield


def build_owed(
    account: Account,
    first: date,
    last: date,
    last_date: date,
    dsn: str | None = None,
    *,
    marts: Sequence[str] | None = None,
) -> list[BuiltSpan]:
    """As ``build_due``, for the dirty or absent days from ``first`` to ``last`` of ``marts`` (default all of them).

    Raises:
        AccountBusy: another process has built the account's marts for longer than one waits.
    """
    outcomes: list[BuiltSpan] = []
    with one_builder(account, dsn):
        with transaction(dsn, role="transformer") as connection:
            builds.abandon_unfinished(connection, account.account_id)
        for mart in marts or build_order():
            with transaction(dsn, role="transformer") as connection:
                owed = owed_days(connection, account.account_id, mart, first, last)
            if owed:
                outcomes += build_span([account], mart, min(owed), max(owed), dsn, last_date=last_date)
    return outcomes


def build_span(
    accounts: Sequence[Account],
    mart: str,
    first: date,
    last: date,
    dsn: str | None = None,
    *,
    last_date: date | None = None,
) -> list[BuiltSpan]:
    """Builds ``mart`` for ``accounts`` from ``first`` to ``last``, both included; publishes what passes its gate.

    The marts that read it owe the days that the change reaches, up to ``last_date`` (default ``last``).
    """
    with transaction(dsn, role="transformer") as connection:
        build_ids = run_build(connection, mart, [(account.account_id, first, last) for account in accounts])
    return [
        _gate_and_publish(account, build_id, dsn, last_date or last)
        for account, build_id in zip(accounts, build_ids, strict=True)
    ]


def _gate_and_publish(account: Account, build_id: int, dsn: str | None, last_date: date) -> BuiltSpan:
    with transaction(dsn, role="transformer") as connection:
        build = builds.read_build(connection, account.account_id, build_id)
    blocked = gate_build(account, build, dsn)
    if blocked:
        logger.error(blocked)
        return BuiltSpan(blocked, None)
    with transaction(dsn, role="transformer") as connection:
        changed_dates = read_dates_to_change(connection, account.account_id, build_id)
        counts = publish_build(connection, account.account_id, build_id)
        builds.clear_dirty_days(connection, account.account_id, build_id)
        if counts.changed_rows:
            mark_dependents(connection, account.account_id, build, last_date, changed_dates)
    sentence = f"{account.account_id} {build.label}: {counts}"
    logger.info(sentence)
    return BuiltSpan(sentence, counts)


def owed_days(connection: psycopg.Connection, account_id: str, mart: str, first: date, last: date) -> set[date]:
    """The days from ``first`` to ``last`` that the mart has not been built for, or whose facts changed since."""
    dirty = builds.read_dirty_dates(connection, account_id, mart, first, last)
    present = builds.read_built_dates(connection, account_id, mart, first, last)
    return dirty | (set(days(first, last)) - present)
