"""Loads that a gate blocked or that could not be read, as long as nothing made them good."""

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class Trouble:
    """A load that was blocked or rejected and that nothing later made good."""

    load_id: int
    dataset_code: str
    variant_code: str
    status_code: str
    reason: str | None
    window_start_date: date | None
    window_end_date: date | None

    def touches(self, first: date, last: date) -> bool:
        """Whether it speaks of any day from ``first`` to ``last``; one that could not be read may."""
        if self.window_start_date is None or self.window_end_date is None:
            return True
        return self.window_start_date <= last and self.window_end_date >= first


def read_troubles(connection: psycopg.Connection, account_id: str) -> list[Trouble]:
    """The account's loads that need a person, oldest first."""
    with connection.cursor(row_factory=class_row(Trouble)) as cursor:
        return cursor.execute(statement("ops/load/read_troubles"), {"account_id": account_id}).fetchall()
