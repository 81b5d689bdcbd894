"""The ledger of mart builds: which days a mart owes, and what each build made of them."""

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class Build:
    """One mart built for one account and a span of days, both ends included."""

    build_id: int
    mart_code: str
    from_date: date
    to_date: date
    verdict_code: str | None
    reason: str | None

    @property
    def label(self) -> str:
        return f"mart.{self.mart_code} {self.from_date} to {self.to_date} (build {self.build_id})"


def abandon_unfinished(connection: psycopg.Connection, account_id: str) -> None:
    """Builds that a process left between building and publishing are over; their candidate rows are gone."""
    connection.execute(statement("ops/build/abandon_unfinished"), {"account_id": account_id})


def read_builds(connection: psycopg.Connection, account_id: str, status_code: str) -> list[Build]:
    """The account's builds in ``status_code``, oldest first."""
    with connection.cursor(row_factory=class_row(Build)) as cursor:
        return cursor.execute(
            statement("ops/build/read_builds_by_status"), {"account_id": account_id, "status_code": status_code}
        ).fetchall()


def mark_gated(
    connection: psycopg.Connection, account_id: str, build_id: int, status_code: str, verdict_code: str, reason: str
) -> None:
    """Writes the gate's verdict on a build: ``gated`` may be published, ``blocked`` may not."""
    connection.execute(
        statement("ops/build/mark_gated"),
        {
            "account_id": account_id,
            "build_id": build_id,
            "status_code": status_code,
            "verdict_code": verdict_code,
            "reason": reason,
        },
    )


def read_dirty_dates(
    connection: psycopg.Connection, account_id: str, mart_code: str, first: date, last: date
) -> set[date]:
    """Days from ``first`` to ``last`` on which a fact that the mart reads has changed since its last build."""
    return _dates(connection, "ops/dirty_mart/read_dates", account_id, mart_code, first, last)


def read_dirty_months(
    connection: psycopg.Connection, account_id: str, mart_code: str, keep_from: date, before: date
) -> list[tuple[date, date]]:
    """First and last dirty day from ``keep_from`` to before ``before`` of each month that has one, the newest first."""
    rows = connection.execute(
        statement("ops/dirty_mart/read_months"),
        {"account_id": account_id, "mart_code": mart_code, "keep_from": keep_from, "before_date": before},
    )
    return [(row[0], row[1]) for row in rows]


def read_built_dates(
    connection: psycopg.Connection, account_id: str, mart_code: str, first: date, last: date
) -> set[date]:
    """Days from ``first`` to ``last`` that some published build of the mart covered."""
    return _dates(connection, "ops/build/read_built_dates", account_id, mart_code, first, last)


def clear_dirty_days(connection: psycopg.Connection, account_id: str, build_id: int) -> None:
    """The build answered its days' marks, except those set after it began."""
    connection.execute(statement("ops/dirty_mart/clear_days"), {"account_id": account_id, "build_id": build_id})


def _dates(
    connection: psycopg.Connection, name: str, account_id: str, mart_code: str, first: date, last: date
) -> set[date]:
    rows = connection.execute(
        statement(name), {"account_id": account_id, "mart_code": mart_code, "from_date": first, "to_date": last}
    )
    return {row[0] for row in rows}


def read_build(connection: psycopg.Connection, account_id: str, build_id: int) -> Build:
    """The build of that id.

    Raises:
        LookupError: the account has no such build.
    """
    with connection.cursor(row_factory=class_row(Build)) as cursor:
        found = cursor.execute(
            statement("ops/build/read_build"), {"account_id": account_id, "build_id": build_id}
        ).fetchone()
    if found is None:
        raise LookupError(f"{account_id} has no build {build_id}")
    return found
