"""Builds the marts of an account for the days that need it: build into candidate, gate, publish."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from daybreak.accounts import Account
from daybreak.business_dates import days
from daybreak.settings import SQL_DIR, Settings
from daybreak.steps.gating import gate_build
from daybreak.warehouse import builds
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.marts import PublishedCounts, publish_build, run_build

logger = logging.getLogger(__name__)


def mart_names() -> list[str]:
    """Every mart that has a ``build.sql``, in alphabetical order."""
    return sorted(path.parent.name for path in (SQL_DIR / "mart").glob("*/build.sql"))


def build_due(account: Account, last_date: date, settings: Settings, dsn: str | None = None) -> list[int]:
    """Builds each mart of ``account`` for the span of its dirty or absent days among the newest ``mart_days``.

    Returns the ids of the builds; none when every mart is up to date. ``last_date`` is the day before the morning.
    """
    first_date = last_date - timedelta(days=settings.mart_days - 1)
    build_ids: list[int] = []
    for mart in mart_names():
        with transaction(dsn, role="transformer") as connection:
            needed = builds.read_dirty_dates(connection, account.account_id, mart, first_date, last_date)
            present = builds.read_built_dates(connection, account.account_id, mart, first_date, last_date)
            needed |= set(days(first_date, last_date)) - present
            if needed:
                build_ids += run_build(connection, mart, [(account.account_id, min(needed), max(needed))])
    return build_ids


def publish_gated_builds(account: Account, dsn: str | None = None) -> dict[int, PublishedCounts]:
    """Publishes every build of ``account`` that passed its gate, each in a transaction of its own."""
    with transaction(dsn, role="transformer") as connection:
        ready = builds.read_builds(connection, account.account_id, "gated")
    return {build.build_id: publish_one_build(account, build, dsn) for build in ready}


def publish_one_build(account: Account, build: builds.Build, dsn: str | None = None) -> PublishedCounts:
    """Publishes one gated build and answers the marks of its days, in one transaction."""
    with transaction(dsn, role="transformer") as connection:
        counts = publish_build(connection, account.account_id, build.build_id)
        builds.clear_dirty_days(connection, account.account_id, build.build_id)
    logger.info("%s %s: %s", account.account_id, build.label, counts)
    return counts


@dataclass(frozen=True)
class BuiltSpan:
    """What became of one account's build."""

    sentence: str
    is_published: bool


def build_span(
    accounts: Sequence[Account], mart: str, first: date, last: date, dsn: str | None = None
) -> list[BuiltSpan]:
    """Builds ``mart`` for ``accounts`` from ``first`` to ``last``, both included; publishes what passes its gate."""
    with transaction(dsn, role="transformer") as connection:
        build_ids = run_build(connection, mart, [(account.account_id, first, last) for account in accounts])
    outcomes: list[BuiltSpan] = []
    for account, build_id in zip(accounts, build_ids, strict=True):
        with transaction(dsn, role="transformer") as connection:
            build = builds.read_build(connection, account.account_id, build_id)
        blocked = gate_build(account, build, dsn)
        if blocked:
            outcomes.append(BuiltSpan(blocked, is_published=False))
            continue
        counts = publish_one_build(account, build, dsn)
        outcomes.append(BuiltSpan(f"{account.account_id} {build.label}: {counts}", is_published=True))
    return outcomes
