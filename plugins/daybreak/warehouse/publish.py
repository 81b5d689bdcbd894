"""Publishes one load in one transaction: all of its days that are newer than what is published, or nothing."""

from dataclasses import dataclass
from datetime import date, timedelta

import psycopg
from psycopg import ClientCursor

from daybreak.datasets import DATASETS
from daybreak.warehouse.loads import Load, lock_load, lock_series, update_load
from daybreak.warehouse.mart_reach import dependent_marts
from daybreak.warehouse.staging_tables import drop_staging_table, is_whole
from daybreak.warehouse.statements import statement

# Amazon restates figures of about two weeks: a day counts as settled once this many newer days are published.
SETTLING_DAYS = 15


class RestageNeeded(Exception):
    """The staging table does not hold what publishing needs: decode the landed file once more, then publish."""


class NotPublishable(RuntimeError):
    """The load's state or verdict does not allow publishing; says what to do."""


@dataclass(frozen=True)
class Published:
    """What publishing one load did: rows by kind, and its days by what became of them."""

    inserted: int = 0
    updated: int = 0
    removed: int = 0
    published_days: tuple[date, ...] = ()
    unchanged_days: tuple[date, ...] = ()
    older_days: tuple[date, ...] = ()

    @property
    def changed_rows(self) -> int:
        return self.inserted + self.updated + self.removed


def publish_load(connection: psycopg.Connection, account_id: str, load: Load, *, last_mart_date: date) -> Published:
    """Publishes ``load`` within the caller's transaction; repeating it changes nothing.

    Days for which a newer payload is published are refused (Amazon's lastUpdatedDate, then the time of the request).
    Dependent marts are marked dirty up to ``last_mart_date``.

    Raises:
        NotPublishable: the load was not gated, or its gate blocked it and nobody released it.
        RestageNeeded: the staged rows are gone or incomplete (an unlogged table after a crash), or a day that equalled
            the published one when it was staged no longer does.
    """
    key: dict[str, object] = {"account_id": account_id, "load_id": load.load_id}
    series = {"account_id": account_id, "dataset_code": load.dataset_code, "variant_code": load.variant_code}
    lock_series(connection, account_id, load)
    status, known_at = lock_load(connection, account_id, load.load_id)
    if status in ("published", "superseded"):
        return Published()
    if status not in ("gated", "released"):
        raise NotPublishable(
            f"{account_id} load {load.load_id} ({load.dataset_code}) is {status}: only a load that passed its gate, or "
            f"that was released with 'daybreak gate release {load.load_id} --reason …', can be published"
        )
    decisions = _decide(connection, key)
    days = decisions.get("publish", [])
    if decisions.get("restage") or (days and not is_whole(connection, load)):
        raise RestageNeeded
    if status == "released":
        connection.execute(statement("ops/quarantine/quarantine_duplicates"), {**key, **series})
    counts = (0, 0, 0)
    if days:
        counts = _merge(connection, {**key, **series, "days": days, "known_at": known_at}, load.dataset_code)
        # Also without a changed row: a day that is published empty counts as a day without sales from now on.
        _mark_marts(connection, account_id, load.dataset_code, days, last_mart_date)
    _note(connection, {**key, **series, "days": days}, removed=counts[2], unchanged=decisions.get("unchanged", []))
    outcome = "published" if days or decisions.get("unchanged") else "superseded"
    values = {"status_code": outcome, "inserted": counts[0], "updated": counts[1], "removed": counts[2]}
    update_load(connection, account_id, load.load_id, "mark_published", values)
    drop_staging_table(connection, load.dataset_code, load.load_id)
    return Published(
        *counts,
        published_days=tuple(days),
        unchanged_days=tuple(decisions.get("unchanged", [])),
        older_days=tuple(decisions.get("older", [])),
    )


def _decide(connection: psycopg.Connection, key: dict[str, object]) -> dict[str, list[date]]:
    decisions: dict[str, list[date]] = {}
    for business_date, decision in connection.execute(statement("ops/load_slice/decide_slices"), key):
        decisions.setdefault(decision, []).append(business_date)
    return decisions


def _merge(connection: psycopg.Connection, values: dict[str, object], dataset_code: str) -> tuple[int, int, int]:
    """Runs the dataset's publish.sql; returns rows inserted, updated and removed."""
    connection.execute(statement("ops/load/bind_staging_table"), values)
    connection.execute(statement("ops/load/make_month_partitions"), values)
    # A client-side cursor: publish.sql may be several statements that share their parameters.
    with ClientCursor(connection) as cursor:
        cursor.execute(statement(f"core/{dataset_code}/publish"), values)
        counts = [cursor.rowcount]
        while cursor.nextset():
            counts.append(cursor.rowcount)
    if len(counts) == 1:
        return counts[0], 0, 0  # what is never restated is only added
    to_history, removed, merged = counts
    updated = to_history - removed
    return merged - updated, updated, removed


def _note(connection: psycopg.Connection, values: dict[str, object], *, removed: int, unchanged: list[date]) -> None:
    if values["days"]:
        connection.execute(statement("ops/slice/upsert_published"), values)
        dataset = DATASETS[str(values["dataset_code"])]
        if dataset.shows_appearance:
            connection.execute(statement("core/product/note_first_seen"), {**values, "removed": removed > 0})
            connection.execute(statement("core/product/describe_prefilled"), {**values, "seen_on": values["days"]})
        if dataset.describes_products:
            connection.execute(statement("core/product/describe_prefilled"), {**values, "seen_on": None})
    if unchanged:
        connection.execute(statement("ops/slice/confirm_slices"), {**values, "days": unchanged})


def _mark_marts(
    connection: psycopg.Connection, account_id: str, dataset_code: str, days: list[date], last_date: date
) -> None:
    dataset = DATASETS[dataset_code]
    for mart, reach_days in dependent_marts(f"core.{dataset.key}"):
        # What holds until it is replaced holds on the newest days, however long ago it began.
        oldest = last_date - timedelta(days=reach_days)
        changed = sorted({max(day, oldest) for day in days}) if dataset.holds_until_replaced else days
        connection.execute(
            statement("ops/dirty_mart/mark_days"),
            {
                "account_id": account_id,
                "mart_code": mart,
                "days": changed,
                "reach_days": reach_days,
                "last_date": last_date,
                "settling_days": SETTLING_DAYS,
            },
        )
