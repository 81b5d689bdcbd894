"""The ledger's unit: one account, dataset, view and day, and what is published of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class Slice:
    """One published day (``no_data``: Amazon said that it has nothing for it; ``expired``: kept long enough)."""

    business_date: date
    status_code: Literal["published", "no_data", "expired"]
    row_count: int
    content_hash: str
    requested_at: datetime
    confirmed_at: datetime
    is_partial: bool = False
    """Amazon did not deliver more than one in twenty of its rows; what it delivered is published."""


@dataclass(frozen=True)
class DayElsewhere:
    """How many other accounts' newest reports of a day have rows, and how many have none although they usually do."""

    filled_account_count: int
    empty_account_count: int


def read_day_elsewhere(
    connection: psycopg.Connection, account_id: str, dataset_code: str, business_date: date
) -> DayElsewhere:
    """What the reports of the other active accounts say of a day, published or on their way."""
    with connection.cursor(row_factory=class_row(DayElsewhere)) as cursor:
        found = cursor.execute(
            statement("ops/slice/read_day_elsewhere"),
            {"account_id": account_id, "dataset_code": dataset_code, "business_date": business_date},
        ).fetchone()
    return found or DayElsewhere(0, 0)


def read_older_days(connection: psycopg.Connection, account_id: str, load_id: int) -> frozenset[date]:
    """The days of a load for which a newer payload is published: publishing it would refuse them."""
    decisions = connection.execute(
        statement("ops/load_slice/decide_slices"), {"account_id": account_id, "load_id": load_id}
    )
    return frozenset(day for day, decision in decisions if decision == "older")


@dataclass(frozen=True)
class NewestSlice:
    """What was asked for last of a dataset, of all that is published of it."""

    variant_code: str
    business_date: date
    requested_at: datetime


def read_newest_slice(
    connection: psycopg.Connection,
    account_id: str,
    dataset_code: str,
    variant_code: str | None,
    asked_before: datetime,
) -> NewestSlice | None:
    """The published slice that was asked for last before that instant; ``variant_code`` None: of any variant."""
    with connection.cursor(row_factory=class_row(NewestSlice)) as cursor:
        return cursor.execute(
            statement("ops/slice/read_newest_slice"),
            {
                "account_id": account_id,
                "dataset_code": dataset_code,
                "variant_code": variant_code,
                "asked_before": asked_before,
            },
        ).fetchone()


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


def read_known_dates(
    connection: psycopg.Connection, account_id: str, dataset_code: str, first: date, last: date
) -> set[date]:
    """The days from ``first`` to ``last`` of which any variant of the dataset is published or known to have no data."""
    rows = connection.execute(
        statement("ops/slice/read_known_dates"),
        {"account_id": account_id, "dataset_code": dataset_code, "from_date": first, "to_date": last},
    )
    return {row[0] for row in rows}


def read_first_date(connection: psycopg.Connection, account_id: str, dataset_code: str) -> date | None:
    """The oldest day of the dataset in the ledger; None when there is none."""
    row = connection.execute(
        statement("ops/slice/read_first_date"), {"account_id": account_id, "dataset_code": dataset_code}
    ).fetchone()
    return row[0] if row else None
