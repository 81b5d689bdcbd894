"""Builds marts into ``candidate`` and publishes what passed its gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import psycopg

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

    Returns the build ids in the order of ``spans``. Nothing is visible in the mart yet.
    """
    build_ids: list[int] = []
    for account_id, first, last in spans:
        row = connection.execute(
            statement("ops/build/start_build"),
            {"account_id": account_id, "mart_code": mart, "from_date": first, "to_date": last},
        ).fetchone()
        if row is None:
            raise RuntimeError(f"{account_id} mart.{mart}: the build was not written")
        build_ids.append(row[0])
    connection.execute(statement(f"mart/{mart}/build"), {"build_ids": build_ids})
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
