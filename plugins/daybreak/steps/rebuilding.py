"""Builds anew what Amazon restated, or what was loaded, further back than a dawn run builds: month by month."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daybreak.accounts import Account
from daybreak.business_dates import newest_control_date
from daybreak.datasets import PERIOD_REPORTS
from daybreak.settings import Settings
from daybreak.steps.mart_building import build_span, one_builder
from daybreak.warehouse.builds import read_dirty_months
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.mart_reach import build_order
from daybreak.warehouse.slices import read_first_date


@dataclass
class Rebuilt:
    """How many months of marts were built, how many are left for another night, and what a gate held back, in words."""

    built: int = 0
    left: int = 0
    blocked: list[str] = field(default_factory=list)


def rebuild_restated(
    accounts: Sequence[Account], instant: datetime, settings: Settings, dsn: str | None = None
) -> Rebuilt:
    """Builds, gates and publishes the dirty days that lie before those of a dawn run, from the account's first report
    on; marks older than marts are kept stay for retention.

    Each mart after those that it reads, its newest month first, at most ``rebuild_months`` of them for all accounts
    together. A month that a gate blocks keeps what was published and is tried again the next time.
    """
    rebuilt = Rebuilt()
    for account in accounts:
        if account.is_active:
            with one_builder(account, dsn):
                _rebuild(account, instant, settings, dsn, rebuilt)
    return rebuilt


def _rebuild(account: Account, instant: datetime, settings: Settings, dsn: str | None, rebuilt: Rebuilt) -> None:
    last_date = newest_control_date(instant, account.marketplace.time_zone)
    before = last_date - timedelta(days=settings.mart_days - 1)
    with transaction(dsn) as connection:
        known = [read_first_date(connection, account.account_id, dataset) for dataset in PERIOD_REPORTS]
    # A first published day also marks days before it: without a catalogue they have no row, and a gate lets none pass.
    first_known = min((day for day in known if day is not None), default=before)
    keep_from = max(first_known, last_date - timedelta(days=settings.keep_mart_days))
    for mart in build_order():
        with transaction(dsn, role="transformer") as connection:
            months = read_dirty_months(connection, account.account_id, mart, keep_from, before)
        affordable = max(0, settings.rebuild_months - rebuilt.built)
        for first, last in months[:affordable]:
            outcomes = build_span([account], mart, first, last, dsn, last_date=last_date)
            rebuilt.blocked += [each.sentence for each in outcomes if not each.is_published]
            rebuilt.built += 1
        rebuilt.left += len(months[affordable:])
