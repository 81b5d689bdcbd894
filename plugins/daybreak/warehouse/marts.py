"""Builds marts into ``candidate`` and publishes what passed its gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import psycopg

from daybreak.business_dates import days
from daybreak.settings import SQL_DIR
from daybreak.warehouse.builds import Build
from daybreak.warehouse.mart_reach import dependent_marts
from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class PublishedCounts:
    """Rows of a mart that publishing a build changed."""

    inserted: int
    updated: int
    removed: int

    @property
    def changed_rows(self) -> int:
        return self.inserted + self.updated + self.removed

    def __str__(self) -> str:
        return f"{self.inserted} rows new, {self.updated} changed, {self.removed} gone"


def run_build(connection: psycopg.Connection, mart: str, spans: Sequence[tuple[str, date, date]]) -> list[int]:
    """Builds ``mart`` for each (account, first day, last day), set-based in one statement, into its candidate table.

    Returns the build ids in the order of ``spans``. Nothing is visible in the mart yet. A mart whose rows later facts
    change (an incident that is still open) has ``first_date.sql``: its span begins at the oldest row that can change.
    """
    build_ids: list[int] = []
    widening = f"mart/{mart}/first_date" if (SQL_DIR / "mart" / mart / "first_date.sql").exists() else None
    for account_id, asked_first, last in spans:
        first = asked_first
        if widening is not None:
            oldest = connection.execute(
                statement(widening), {"account_id": account_id, "from_date": asked_first, "to_date": last}
            ).fetchone()
            first = min(asked_first, oldest[0] or asked_first) if oldest else asked_first
        row = connection.execute(
            statement("ops/build/start_build"),
            {"account_id": account_id, "mart_code": mart, "from_date": first, "to_date": last},
        ).fetchone()
        if row is None:
            raise RuntimeError(f"{account_id} mart.{mart}: the build was not written")
        build_ids.append(row[0])
    # Above the default, what a large catalogue groups and joins spills to disk or is sorted instead of hashed.
    connection.execute("set local work_mem = '64MB'")
    try:
        connection.execute(statement(f"mart/{mart}/build"), {"build_ids": build_ids})
    except psycopg.Error as error:
        asked = ", ".join(f"{account_id} {first} to {last}" for account_id, first, last in spans)
        error.add_note(f"while mart.{mart} was built for {asked}")
        raise
    return build_ids


def publish_build(connection: psycopg.Connection, account_id: str, build_id: int) -> PublishedCounts:
    """Makes the build's account and days in the mart equal to its candidate rows; equal rows stay untouched.

    Raises:
        psycopg.errors.RaiseException: the build did not pass its gate.
    """
    row = connection.execute(
        statement("ops/build/publish_build"), {"account_id": account_id, "build_id": build_id}
    ).fetchone()
    if row is None:
        raise RuntimeError(f"{account_id} build {build_id}: publishing returned nothing")
    return PublishedCounts(*row)


def read_dates_to_change(connection: psycopg.Connection, account_id: str, build_id: int) -> list[date]:
    """The days of a gated build on which publishing it changes a row, oldest first; the only day of a build of one."""
    rows = connection.execute(
        statement("ops/build/read_dates_to_change"), {"account_id": account_id, "build_id": build_id}
    ).fetchall()
    return [changed_date for (changed_date,) in rows]


def mark_dependents(
    connection: psycopg.Connection,
    account_id: str,
    build: Build,
    last_date: date,
    changed_dates: Sequence[date] | None = None,
) -> None:
    """The marts that read the build's mart owe the days that ``changed_dates`` reach, up to ``last_date``.

    Without ``changed_dates`` every day of the build may have changed.
    """
    if changed_dates is None:
        changed_dates = days(build.from_date, build.to_date)
    for mart, reach_days in dependent_marts(f"mart.{build.mart_code}"):
        connection.execute(
            statement("ops/dirty_mart/mark_days"),
            {
                "account_id": account_id,
                "mart_code": mart,
                "days": list(changed_dates),
                "reach_days": reach_days,
                "last_date": last_date,
                "settling_days": 0,
            },
        )
