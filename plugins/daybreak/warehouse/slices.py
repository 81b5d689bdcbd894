"""The ledger's unit: one account, dataset, view and day, and what is published of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class Slice:
    """One published day (``no_data``: Amazon said that it has nothing for it)."""

    business_date: date
    status_code: Literal["published", "no_data"]
    row_count: int
    content_hash: str
    requested_at: datetime
    confirmed_at: datetime


def read_slices(
    connection: psycopg.Connection, account_id: str, dataset_code: str, variant_code: str, first: date, last: date
) -> dict[date, Slice]:
    """The slices of one series from ``first`` to ``last``, both included, by day."""
    with connection.cursor(row_factory=class_row(Slice)) as cursor:
        rows = cursor.execute(
            statement("ops/slice/read_slices"),
            {
                "account_id": account_id,
                "dataset_code": dataset_code,
                "variant_code": variant_code,
                "from_date": first,
                "to_date": last,
            },
        ).fetchall()
    return {row.business_date: row for row in rows}
