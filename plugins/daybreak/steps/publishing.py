"""Publishes the loads that passed their gate, whatever became of the others."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from daybreak.accounts import Account
from daybreak.datasets import DATASETS
from daybreak.landing.failures import LandingFailure
from daybreak.settings import Settings
from daybreak.steps.staging import reject_unreadable, restage_load
from daybreak.warehouse import loads
from daybreak.warehouse.engine import full_disk_named, transaction
from daybreak.warehouse.publish import Published, RestageNeeded, publish_load

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublishedLoad:
    """One published load and what it did."""

    load: loads.Load
    published: Published


def publish_gated(
    account: Account,
    last_mart_date: date,
    settings: Settings,
    dsn: str | None = None,
    *,
    dataset_codes: Collection[str] = DATASETS.keys(),
) -> list[PublishedLoad]:
    """Publishes every gated and every released load of ``account`` and ``dataset_codes``, oldest first.

    Each has a transaction of its own.

    One that must be staged anew and whose landed file is gone is rejected in the ledger; the others go on.
    """
    with transaction(dsn) as connection:
        ready: Sequence[loads.Load] = loads.read_loads(connection, account.account_id, ["gated", "released"])
    done: list[PublishedLoad] = []
    for load in ready:
        if load.dataset_code not in dataset_codes:
            continue
        try:
            done.append(PublishedLoad(load, publish_one(account, load, last_mart_date, settings, dsn)))
        except LandingFailure:
            # Told by publish_one, kept in the ledger and named by the verdict; the other loads have their files.
            continue
    return done


def publish_one(
    account: Account, load: loads.Load, last_mart_date: date, settings: Settings, dsn: str | None = None
) -> Published:
    """Publishes ``load``; stages it anew first where its staging table no longer holds what publishing needs.

    Raises:
        LandingFailure: the load had to be staged anew and its landed file is gone or changed; it is rejected.
        NotPublishable: the load was not gated, or its gate blocked it and nobody released it.
        WarehouseDiskFull: nothing is published.
    """
    try:
        with full_disk_named(f"{account.account_id} load {load.load_id} ({load.dataset_code})"):
            published = _publish(account, load, last_mart_date, settings, dsn)
    except LandingFailure as failure:
        logger.error("%s", reject_unreadable(account, load, failure, ("gated", "released"), dsn))  # noqa: TRY400
        raise
    logger.info(
        "%s load %s (%s %s to %s): %d rows new, %d changed, %d gone; days: %d published, %d unchanged, %d older",
        account.account_id,
        load.load_id,
        load.dataset_code,
        load.window_start_date,
        load.window_end_date,
        published.inserted,
        published.updated,
        published.removed,
        len(published.published_days),
        len(published.unchanged_days),
        len(published.older_days),
    )
    return published


def _publish(
    account: Account, load: loads.Load, last_mart_date: date, settings: Settings, dsn: str | None
) -> Published:
    try:
        with transaction(dsn) as connection:
            return publish_load(connection, account.account_id, load, last_mart_date=last_mart_date)
    except RestageNeeded:
        with transaction(dsn) as connection:
            restaged = restage_load(connection, account, load, settings)
            return publish_load(connection, account.account_id, restaged, last_mart_date=last_mart_date)
