"""Publishes a load that its gate blocked, because a person says so, with name and reason kept."""

from collections.abc import Callable
from datetime import UTC, datetime

from daybreak.accounts import Account
from daybreak.business_dates import newest_control_date
from daybreak.settings import Settings
from daybreak.steps.publishing import publish_one
from daybreak.warehouse import loads
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.publish import NotPublishable


def release_load(
    load_id: int,
    released_by: str,
    reason: str,
    find_account: Callable[[str], Account],
    settings: Settings,
    dsn: str | None = None,
) -> str:
    """Releases and publishes load ``load_id``; returns in words what that did.

    Raises:
        NotPublishable: there is no such load, or it is not blocked.
    """
    with transaction(dsn) as connection:
        load = loads.read_load(connection, load_id)
        if load is None:
            raise NotPublishable(f"there is no load {load_id}; 'daybreak status' lists the loads that were blocked")
        values = {"released_by": released_by, "release_reason": reason}
        if not loads.update_load(connection, load.account_id, load_id, "release_load", values):
            raise NotPublishable(
                f"load {load_id} ({load.account_id} {load.dataset_code}) is {load.status_code}, not blocked: "
                "only what a gate blocked can be released"
            )
        released = loads.read_load(connection, load_id)
    account = find_account(load.account_id)
    if released is None:
        raise NotPublishable(f"load {load_id} vanished while it was released")
    last_mart_date = newest_control_date(datetime.now(UTC), account.marketplace.time_zone)
    published = publish_one(account, released, last_mart_date, settings, dsn)
    with transaction(dsn) as connection:
        published_load = loads.read_load(connection, load_id)
    put_aside = published_load.quarantined_row_count if published_load else None
    if not published.published_days and not published.unchanged_days:
        return f"load {load_id} is released, but newer figures are published for all of its days: nothing changed"
    return (
        f"load {load_id} ({load.account_id} {load.dataset_code}) is released by {released_by} and published: "
        f"{published.inserted} rows new, {published.updated} changed, {published.removed} gone"
        + (f"; {put_aside} rows stay out, in quarantine: daybreak gate quarantine {load_id}" if put_aside else "")
    )
